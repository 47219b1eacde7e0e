"""Record what a caller says: the dialogue that voicemail, messages and survey comments have in common."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.flow.state import Wait
from ari_app.flow.turn import Turn
from ari_app.model.commands import KeepMessage, RecordMessage
from ari_app.model.signals import (
    AnySignal,
    CallerHungUp,
    DigitReceived,
    MessageRecorded,
    PlaybackFinished,
    TimerFired,
)

Outcome = Literal["kept", "empty", "failed"]
MAX_TAKES = 5
MIN_S = 1.0


class Recorder(msgspec.Struct, frozen=True, kw_only=True):
    """How a message is recorded and whether the caller may listen to it and change his mind."""

    kind: Literal["voicemail", "message", "survey"]
    queue: str = ""
    max_s: float = 120.0
    silence_s: float = 4.0
    beep: bool = True
    review: bool = True

    def prompts(self) -> tuple[str, ...]:
        """What the dialogue itself may play."""
        return ("voicemail/review", "menu/invalid") if self.review else ()

    def begin(self, turn: Turn, take: int = 0) -> Wait:
        """Record now; any prompt was played before."""
        turn.stop()
        turn.flush()
        turn.answer()
        turn.serial += 1
        name = f"m{turn.serial}"
        turn.do(RecordMessage(name, self.max_s, self.silence_s, self.beep))
        turn.timer("record", self.max_s + 30.0)
        return Wait("recording", take, notes={"message": name})

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Wait | Outcome:
        """Go on; an outcome when the dialogue is over."""
        match wait.stage, signal:
            case ("recording" | "review" | "listening", CallerHungUp()):
                self._keep(turn, wait)
            case ("recording", MessageRecorded(name=name)) if name == wait.notes["message"]:
                return self._recorded(turn, wait, signal)
            case ("recording", TimerFired("record")):
                return "failed"
            case ("review" | "listening", DigitReceived()):
                return self._reviewed(turn, wait, turn.take_digit() or "")
            case ("listening", PlaybackFinished()):
                return self._review(turn, wait, ("voicemail/review",))
            case ("review", PlaybackFinished(failed=True)):
                return self._keep(turn, wait)
            case ("review", PlaybackFinished()):
                turn.timer("review", 8.0)
            case ("review", TimerFired("review")):
                return self._keep(turn, wait)
        return wait

    def resume(self, turn: Turn, wait: Wait) -> Wait:
        """After a restart: a recording begun before is lost, ask again; a finished one is reviewed again."""
        if wait.stage == "recording":
            return self.begin(turn, wait.attempt)
        return self._review(turn, wait, ("voicemail/review",))

    def _recorded(self, turn: Turn, wait: Wait, signal: MessageRecorded) -> Wait | Outcome:
        turn.cancel("record")
        turn.flush()
        if signal.failed:
            return "failed"
        if signal.duration_s < MIN_S:
            return "empty"
        return self._review(turn, wait, ("voicemail/review",)) if self.review else self._keep(turn, wait)

    def _review(self, turn: Turn, wait: Wait, prompts: tuple[str, ...]) -> Wait:
        turn.play(prompts)
        return Wait("review", wait.attempt, notes=wait.notes)

    def _reviewed(self, turn: Turn, wait: Wait, key: str) -> Wait | Outcome:
        turn.cancel("review")
        match key:
            case "2" if wait.attempt + 1 < MAX_TAKES:
                return self.begin(turn, wait.attempt + 1)
            case "3" if wait.stage == "review":
                turn.play_message(wait.notes["message"], self.max_s)
                return Wait("listening", wait.attempt, notes=wait.notes)
            case "1" | "#":
                turn.stop()
                return self._keep(turn, wait)
        return self._review(turn, wait, ("menu/invalid", "voicemail/review"))

    def _keep(self, turn: Turn, wait: Wait) -> Outcome:
        turn.do(KeepMessage(wait.notes["message"], self.kind, self.queue))
        return "kept"
