"""End the call."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Between, Doc, Prompts
from ari_app.flow.node import Exit, Finish, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, PlaybackFinished


class HangupNode(Node, frozen=True, kw_only=True):
    """Ends the call, also from within a sub-flow; with `prompt` after a last word."""

    EXITS: ClassVar[tuple[Exit, ...]] = ()
    WAITS: ClassVar[bool] = False
    EXAMPLE: ClassVar[str] = """
    goodbye:
      type: hangup
      prompt: goodbye
    """

    prompt: Annotated[Prompts, Doc("Said before.")] = ()
    cause: Annotated[int, Between(1, 127), Doc("Q.850 cause; 16 is a normal end, 17 busy.")] = 16

    def enter(self, turn: Turn) -> Step:
        if not self.prompt:
            return Finish(self.cause)
        turn.play(self.prompt)
        return Wait("prompt")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        del turn
        return Finish(self.cause) if isinstance(signal, PlaybackFinished) else wait
