"""All ways that a call can take through a flow and its sub-flows, and who decides at each fork.

A *place* is a node with the sub-flow nodes it was called from. At a place the caller decides (by keys or by
saying nothing) or the world does (calendars, look-ups, conditions): the prover must please every world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ari_app.flow.flow import Flow, Placed
from ari_app.flow.node import END, SAFE
from ari_app.model.ids import FlowId, NodeId

MAX_PLACES = 5000
Who = Literal["key", "silence", "world"]
HUMAN = frozenset({"enqueue", "transfer"})
KEPT = frozenset({"voicemail", "callback"})


class Place(msgspec.Struct, frozen=True):
    """Where a call can be: `stack` holds the calling (flow, node) pairs, outermost first."""

    stack: tuple[tuple[FlowId, NodeId], ...]
    flow: FlowId
    node: NodeId


class Move(msgspec.Struct, frozen=True):
    """A way on: who decides it, how many keys it takes, and the scenario step that takes it."""

    who: Who
    keys: int
    exit: str
    to: Place | None
    """None: the call's end."""
    steps: tuple[Any, ...] = ()


class Ways(msgspec.Struct, frozen=True):
    """The places reachable from the start with their moves."""

    start: Place
    moves: dict[Place, tuple[Move, ...]]
    placed: dict[Place, Placed]


def explore(flow: Flow, flows: Mapping[FlowId, Flow]) -> Ways:
    """Walk everything that can be reached; exits to the safe exit count as reaching a person."""
    start = Place((), flow.id, flow.start)
    moves: dict[Place, tuple[Move, ...]] = {}
    placed: dict[Place, Placed] = {}
    todo = [start]
    while todo and len(moves) < MAX_PLACES:
        place = todo.pop()
        here = flows[place.flow].nodes.get(place.node)
        if place in moves or here is None:
            continue
        placed[place] = here
        moves[place] = tuple(_moves(place, here, flows))
        todo.extend(move.to for move in moves[place] if move.to is not None)
    return Ways(start, moves, placed)


def _moves(place: Place, here: Placed, flows: Mapping[FlowId, Flow]) -> list[Move]:
    if here.type in HUMAN or here.type == "hangup":
        return []
    if here.type == "exit":
        return [Move("world", 0, "exit", _returned(place, str(getattr(here.node, "by", "next")), flows))]
    if here.type == "subflow":
        called = flows.get(FlowId(str(getattr(here.node, "flow", ""))))
        if called is None or len(place.stack) >= 8:
            return []
        inside = Place((*place.stack, (place.flow, place.node)), called.id, called.start)
        return [Move("world", 0, "call", inside)]
    return [
        Move(who, keys, name, _to(place, target, flows), steps)
        for name, target in here.exits.items()
        if target != SAFE
        for who, keys, steps in [_decided(here, name)]
    ]


def _to(place: Place, target: str, flows: Mapping[FlowId, Flow]) -> Place | None:
    if target == END:
        return _returned(place, "next", flows)
    return Place(place.stack, place.flow, NodeId(target))


def _returned(place: Place, exit_name: str, flows: Mapping[FlowId, Flow]) -> Place | None:
    if not place.stack:
        return None
    flow_id, node_id = place.stack[-1]
    target = flows[flow_id].nodes[node_id].exits.get(exit_name, END)
    return _to(Place(place.stack[:-1], flow_id, node_id), target, flows)


def _decided(  # noqa: C901 - one line per way a node can be left
    here: Placed, name: str
) -> tuple[Who, int, tuple[Any, ...]]:
    """Who takes this exit, with how many keys, and how a scenario takes it."""
    node: Any = here.node
    quiet = ("says_nothing",)
    match here.type, name:
        case "menu", "timeout":
            return "silence", 0, quiet * (node.retries + 1)
        case "menu", "invalid":
            wrong = next(key for key in "*#9876543210x" if key not in node.keys)
            return "key", node.retries + 1, ({"presses": wrong},) * (node.retries + 1)
        case "menu", _:
            return "key", 1, ({"presses": name},)
        case "choose_language", "next":
            return "key", 1, ({"presses": node.choices[0].key},)
        case "choose_language", _:
            return "silence", 0, quiet * (node.retries + 1)
        case "collect", "timeout":
            return "silence", 0, quiet * (node.retries + 1)
        case "collect", "empty":
            return "key", 1, ({"presses": node.terminator},)
        case "collect", _:
            return "key", max(1, node.min_digits), ({"presses": "1" * max(1, node.min_digits) + "#"},)
        case "consent", "refused":
            return "key", 1, ({"presses": node.refuse_key},)
        case "consent", _:
            return "silence", 0, quiet
        case "callback", "declined":
            return "silence", 0, quiet
        case "callback", _:
            return "key", 2, ({"presses": "1"}, {"presses": "1"})
        case "survey", _:
            return "silence", 0, quiet * (2 * len(node.questions))
        case "lookup", "next":
            return "world", 0, ({"lookup_answers": {}},)
        case "lookup", _:
            how = {"timeout": "timeout", "not_found": "not_found"}.get(name, "error")
            return "world", 0, ({"lookup_fails": how},)
    return "world", 0, ()
