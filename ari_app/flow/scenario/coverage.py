"""Which nodes and exits of a flow its scenarios have been by."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ari_app.flow.flow import Flow
from ari_app.flow.node import SAFE
from ari_app.flow.problems import Problem
from ari_app.model.facts import Fact, NodeEntered, NodeLeft
from ari_app.model.ids import NodeId


class Coverage(msgspec.Struct, frozen=True):
    """Counts, and what nobody has been by."""

    nodes: int
    nodes_seen: int
    exits: int
    exits_seen: int
    untested_nodes: tuple[NodeId, ...]
    untested_exits: tuple[tuple[NodeId, str], ...]

    @property
    def percent(self) -> float:
        """Share of nodes and exits together."""
        total = self.nodes + self.exits
        return 100.0 if total == 0 else 100.0 * (self.nodes_seen + self.exits_seen) / total


def measure(flow: Flow, facts: Iterable[Fact]) -> Coverage:
    """Coverage of one flow by the facts of its scenarios.

    Exits of a node that lead to the same place count as one way; ways to the safe exit do not count.
    """
    nodes: set[NodeId] = set()
    ways: set[tuple[NodeId, str]] = set()
    for fact in facts:
        if isinstance(fact, NodeEntered) and fact.flow == flow.id:
            nodes.add(fact.node)
        elif isinstance(fact, NodeLeft) and fact.flow == flow.id:
            ways.add((fact.node, fact.to))
    wanted: dict[tuple[NodeId, str], list[str]] = {}
    for placed in flow.nodes.values():
        for name, target in placed.exits.items():
            if target != SAFE:
                wanted.setdefault((placed.id, target), []).append(name)
    return Coverage(
        nodes=len(flow.nodes),
        nodes_seen=len(nodes & flow.nodes.keys()),
        exits=len(wanted),
        exits_seen=len(ways & wanted.keys()),
        untested_nodes=tuple(node for node in flow.nodes if node not in nodes),
        untested_exits=tuple(
            (node, ", ".join(names)) for (node, to), names in wanted.items() if (node, to) not in ways
        ),
    )


def as_problems(flow: Flow, coverage: Coverage) -> list[Problem]:
    """Untested ways as warnings at their nodes."""
    found = [
        Problem("warning", "untested", "no scenario comes here", flow.file, flow.nodes[node].mark, node)
        for node in coverage.untested_nodes
    ]
    for node, name in coverage.untested_exits:
        if node not in coverage.untested_nodes:
            message = f"no scenario takes the exit `{name}`"
            found.append(Problem("warning", "untested", message, flow.file, flow.nodes[node].mark, node))
    return found
