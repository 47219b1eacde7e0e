"""Run another flow and come back."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.condition import evaluate
from ari_app.flow.kinds import Doc, Expression, FlowName, VariableName
from ari_app.flow.node import NEXT, Descend, Exit, Leave, Node, Step
from ari_app.flow.turn import FlowError, Turn


class SubflowNode(Node, frozen=True, kw_only=True):
    """Runs another flow with arguments and goes on by the exit it chose.

    Its exits are the ones that the other flow declares (`exits`), `next` when it simply ends. `results` says
    which of its variables are copied into which of ours.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (NEXT,)
    WAITS: ClassVar[bool] = False
    ANY_EXIT: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    who-is-it:
      type: subflow
      flow: identify
      arguments: {tries: "2"}
      results: {document: document}
      next: first-menu
      on: {unknown: any-operator}
    """

    flow: Annotated[FlowName, Doc("The flow to run.")]
    arguments: Annotated[dict[VariableName, Expression], Doc("Its parameter → CEL.")] = msgspec.field(
        default_factory=dict
    )
    results: Annotated[dict[VariableName, VariableName], Doc("Our variable → its variable.")] = msgspec.field(
        default_factory=dict
    )

    def enter(self, turn: Turn) -> Step:
        return Descend(
            self.flow, {name: evaluate(expression, turn) for name, expression in self.arguments.items()}
        )

    def returned(self, turn: Turn, exit_name: str, variables: dict[str, object]) -> Step:
        for ours, theirs in self.results.items():
            if theirs not in variables:
                raise FlowError(f"flow `{self.flow}` has no variable `{theirs}`")
            turn.set(ours, variables[theirs])
        return Leave(exit_name)
