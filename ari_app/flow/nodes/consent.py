"""Ask whether the call may be recorded."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Doc, Key, Prompts, Seconds
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.commands import RecordingConsent
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished, TimerFired


class ConsentNode(Node, frozen=True, kw_only=True):
    """Says that the call is recorded; who presses `refuse_key` is served all the same, without audio (M4)."""

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("refused", "The caller does not want to be recorded.", like="next"),
    )
    LISTENS: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    recording:
      type: consent
      prompt: consent/ask
      next: first-menu
    """

    prompt: Annotated[Prompts, Doc("The notice, with the key that refuses.")] = ("consent/ask",)
    refuse_key: Annotated[Key, Doc("The key that refuses.")] = "9"
    refused_prompt: Annotated[Prompts, Doc("Said to those who refuse.")] = ("consent/refused",)
    wait_s: Annotated[Seconds, Doc("Time to refuse after the notice.")] = 2.0

    def enter(self, turn: Turn) -> Step:
        turn.flush()
        turn.play(self.prompt)
        return Wait("notice")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match wait.stage, signal:
            case "notice", DigitReceived() if turn.typeahead[0] == self.refuse_key:
                turn.take_digit()
                return self._refused(turn)
            case "notice", DigitReceived():
                return self._agreed(turn)
            case "notice", PlaybackFinished(failed=True):
                return self._unasked(turn)
            case "notice", PlaybackFinished():
                turn.timer("consent", self.wait_s)
            case "notice", TimerFired("consent"):
                return self._agreed(turn)
            case "refused", PlaybackFinished():
                return Leave("refused")
        return wait

    def _agreed(self, turn: Turn) -> Step:
        """Another key is meant for the next menu: it is kept."""
        turn.do(RecordingConsent(given=True))
        turn.change(consent=True)
        return Leave()

    def _unasked(self, turn: Turn) -> Step:
        """Who did not hear the notice has agreed to nothing."""
        turn.do(RecordingConsent(given=False))
        turn.change(consent=False)
        return Leave("refused")

    def _refused(self, turn: Turn) -> Step:
        turn.do(RecordingConsent(given=False))
        turn.change(consent=False)
        if not self.refused_prompt:
            return Leave("refused")
        turn.play(self.refused_prompt)
        return Wait("refused")
