"""C12: position in line, and a waiting time that is checked against what happened."""

import heapq
import random

import pytest

from ari_app.model.ids import CallId, OperatorId
from ari_app.routing import events as ev
from ari_app.routing.estimate import Estimate
from tests.unit.routing.sentences import Desk, skills, step


def _estimate(desk: Desk, call: str) -> Estimate:
    found = desk.index.estimate(CallId(call), desk.now)
    assert found is not None
    return found


def test_C12_position_counts_those_before_of_the_same_queue() -> None:
    desk = Desk()
    desk.caller("other_queue", "shop", support=1)
    desk.at(1).caller("first", support=1)
    desk.at(35).caller("second", "help", step(2, support=0), support=1)
    desk.caller("restored", entered_at=20, support=1)
    desk.caller("urgent", priority=1, support=1)
    positions = {call: _estimate(desk, call).position for call in ("urgent", "first", "restored", "second")}
    assert positions == {"urgent": 1, "first": 2, "restored": 3, "second": 4}
    desk.left("first")
    assert _estimate(desk, "second").position == 3
    assert desk.index.estimate(CallId("first"), 35.0) is None


def test_C12_a_call_that_lost_its_offer_keeps_its_position() -> None:
    desk = Desk()
    desk.caller("a", support=1)
    desk.at(1).caller("b", support=1)
    desk.at(2).operator("o", support=1)
    assert desk.index.estimate(CallId("a"), desk.now) is None
    assert _estimate(desk, "b").position == 1
    desk.at(20).failed("a", "o")
    assert _estimate(desk, "a").position == 1
    assert _estimate(desk, "b").position == 2


def test_C12_no_number_is_invented_when_nobody_is_signed_in() -> None:
    desk = Desk()
    desk.operator("o", sales=1)
    desk.caller("a", support=1)
    assert _estimate(desk, "a").wait_s is None
    desk.operator("p", support=1)
    desk.caller("b", support=1)
    assert _estimate(desk, "b").wait_s is not None


def _shift(desk: Desk, draw: random.Random, hours: float, handled_s: float) -> list[tuple[float, float]]:
    """A busy shift of ten operators; (estimated, actual) wait of callers told on arrival."""
    told: dict[str, tuple[float, float]] = {}
    outcomes: list[tuple[float, float]] = []
    frees: list[tuple[float, str]] = []

    def follow(pairs: list[tuple[str, str]]) -> None:
        for call, operator in pairs:
            length = draw.expovariate(1 / handled_s)
            heapq.heappush(frees, (desk.now + length, operator))
            if call in told:
                at, expected = told.pop(call)
                outcomes.append((expected, desk.now - at))
            desk.tell(ev.OfferAnswered(CallId(call), OperatorId(operator)))

    for nth in range(10):
        desk.operator(f"o{nth}", support=1)
    arrivals, count = 0.0, 0
    while desk.now < hours * 3600:
        arrivals += draw.expovariate(0.98 * 10 / handled_s)
        while frees and frees[0][0] <= arrivals:
            at, operator = heapq.heappop(frees)
            follow(desk.at(at).tell(ev.OperatorAvailable(OperatorId(operator), skills(support=1), at)))
        count += 1
        follow(desk.at(arrivals).caller(f"c{count}", support=1))
        estimate = desk.index.estimate(CallId(f"c{count}"), arrivals)
        if estimate is not None and estimate.wait_s is not None:
            told[f"c{count}"] = (arrivals, estimate.wait_s)
    return outcomes


def test_C12_estimates_are_near_the_truth_and_know_their_error() -> None:
    desk = Desk()
    outcomes = _shift(desk, random.Random(4), 24, 120.0)[200:]
    expected = sum(one for one, _ in outcomes)
    actual = sum(one for _, one in outcomes)
    missed = sum(abs(one - other) for one, other in outcomes)
    assert len(outcomes) > 1000
    assert expected / actual == pytest.approx(1.0, abs=0.15)
    assert missed / expected < 0.45
    desk.caller("last", support=5)
    recent = outcomes[-400:]
    error = sum(abs(one - other) for one, other in recent) / sum(one for one, _ in recent)
    assert _estimate(desk, "last").error == pytest.approx(error, abs=0.15)
