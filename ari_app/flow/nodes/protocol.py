"""Give the caller a protocol number."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ari_app.flow import speech
from ari_app.flow.kinds import Between, Doc, Prompts, VariableName
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.commands import IssueProtocol
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished, ProtocolIssued, TimerFired


class ProtocolNode(Node, frozen=True, kw_only=True):
    """Opens a case and says its protocol number, more than once; a key skips the rest (C17)."""

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("failed", "No number could be given just now.", like="next"),
    )
    TEXT_VARIABLES: ClassVar[tuple[str, ...]] = ("into",)
    EXAMPLE: ClassVar[str] = """
    complaint-number:
      type: protocol
      kind: complaint
      prompt: protocol/complaint-registered
      next: any-operator
    """

    kind: Annotated[
        Literal["complaint", "order", "support", "information", "cancellation"],
        Doc("What the case is about."),
    ]
    also: Annotated[
        tuple[Literal["complaint", "order", "support", "information", "cancellation"], ...],
        Doc("Other matters that come this way, for the prover of `flow check --profile`."),
    ] = ()
    prompt: Annotated[Prompts, Doc("Said before the number.")] = ()
    times: Annotated[int, Between(1, 3), Doc("How often the number is said.")] = 2
    into: Annotated[VariableName | None, Doc("Text variable that takes the number.")] = None

    def implicit_prompts(self) -> tuple[str, ...]:
        return ("protocol/your-number", "protocol/repeat")

    def enter(self, turn: Turn) -> Step:
        turn.answer()
        turn.do(IssueProtocol(self.kind))
        turn.timer("protocol", 5.0)
        return Wait("protocol")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match wait.stage, signal:
            case "protocol", ProtocolIssued(protocol):
                turn.cancel("protocol")
                turn.change(protocol=protocol)
                if self.into is not None:
                    turn.set(self.into, protocol)
                return self._say(turn, protocol)
            case "protocol", TimerFired("protocol"):
                return Leave("failed")
            case "number", (PlaybackFinished() | DigitReceived()):
                return Leave()
        return wait

    def resume(self, turn: Turn, wait: Wait) -> Step:
        protocol = turn.get("protocol")
        return self._say(turn, protocol) if wait.stage == "number" and protocol else wait

    def _say(self, turn: Turn, protocol: str) -> Step:
        number = speech.say_protocol(protocol, turn.language)
        again = ("protocol/repeat", *number) * (self.times - 1)
        turn.play((*self.prompt, "protocol/your-number", *number, *again))
        return Wait("number")
