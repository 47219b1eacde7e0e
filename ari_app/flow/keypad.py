"""Collect several keys: the part that nodes which ask for numbers have in common."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ari_app.flow.state import Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished, TimerFired

TIMER = "digit"


class Entry(msgspec.Struct, frozen=True):
    """What was keyed in; `timed_out` when the caller pressed nothing at all."""

    digits: str
    timed_out: bool = False


class Keypad(msgspec.Struct, frozen=True, kw_only=True):
    """How keys are collected: up to `most`, ended by `terminator`, silence or the last key."""

    most: int
    terminator: str = "#"
    timeout_s: float = 6.0
    between_s: float = 4.0
    barge_in: bool = True
    stage: str = "digits"

    def begin(self, turn: Turn, prompts: Sequence[str], attempt: int = 0) -> Wait | Entry:
        """Ask. Keys pressed ahead count, the prompt is then skipped."""
        wait = Wait(self.stage, attempt)
        if self.barge_in and turn.typeahead:
            return self._take(turn, wait)
        turn.cancel(TIMER)
        turn.play(prompts)
        return wait

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Wait | Entry:
        """Go on collecting; an `Entry` when the caller is done."""
        match signal:
            case DigitReceived() if self.barge_in or not turn.playing:
                turn.stop()
                return self._take(turn, wait)
            case PlaybackFinished() if turn.typeahead:
                return self._take(turn, wait)
            case PlaybackFinished():
                turn.timer(TIMER, self.timeout_s)
            case TimerFired("digit"):
                return Entry(wait.digits, timed_out=not wait.digits)
        return wait

    def _take(self, turn: Turn, wait: Wait) -> Wait | Entry:
        digits = wait.digits
        while (digit := turn.take_digit()) is not None:
            if digit == self.terminator:
                turn.cancel(TIMER)
                return Entry(digits)
            digits += digit
            if len(digits) >= self.most:
                turn.cancel(TIMER)
                return Entry(digits)
        turn.timer(TIMER, self.between_s)
        return Wait(wait.stage, wait.attempt, digits, wait.notes)
