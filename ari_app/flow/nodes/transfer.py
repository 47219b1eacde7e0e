"""Connect the caller with one extension, operator or outside number."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ari_app.flow.kinds import END, Doc, Prompts, Seconds, Template
from ari_app.flow.node import Exit, Leave, Node, Step, Wait
from ari_app.flow.templates import render
from ari_app.flow.turn import FlowError, Turn
from ari_app.model.commands import TransferTo
from ari_app.model.signals import AnySignal, PlaybackFinished, TimerFired, TransferEnded

TALK_LIMIT_S = 14_400.0


class TransferNode(Node, frozen=True, kw_only=True):
    """Connects the caller with one operator (by extension), another extension, or an outside number.

    Outside numbers must be allowed by the site (`transfer_numbers`), so that no flow can dial the world.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        Exit("answered", "They talked, and the other side hung up.", END),
        Exit("busy", "The other side is busy."),
        Exit("no_answer", "Nobody answered in time."),
        Exit("failed", "It cannot be reached, or refused."),
    )
    EXAMPLE: ClassVar[str] = """
    front-desk:
      type: transfer
      to: operator
      target: 1001
      ring_s: 20
      on: {otherwise: any-operator}
    """

    to: Annotated[Literal["operator", "extension", "number"], Doc("What `target` is.")]
    target: Annotated[Template, Doc("The extension or number; may use variables: `${extension}`.")]
    ring_s: Annotated[Seconds, Doc("How long it rings.")] = 25.0
    prompt: Annotated[Prompts, Doc("Said before.")] = ()

    def enter(self, turn: Turn) -> Step:
        if self.prompt:
            turn.play(self.prompt)
            return Wait("prompt")
        return self._transfer(turn)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case PlaybackFinished() if wait.stage == "prompt":
                return self._transfer(turn)
            case TransferEnded(outcome):
                return Leave(outcome if outcome in ("answered", "busy", "no_answer") else "failed")
            case TimerFired("transfer"):
                return Leave("failed")
        return wait

    def resume(self, turn: Turn, wait: Wait) -> Step:
        return self.enter(turn) if wait.stage == "prompt" else wait

    def _transfer(self, turn: Turn) -> Step:
        target = render(self.target, turn)
        if not target or len(target) > 40 or not target.replace("+", "").isalnum():
            raise FlowError(f"`{target[:40]}` cannot be dialled")
        if self.to == "number" and target not in turn.site.transfer_numbers:
            raise FlowError(f"transfers to `{target}` are not allowed by the site")
        turn.answer()
        turn.do(TransferTo(self.to, target, self.ring_s))
        turn.timer("transfer", self.ring_s + TALK_LIMIT_S)
        return Wait("transfer")
