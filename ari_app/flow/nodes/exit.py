"""End a sub-flow by one of its exits."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Doc, Name
from ari_app.flow.node import Exit, Node, Return, Step
from ari_app.flow.turn import Turn


class ExitNode(Node, frozen=True, kw_only=True):
    """Ends this flow; the node that called it goes on by the exit named here.

    In a flow that no other flow called, it ends the call.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = ()
    WAITS: ClassVar[bool] = False
    EXAMPLE: ClassVar[str] = """
    give-up:
      type: exit
      by: unknown
    """

    by: Annotated[Name, Doc("One of the flow's `exits`.")]

    def enter(self, turn: Turn) -> Step:
        del turn
        return Return(self.by)
