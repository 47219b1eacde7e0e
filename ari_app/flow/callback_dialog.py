"""Agree on a number to call back: used while waiting in line and when nobody can be reached (C13)."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.flow import speech
from ari_app.flow.keypad import Entry, Keypad
from ari_app.flow.rules import obeys
from ari_app.flow.state import Wait
from ari_app.flow.turn import Turn
from ari_app.model.commands import BookCallback
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import AnySignal, CallbackBooked, DigitReceived, PlaybackFinished, TimerFired

Outcome = Literal["booked", "declined", "failed"]
PREFIX = "callback-"
TRIES = 3
_NUMBER = Keypad(most=15, timeout_s=8.0, stage="callback-number")


PROMPTS = (
    "callback/your-number-is",
    "callback/confirm-number",
    "callback/enter-number",
    "callback/number-invalid",
)


class CallbackDialog(msgspec.Struct, frozen=True):
    """Confirm the caller's number or take another, then book; `request` for callers who are not in line."""

    request: QueueRequest | None = None

    def begin(self, turn: Turn) -> Wait:
        """Ask whether the number we see is the right one; where we see none, ask for one."""
        number = "".join(character for character in turn.state.caller if character.isdigit())
        turn.flush()
        if not obeys("phone", number):
            return self._ask(turn, 0, ())
        return self._confirm(turn, number, 0)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Wait | Outcome:
        """Go on; an outcome when the dialogue is over."""
        if isinstance(signal, PlaybackFinished) and signal.failed:
            return "failed"
        match wait.stage:
            case "callback-confirm":
                return self._confirming(turn, wait, signal)
            case "callback-number":
                return self._numbering(turn, wait, signal)
        match signal:
            case CallbackBooked(ok):
                turn.cancel("callback")
                return "booked" if ok else "failed"
            case TimerFired("callback"):
                return "failed"
        return wait

    def resume(self, turn: Turn, wait: Wait) -> Wait:
        """After a restart: ask again; a booking under way is awaited."""
        return wait if wait.stage == "callback-booking" else self.begin(turn)

    def _confirming(self, turn: Turn, wait: Wait, signal: AnySignal) -> Wait | Outcome:
        match signal:
            case DigitReceived():
                key = turn.take_digit()
                turn.cancel("callback")
                if key == "1":
                    turn.stop()
                    return self._book(turn, wait.notes["number"])
                if key == "2":
                    return self._ask(turn, 0, ())
                return self._again(turn, wait)
            case PlaybackFinished():
                turn.timer("callback", 7.0)
            case TimerFired("callback"):
                return self._again(turn, wait)
        return wait

    def _numbering(self, turn: Turn, wait: Wait, signal: AnySignal) -> Wait | Outcome:
        result = _NUMBER.receive(turn, wait, signal)
        if not isinstance(result, Entry):
            return result
        if obeys("phone", result.digits):
            return self._confirm(turn, result.digits, wait.attempt)
        if wait.attempt + 1 >= TRIES:
            return "declined"
        return self._ask(turn, wait.attempt + 1, ("callback/number-invalid",))

    def _again(self, turn: Turn, wait: Wait) -> Wait | Outcome:
        if wait.attempt + 1 >= TRIES:
            return "declined"
        return self._confirm(turn, wait.notes["number"], wait.attempt + 1)

    def _ask(self, turn: Turn, attempt: int, before: tuple[str, ...]) -> Wait:
        turn.flush()
        turn.cancel("callback")
        result = _NUMBER.begin(turn, (*before, "callback/enter-number"), attempt)
        return result if isinstance(result, Wait) else Wait(_NUMBER.stage, attempt)

    def _confirm(self, turn: Turn, number: str, attempt: int) -> Wait:
        turn.flush()
        turn.cancel("callback")
        spoken = speech.say_phone(number, turn.language)
        turn.play(("callback/your-number-is", *spoken, "callback/confirm-number"))
        return Wait("callback-confirm", attempt, notes={"number": number})

    def _book(self, turn: Turn, number: str) -> Wait:
        turn.do(BookCallback(number, self.request))
        turn.timer("callback", 10.0)
        return Wait("callback-booking", notes={"number": number})
