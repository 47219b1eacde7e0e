"""Run scenarios as real calls, several at once, and hold each against its virtual run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ari_app.cli.live.ear import Ear
from ari_app.cli.live.line import Loop, RealLine
from ari_app.cli.remote import Remote, RemoteError
from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Mark
from ari_app.flow.scenario.player import Player, StepError
from ari_app.flow.scenario.run import Failure, Result, afterwards, prepare, run, way
from ari_app.flow.scenario.script import Scenario, start_time
from ari_app.flow.scenario.world import World
from ari_app.model.facts import DigitPressed, Fact, NodeEntered
from ari_app.model.ids import FlowId
from ari_app.softphone.sip import Account, NoCall

AT_ONCE = 6
LONGEST_S = 90.0
SPARE_S = 25.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a scenario went on the line; `virtual_only` says why it was not tried there."""

    scenario: Scenario
    failure: Failure | None = None
    virtual_only: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """The running Ramal, the telephone's account, and what prompts sound like."""

    remote: Remote
    account: Account
    ear: Ear
    durations: Mapping[str, float]
    spare_s: float = SPARE_S
    """So much longer than virtually anything may take."""


def run_all(
    where: Where,
    book: FlowBook,
    scenarios: Iterable[Scenario],
    flow: FlowId,
    told: Callable[[Ran], None],
    *,
    at_once: int = AT_ONCE,
    longest_s: float = LONGEST_S,
) -> list[Ran]:
    """Every scenario of a flow, its live version's source taken from `book`; `told` as each is done."""

    def one(scenario: Scenario) -> Ran:
        ran = run_one(where, loop, book, flow, scenario, longest_s)
        told(ran)
        return ran

    with Loop() as loop, ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, scenarios))


def why_virtual(scenario: Scenario, virtual: Result, longest_s: float) -> str:
    """Why a scenario is no matter for a real line; empty: it is."""
    if not scenario.head.live:
        return "it says `live: false`"
    if any(step.act == "restarts" for step in scenario.steps):
        return "it restarts the application"
    if virtual.took_s > longest_s:
        return f"it takes {virtual.took_s:.0f} s on a real line"
    return ""


def run_one(
    where: Where, loop: Loop, book: FlowBook, flow: FlowId, scenario: Scenario, longest_s: float
) -> Ran:
    """One scenario: virtually, then on the line, then both compared."""
    virtual = run(book, flow, scenario, where.durations)
    if virtual.failure is not None:
        return Ran(scenario, virtual.failure)
    reason = why_virtual(scenario, virtual, longest_s)
    if reason:
        return Ran(scenario, virtual_only=reason)
    try:
        line = RealLine(where.remote, where.ear, loop, where.account, plan_of(book, flow, scenario))
    except RemoteError as error:
        return Ran(scenario, _failed(scenario, scenario.mark, str(error), ()))
    line.limit_s = virtual.took_s + where.spare_s
    try:
        return Ran(scenario, _play(line, scenario, virtual))
    except (NoCall, RemoteError) as error:
        return Ran(scenario, _failed(scenario, scenario.mark, str(error), way(line)))
    finally:
        line.close()


def plan_of(book: FlowBook, flow: FlowId, scenario: Scenario) -> dict[str, Any]:
    """What is asked of the running Ramal for this scenario."""
    parsed, head = book.flow(flow), scenario.head
    start = start_time(head.time, parsed.timezone if parsed is not None else "UTC") or 0.0
    plan: dict[str, Any] = {
        "flow": str(flow),
        "called": head.called,
        "caller": head.caller,
        "time": dt.datetime.fromtimestamp(start, dt.UTC).isoformat(),
        "source": None if parsed is None else parsed.source,
        "language": head.language,
    }
    return {key: value for key, value in plan.items() if value is not None}


def _play(line: RealLine, scenario: Scenario, virtual: Result) -> Failure | None:
    prepared = prepare(World(), scenario.steps)
    for step in scenario.steps[:prepared]:
        line.change(step)
    line.dial()
    player = Player(line)
    for step in scenario.steps[prepared:]:
        try:
            player.take(step)
        except StepError as error:
            return _failed(scenario, step.mark, str(error), way(line))
    failure = afterwards(scenario, line)
    if failure is None and (words := _differs(line, virtual)):
        failure = _failed(scenario, scenario.mark, words, way(line))
    return failure


def _differs(line: RealLine, virtual: Result) -> str:
    """How the real call went another way than the virtual one, if it did."""
    for missing in line.misheard:
        return f"`{missing.prompt}` was played after {missing.at_s:g} s, but not heard on the line"
    meant, found = path_of(virtual.facts), path_of(fact for _, fact in line.facts)
    ended = line.ended and virtual.ended
    if (found != meant) if ended else (found[: len(meant)] != meant):
        return f"the virtual line went by {', '.join(meant)}; the real one by {', '.join(found)}"
    keyed = [digits_of(virtual.facts), digits_of(fact for _, fact in line.facts)]
    if keyed[0] != keyed[1]:
        return f"the virtual line got the keys {keyed[0]}, the real one {keyed[1]}"
    if virtual.ended and not line.until(lambda: line.ended, 10.0):
        return f"the virtual call ended; the real one goes on at `{line.node}`"
    return ""


def path_of(facts: Iterable[Fact]) -> list[str]:
    """The nodes that a call came by, in order."""
    return [f"{fact.flow}/{fact.node}" for fact in facts if isinstance(fact, NodeEntered)]


def digits_of(facts: Iterable[Fact]) -> str:
    """The keys of a call, in order."""
    return "".join(fact.digit for fact in facts if isinstance(fact, DigitPressed))


def _failed(scenario: Scenario, mark: Mark, message: str, shown: tuple[str, ...]) -> Failure:
    return Failure(scenario.file, scenario.name, mark, message, shown)
