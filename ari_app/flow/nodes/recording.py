"""Pause the recording for card data, or let it go on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ari_app.flow.kinds import Between, Doc
from ari_app.flow.node import Leave, Node, Step
from ari_app.flow.turn import Turn
from ari_app.model.commands import PauseRecording, ResumeRecording


class RecordingNode(Node, frozen=True, kw_only=True):
    """Pauses the call's recording, or lets it go on (M3).

    A pause holds for the talks that follow too, until it is resumed or `max_s` is over. What callers key in
    while no operator is with them is never recorded.
    """

    WAITS: ClassVar[bool] = False
    EXAMPLE: ClassVar[str] = """
    card-data-follows:
      type: recording
      action: pause
      max_s: 180
      next: payments
    """

    action: Annotated[Literal["pause", "resume"], Doc("What to do.")]
    max_s: Annotated[float, Between(1, 3600), Doc("A pause ends by itself after this.")] = 120.0

    def enter(self, turn: Turn) -> Step:
        turn.do(PauseRecording(self.max_s) if self.action == "pause" else ResumeRecording())
        return Leave()
