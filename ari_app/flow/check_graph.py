"""Judge how a flow's nodes hang together: reachable, ending, never going round without waiting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ari_app.flow.flow import Flow, Placed
from ari_app.flow.problems import Problems
from ari_app.model.ids import FlowId, NodeId


def check(flow: Flow, flows: Mapping[FlowId, Flow], problems: Problems) -> None:
    """Report unreachable nodes, loops without a wait, and flows that call themselves."""
    reached = reachable(flow)
    for placed in flow.nodes.values():
        if placed.id not in reached:
            problems.error(
                "unreachable",
                f"no way leads to `{placed.id}`",
                placed.mark,
                node=placed.id,
                hint="let a node lead here, or remove it",
            )
    for loop in _loops(flow, flows):
        first = flow.nodes[loop[0]]
        way = " → ".join([*loop, loop[0]])
        problems.error(
            "endless-loop",
            f"goes round without ever waiting for the caller: {way}",
            first.mark,
            node=first.id,
            hint="put a menu, a prompt or another waiting node into the loop",
        )
    circle = _calls_itself(flow, flows)
    if circle:
        mark = next(placed.mark for placed in flow.nodes.values() if placed.type == "subflow")
        problems.error("recursion", f"the flow calls itself: {' → '.join(circle)}", mark)


def reachable(flow: Flow) -> set[NodeId]:
    """The nodes that a call can come to."""
    todo = [flow.start]
    if flow.safe_exit is not None:
        todo.append(flow.safe_exit)
    found: set[NodeId] = set()
    while todo:
        node_id = todo.pop()
        if node_id in found or node_id not in flow.nodes:
            continue
        found.add(node_id)
        todo.extend(NodeId(target) for target in flow.nodes[node_id].exits.values())
    return found


def _waits(placed: Placed, flows: Mapping[FlowId, Flow]) -> bool:
    if placed.type != "subflow":
        return placed.node.WAITS
    called = flows.get(FlowId(str(getattr(placed.node, "flow", ""))))
    return called is None or any(each.node.WAITS for each in called.nodes.values())


def _loops(flow: Flow, flows: Mapping[FlowId, Flow]) -> list[list[NodeId]]:
    """Circles of nodes that do not wait (depth-first search; one circle per start is enough to report)."""
    quick = {
        placed.id: [NodeId(target) for target in placed.exits.values()]
        for placed in flow.nodes.values()
        if not _waits(placed, flows)
    }
    done: set[NodeId] = set()
    loops: list[list[NodeId]] = []
    for start, first_targets in quick.items():
        path: list[NodeId] = []
        stack: list[tuple[NodeId, Iterable[NodeId]]] = []
        if start not in done:
            stack.append((start, iter(first_targets)))
            path.append(start)
        while stack:
            node_id, targets = stack[-1]
            target = next(iter(targets), None)
            if target is None:
                stack.pop()
                path.pop()
                done.add(node_id)
            elif target in path:
                loops.append(path[path.index(target) :])
            elif target in quick and target not in done:
                path.append(target)
                stack.append((target, iter(quick[target])))
    return loops


def _calls_itself(flow: Flow, flows: Mapping[FlowId, Flow]) -> list[FlowId]:
    """The way by which a flow comes to call itself; empty when it does not."""
    todo: list[list[FlowId]] = [[flow.id, name] for name in sorted(flow.subflows)]
    seen: set[FlowId] = set()
    while todo:
        way = todo.pop()
        if way[-1] == flow.id:
            return way
        called = flows.get(way[-1])
        if called is not None and way[-1] not in seen:
            seen.add(way[-1])
            todo.extend([*way, name] for name in sorted(called.subflows))
    return []
