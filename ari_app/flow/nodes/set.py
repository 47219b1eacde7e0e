"""Put values in variables."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.condition import evaluate
from ari_app.flow.kinds import Doc, Expression, Needs, VariableName
from ari_app.flow.node import Leave, Node, Step
from ari_app.flow.turn import Turn


class SetNode(Node, frozen=True, kw_only=True):
    """Puts the values of expressions in variables, and adds skills that the caller needs from now on."""

    WAITS: ClassVar[bool] = False
    EXAMPLE: ClassVar[str] = """
    remember:
      type: set
      values:
        tier: '"gold"'
        visits: visits + 1
      next: first-menu
    """

    values: Annotated[dict[VariableName, Expression], Doc("Variable → CEL.")] = msgspec.field(
        default_factory=dict
    )
    needs: Annotated[Needs, Doc("Skills every operator for this caller must have from now on.")] = (
        msgspec.field(default_factory=dict)
    )

    def enter(self, turn: Turn) -> Step:
        for name, expression in self.values.items():
            turn.set(name, evaluate(expression, turn))
        turn.need(self.needs)
        return Leave()
