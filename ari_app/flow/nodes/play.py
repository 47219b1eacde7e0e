"""Play prompts."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Doc, Prompts
from ari_app.flow.node import Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished


class PlayNode(Node, frozen=True, kw_only=True):
    """Plays one or more prompts and goes on.

    A key cuts the prompt short and is kept for the next menu (type-ahead), unless `barge_in` is false: then
    the prompt is heard to its end. With `flush` keys pressed so far are forgotten afterwards.
    """

    EXAMPLE: ClassVar[str] = """
    greeting:
      type: play
      prompt: menu/main-greeting
      next: main-menu
    """

    prompt: Annotated[Prompts, Doc("What the caller hears, one after the other.")]
    barge_in: Annotated[bool, Doc("Whether a key cuts the prompt short.")] = True
    flush: Annotated[bool, Doc("Forget keys pressed before this prompt's end.")] = False

    def enter(self, turn: Turn) -> Step:
        if self.flush:
            turn.flush()
        if self.barge_in and turn.typeahead:
            return Leave()
        turn.play(self.prompt)
        return Wait("prompt")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case PlaybackFinished():
                if self.flush:
                    turn.flush()
                return Leave()
            case DigitReceived() if self.barge_in and not self.flush:
                return Leave()
        return wait
