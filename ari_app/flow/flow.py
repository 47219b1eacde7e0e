"""A parsed flow, immutable: what the engine runs, the checker judges and the graph draws."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ari_app.flow.node import Node
from ari_app.flow.problems import Mark
from ari_app.flow.shape import Reference
from ari_app.model.ids import FlowId, FlowVersion, Language, NodeId

ValueType = Literal["text", "whole", "decimal", "boolean", "json"]

EMPTY: dict[ValueType, Any] = {"text": "", "whole": 0, "decimal": 0.0, "boolean": False, "json": None}
"""What a variable holds before anything was put in it."""


def conform(kind: ValueType, value: Any) -> Any:
    """The value as one of this type, or None where it is none (json: as it is)."""
    match kind, value:
        case ("json", _):
            return value
        case ("boolean", bool()) | ("text", str()):
            return value
        case ("decimal", int() | float()) if not isinstance(value, bool):
            return float(value)
        case ("whole", int()) if not isinstance(value, bool) and abs(value) < 2**53:
            return value
    return None


class Placed(msgspec.Struct, frozen=True):
    """A node in its flow; `exits` has every exit with its target (a node's name, `end` or `safe-exit`)."""

    id: NodeId
    type: str
    node: Node
    exits: dict[str, str]
    mark: Mark
    references: tuple[Reference, ...] = ()
    exit_marks: dict[str, Mark] = {}


class Variable(msgspec.Struct, frozen=True):
    """A variable of the flow."""

    type: ValueType
    default: Any
    parameter: bool = False


class Flow(msgspec.Struct, frozen=True):
    """One version of one flow."""

    id: FlowId
    version: FlowVersion
    file: str
    language: Language
    languages: tuple[Language, ...]
    timezone: str
    start: NodeId
    nodes: dict[NodeId, Placed]
    variables: dict[str, Variable] = {}
    exits: tuple[str, ...] = ("next",)
    """The exits of the node that calls this flow as a sub-flow."""
    safe_exit: NodeId | None = None
    description: str = ""
    marks: dict[str, Mark] = {}
    source: str = ""

    @property
    def subflows(self) -> frozenset[FlowId]:
        """The flows that this one calls."""
        return frozenset(
            FlowId(reference.value)
            for placed in self.nodes.values()
            for reference in placed.references
            if reference.kind == "flow"
        )

    @property
    def prompts(self) -> frozenset[str]:
        """The prompts that this flow's author names."""
        return frozenset(
            reference.value
            for placed in self.nodes.values()
            for reference in placed.references
            if reference.kind == "prompt"
        )

    @property
    def secretive(self) -> bool:
        """Whether a node collects something that must not be seen in traces."""
        return any(placed.node.is_secret() for placed in self.nodes.values())
