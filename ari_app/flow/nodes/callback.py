"""Offer to call back when nobody can be reached."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.callback_dialog import PROMPTS, CallbackDialog
from ari_app.flow.demand import request_for
from ari_app.flow.kinds import Doc, Needs, Prompts, QueueName
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished, TimerFired


class CallbackNode(Node, frozen=True, kw_only=True):
    """Offers to call back, confirms the number or takes another, and books a place in the queue.

    For callers who are waiting in line already, use `callback` of the `enqueue` node: it keeps their place.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("declined", "The caller does not want it, or gave no number."),
        Exit("failed", "No callback can be booked just now.", like="declined"),
    )
    LISTENS: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    offer-callback:
      type: callback
      queue: support
      next: goodbye
      on: {declined: leave-message}
    """

    queue: Annotated[QueueName, Doc("Whose operators call back.")]
    needs: Annotated[Needs, Doc("Skills beyond those of the queue.")] = msgspec.field(default_factory=dict)
    prompt: Annotated[Prompts, Doc("The offer: key 1 takes it, any other declines.")] = ("callback/offer",)
    booked_prompt: Annotated[Prompts, Doc("Said when it is booked.")] = ("callback/registered",)

    def implicit_prompts(self) -> tuple[str, ...]:
        return PROMPTS

    def enter(self, turn: Turn) -> Step:
        turn.flush()
        turn.play(self.prompt)
        return Wait("offer")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match wait.stage, signal:
            case "offer", DigitReceived():
                if turn.take_digit() != "1":
                    return Leave("declined")
                return self._dialog(turn).begin(turn)
            case "offer", PlaybackFinished(failed=True):
                return Leave("failed")
            case "offer", PlaybackFinished():
                turn.timer("key", 6.0)
                return wait
            case "offer", TimerFired("key"):
                return Leave("declined")
            case "offer", _:
                return wait
            case "booked", _:
                return Leave() if isinstance(signal, PlaybackFinished) else wait
        result = self._dialog(turn).receive(turn, wait, signal)
        if isinstance(result, Wait):
            return result
        if result != "booked":
            return Leave(result)
        turn.play(self.booked_prompt)
        return Wait("booked")

    def resume(self, turn: Turn, wait: Wait) -> Step:
        if wait.stage == "offer":
            return self.enter(turn)
        return Leave() if wait.stage == "booked" else self._dialog(turn).resume(turn, wait)

    def _dialog(self, turn: Turn) -> CallbackDialog:
        return CallbackDialog(request_for(turn, self.queue, self.needs))
