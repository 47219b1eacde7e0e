"""Go one way or another by a condition."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.condition import decide
from ari_app.flow.kinds import Between, Condition, Doc, Target
from ari_app.flow.node import Exit, Leave, Node, Step
from ari_app.flow.turn import Turn
from ari_app.model.facts import BranchDecided


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A condition and where it leads."""

    when: Annotated[Condition, Doc("CEL, true or false.")]
    to: Annotated[Target, Doc("The node.")]


class BranchNode(Node, frozen=True, kw_only=True):
    """Takes the first case whose condition is true, else `otherwise`.

    Conditions are CEL over the flow's variables and what is known of the call (`caller`, `language`,
    `digits`, `hour`, `weekday`, …). Unknown names and wrong types are refused when the flow is loaded.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = ()
    WAITS: ClassVar[bool] = False
    EXAMPLE: ClassVar[str] = """
    which-customer:
      type: branch
      cases:
        - {when: 'tier == "gold" && amount > 100.0', to: gold}
        - {when: 'weekday in ["sat", "sun"]', to: weekend}
      otherwise: first-menu
    """

    cases: Annotated[tuple[Case, ...], Between(1, 30), Doc("Tried in order.")]
    otherwise: Annotated[Target, Doc("When no condition is true.")]

    def own_exits(self) -> dict[str, str]:
        return {str(number): case.to for number, case in enumerate(self.cases, 1)} | {
            "otherwise": self.otherwise
        }

    def enter(self, turn: Turn) -> Step:
        for number, case in enumerate(self.cases, 1):
            value = decide(case.when, turn)
            turn.tell(BranchDecided(turn.placed.id, case.when, value))
            if value:
                return Leave(str(number))
        return Leave("otherwise")
