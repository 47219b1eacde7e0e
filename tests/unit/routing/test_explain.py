"""R10: why this operator, and why still waiting."""

import msgspec

from ari_app.model.ids import CallId
from ari_app.routing.explain import BEST, Explanation, Waiting
from tests.unit.routing.sentences import Desk, step


def _why(desk: Desk, call: str) -> Explanation:
    found = desk.index.explain(CallId(call), desk.now)
    assert found is not None
    return found


def test_R10_nobody_fits_says_who_is_excluded_and_why_by_signature() -> None:
    desk = Desk()
    desk.operator("low1", support=2)
    desk.operator("low2", support=2)
    desk.operator("seller", sales=5)
    desk.operator("bound", "sales", support=5)
    desk.caller("a", "help", step(30, support=2), support=3)
    why = _why(desk.at(7), "a")
    assert why.waiting_because is Waiting.NOBODY_FITS
    assert (why.waited_s, why.step, why.next_change_at, why.fitting) == (7, 0, 30, 0)
    assert why.excluded_by_reason == {
        "support at level 2, needs 3": 2,
        "lacks skill support": 1,
        "not in queue help": 1,
    }
    assert why.exclusions[0].operators == 2
    assert why.exclusions[0].skills == {"support": 2}


def test_R10_all_busy_tells_how_many() -> None:
    desk = Desk()
    desk.operator("o", support=3)
    desk.gone("o")
    desk.caller("a", support=3)
    why = _why(desk, "a")
    assert why.waiting_because is Waiting.ALL_BUSY
    assert (why.fitting, why.idle, why.excluded_by_reason) == (1, 0, {"busy": 1})


def test_R10_other_reasons_to_wait() -> None:
    desk = Desk()
    desk.operator("o", support=3)
    desk.gone("o")
    desk.caller("held", preferred="o", preferred_wait_s=9, support=1)
    assert _why(desk, "held").waiting_because is Waiting.HELD_FOR_PREFERRED
    desk.operator("p", support=3)
    desk.caller("a", support=3)
    assert _why(desk, "a").waiting_because is Waiting.OFFERED
    desk.failed("a", "p")
    desk.operator("p", support=3)
    why = _why(desk, "a")
    assert why.waiting_because is Waiting.REFUSED_BY_THE_IDLE
    assert why.excluded_by_reason["refused or missed this call"] == 1
    assert why.candidates == ()
    assert desk.index.explain(CallId("nobody"), 0.0) is None


def test_R10_a_decision_on_arrival_shows_the_best_20_with_scores() -> None:
    desk = Desk(trace=True)
    for number in range(60):
        desk.operator(f"o{number}", support=1 + number % 5)
    desk.caller("a", support=1)
    why = desk.last[0].why
    assert why is not None
    assert why.waiting_because is None
    assert len(why.candidates) == BEST
    assert why.candidates[0].operator == why.chosen == desk.last[0].operator
    scores = [one.score for one in why.candidates]
    assert scores == sorted(scores, reverse=True)
    assert {one.skills["support"] for one in why.candidates[:12]} == {5}  # type: ignore[index]


def test_R10_a_decision_for_a_freed_operator_shows_the_calls_that_competed() -> None:
    desk = Desk(trace=True)
    desk.caller("old", "sales", sales=1)
    desk.at(2).caller("young", "help", support=1)
    desk.at(5).operator("o", sales=2, support=2)
    why = desk.last[0].why
    assert why is not None
    assert (why.call, why.chosen) == ("old", "o")
    assert [one.call for one in why.rivals] == ["old", "young"]
    assert [one.operator for one in why.candidates] == ["o"]
    assert why.rivals[0].score > why.rivals[1].score


def test_R10_an_explanation_is_bounded_and_can_be_stored() -> None:
    desk = Desk()
    for number in range(300):
        desk.operator_with(f"o{number}", **{f"skill{number}": 1})
    desk.caller("a", support=1)
    why = _why(desk, "a")
    assert len(why.exclusions) == BEST
    assert sum(why.excluded_by_reason.values()) == 300
    assert len(msgspec.json.encode(why)) < 5000
