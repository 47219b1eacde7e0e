"""Prove over all ways that a flow keeps the rules of a legal profile, or show a call that breaks one (C21).

Profile `br-sac`: Brazil's customer service decree (Decreto 11.034/2022; the rules below are our reading of
it, check with counsel): complaint and cancellation in the first menu, a person within two keys of every menu,
no data demanded before a person, a silent caller ends with a person, no long silence, no advertising while
waiting. Opening hours are the site's business: ways through a closed calendar are not judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ari_app.flow.flow import Flow
from ari_app.flow.problems import Problem
from ari_app.flow.ways import HUMAN, KEPT, Move, Place, Ways, explore
from ari_app.model.ids import FlowId

MAX_KEYS = 2
MAX_SILENCE_S = 10.0
_CLOSED = frozenset({"closed", "holiday"})
_ASKS = frozenset({"menu", "choose_language", "collect", "consent"})
_ADVERTISING = ("promo/", "ad/", "ads/", "advertising/")


class Violation(msgspec.Struct, frozen=True):
    """A rule that is broken, where, and the steps of a call that shows it."""

    rule: str
    message: str
    place: Place
    steps: tuple[Any, ...]


PROFILES = ("br-sac",)


def prove(flow: Flow, flows: Mapping[FlowId, Flow]) -> list[Violation]:
    """Every violation of `br-sac`; none means that it holds on all ways."""
    ways = _open_only(explore(flow, flows))
    with_patience = _guaranteed(ways, lambda move: float(move.keys))
    silently = _guaranteed(ways, lambda move: 0.0 if move.who != "key" else math.inf, kept=True)
    calls = _shortest(ways)
    found: list[Violation] = []
    for place, steps in calls.items():
        kind = ways.placed[place].type
        if kind == "menu" and _is_first(ways, place):
            found += _first_menu(ways, place, steps)
        if kind == "menu" and with_patience[place] > MAX_KEYS:
            message = f"a person is more than {MAX_KEYS} keys away from this menu"
            found.append(Violation("human-far", message, place, steps))
        if kind == "collect":
            found += _gate(ways, place, steps, silently)
        if kind in _ASKS and silently[place] == math.inf:
            message = "who presses nothing here never reaches a person"
            found.append(Violation("silent-caller", message, place, steps))
        found += _silence(ways, place, steps)
        found += _advertising(ways, place, steps)
    if with_patience[ways.start] > MAX_KEYS:
        message = f"a person is more than {MAX_KEYS} keys away from the start"
        found.append(Violation("human-far", message, ways.start, ()))
    return found


def as_problems(violations: list[Violation], flows: Mapping[FlowId, Flow]) -> list[Problem]:
    """Violations as findings at their nodes; the counter-example is the hint."""
    found = []
    for violation in violations:
        flow = flows[violation.place.flow]
        placed = flow.nodes[violation.place.node]
        hint = "a call that shows it: " + (steps_text(violation.steps) or "just dial")
        found.append(
            Problem(
                "error",
                f"br-sac-{violation.rule}",
                violation.message,
                flow.file,
                placed.mark,
                placed.id,
                hint,
            )
        )
    return found


def as_scenarios(flow: Flow, violations: list[Violation]) -> str:
    """The calls that show them, as a scenario file: `ramal flow test`, `--live` too, plays them."""
    lines = [f"flow: {flow.id}", "scenarios:"]
    for number, violation in enumerate(violations, 1):
        name = f"{number}. {violation.message} (at {violation.place.node})"
        lines += [f"  {_quoted(name)}:", "    steps:"]
        lines += [f"      - {_step_line(step)}" for step in violation.steps]
        lines += [f"      - reaches: {violation.place.node}"]
    return "\n".join(lines) + "\n"


def _step_line(step: Any) -> str:
    if isinstance(step, str):
        return step
    return ", ".join(f"{key}: {_quoted(value)}" for key, value in step.items())


def _quoted(value: Any) -> str:
    """A value as YAML: JSON is a part of it."""
    return msgspec.json.encode(value).decode()


def steps_text(steps: tuple[Any, ...]) -> str:
    """Steps in one line."""
    return "; ".join(
        step if isinstance(step, str) else " ".join(f"{key}: {value}" for key, value in step.items())
        for step in steps
    )


def _open_only(ways: Ways) -> Ways:
    """Leave out what happens when a calendar is closed, as long as there is another way."""
    moves = {
        place: tuple(
            move for move in each if not (ways.placed[place].type == "hours" and move.exit in _CLOSED)
        )
        for place, each in ways.moves.items()
    }
    return Ways(ways.start, moves, ways.placed)


def _guaranteed(ways: Ways, cost: Callable[[Move], float], *, kept: bool = False) -> dict[Place, float]:
    """The keys with which a caller reaches a person whatever the world decides; infinite: not for sure.

    The caller picks his cheapest move, the world the worst. `kept`: a message or a callback counts too.
    """
    goals = HUMAN | KEPT if kept else HUMAN
    value = {place: 0.0 if ways.placed[place].type in goals else math.inf for place in ways.moves}
    changed = True
    while changed:
        changed = False
        for place, moves in ways.moves.items():
            if ways.placed[place].type in goals or not moves:
                continue
            own = [cost(m) + _after(value, m) for m in moves if m.who != "world"]
            others = [_after(value, m) for m in moves if m.who == "world"]
            best = max([*([min(own)] if own else []), *others])
            if best < value[place]:
                value[place] = best
                changed = True
    return value


def _after(value: Mapping[Place, float], move: Move) -> float:
    return math.inf if move.to is None else value.get(move.to, math.inf)


def _shortest(ways: Ways) -> dict[Place, tuple[Any, ...]]:
    """The places that can be reached, each with the steps of a shortest call that comes there."""
    found: dict[Place, tuple[Any, ...]] = {ways.start: ()}
    todo = [ways.start]
    while todo:
        place = todo.pop(0)
        for move in ways.moves.get(place, ()):
            if move.to is not None and move.to not in found and move.to in ways.moves:
                found[move.to] = (*found[place], *move.steps)
                todo.append(move.to)
    return found


def _is_first(ways: Ways, wanted: Place) -> bool:
    """Whether a call can come to this menu without passing another."""
    todo, seen = [ways.start], set()
    while todo:
        place = todo.pop()
        if place == wanted:
            return True
        if place in seen or ways.placed[place].type in ("menu", "collect"):
            continue
        seen.add(place)
        todo.extend(m.to for m in ways.moves[place] if m.to is not None and m.to in ways.moves)
    return False


def _first_menu(ways: Ways, place: Place, steps: tuple[Any, ...]) -> list[Violation]:
    offered: set[str] = set()
    for move in ways.moves[place]:
        if move.who == "key" and move.exit != "invalid" and move.to is not None:
            offered |= _matters(ways, move.to)
    return [
        Violation(f"no-{matter}", f"the first menu has no key for a {matter}", place, steps)
        for matter in ("complaint", "cancellation")
        if matter not in offered
    ]


def _matters(ways: Ways, start: Place) -> set[str]:
    """What gets a protocol number from here on before any other key."""
    todo, seen, found = [start], set(), set()
    while todo:
        place = todo.pop()
        if place in seen or place not in ways.moves:
            continue
        seen.add(place)
        kind = ways.placed[place].type
        if kind == "protocol":
            node: Any = ways.placed[place].node
            found |= {node.kind, *node.also}
        if kind not in ("menu", "collect"):
            todo.extend(move.to for move in ways.moves[place] if move.to is not None)
    return found


def _gate(
    ways: Ways, place: Place, steps: tuple[Any, ...], silently: Mapping[Place, float]
) -> list[Violation]:
    """Data may be asked for before a person only when the caller can leave it out."""
    ways_out = [m for m in ways.moves[place] if m.exit in ("timeout", "empty") and m.to is not None]
    if any(silently.get(move.to, math.inf) < math.inf for move in ways_out if move.to is not None):
        return []
    return [Violation("data-gate", "data is demanded before a person can be reached", place, steps)]


def _silence(ways: Ways, place: Place, steps: tuple[Any, ...]) -> list[Violation]:
    node: Any = ways.placed[place].node
    waits = float(getattr(node, "timeout_s", 0.0)) if ways.placed[place].type in _ASKS else 0.0
    if waits <= MAX_SILENCE_S:
        return []
    return [Violation("silence", f"{waits:g} s of silence, at most {MAX_SILENCE_S:g} s", place, steps)]


def _advertising(ways: Ways, place: Place, steps: tuple[Any, ...]) -> list[Violation]:
    if ways.placed[place].type != "enqueue":
        return []
    found = [
        reference.value
        for reference in ways.placed[place].references
        if reference.kind == "prompt" and reference.value.startswith(_ADVERTISING)
    ]
    return [
        Violation("advertising", f"`{prompt}` advertises to somebody who waits", place, steps)
        for prompt in found
    ]
