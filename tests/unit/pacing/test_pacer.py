"""The campaign's pacer: modes, the floor it keeps, and what it must never do."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ari_app.pacing.floor import (
    Abandoned,
    Connected,
    FloorEvent,
    ImpossibleEventError,
    OperatorGone,
    OperatorReady,
    OperatorWrapping,
    Placed,
    Settled,
)
from ari_app.pacing.pacer import Mode, Pacer, PacerSettings
from ari_app.pacing.profiles import EU, UK, US

LIST = [0] * 200


def given_pacer(mode: Mode, operators: int = 5, live: int = 0, abandoned: int = 0, **more: float) -> Pacer:
    settings = replace(PacerSettings(mode=mode, profile=US), **more)  # type: ignore[arg-type]
    pacer = Pacer(settings)
    pacer.budget.restore(0.0, live, abandoned)
    for seat in range(operators):
        pacer.apply(OperatorReady(f"op{seat}"), 0.0)
    return pacer


def when(pacer: Pacer, now: float, *events: FloorEvent) -> None:
    for event in events:
        pacer.apply(event, now)


@pytest.mark.parametrize("mode", ["progressive", "predictive", "power"])
def test_O3_before_100_live_answers_every_mode_is_progressive(mode: Mode) -> None:
    pacer = given_pacer(mode, operators=5, live=99)
    plan = pacer.tick(1.0, LIST)
    assert (plan.launch, plan.rule) == (5, "progressive")
    when(pacer, 1.0, *(Placed(n) for n in range(5)))
    assert pacer.tick(2.0, LIST).launch == 0


@pytest.mark.parametrize("mode", ["predictive", "power"])
def test_O3_a_spent_budget_turns_every_mode_progressive(mode: Mode) -> None:
    assert given_pacer(mode, operators=10, live=1000, abandoned=5).tick(1.0, LIST).launch > 10
    assert given_pacer(mode, operators=10, live=1000, abandoned=30).tick(1.0, LIST).launch == 10


def test_O3_the_campaigns_cap_can_only_tighten_the_profiles() -> None:
    assert given_pacer("predictive", live=1000, abandoned=12, cap=0.01).tick(1.0, LIST).launch == 5
    assert given_pacer("predictive", live=1000, abandoned=30, cap=0.5).tick(1.0, LIST).launch == 5


@pytest.mark.parametrize("mode", ["predictive", "power"])
def test_O14_a_profile_that_allows_no_drop_is_always_progressive(mode: Mode) -> None:
    pacer = Pacer(PacerSettings(mode=mode, profile=EU))
    pacer.budget.restore(0.0, 5000, 0)
    when(pacer, 0.0, *(OperatorReady(n) for n in range(4)))
    plan = pacer.tick(1.0, LIST)
    assert (plan.launch, plan.rule) == (4, "progressive")


def test_O14_ofcom_counts_people_taken_for_machines_as_dropped() -> None:
    settings = PacerSettings(mode="predictive", profile=UK, false_machine_share=0.03)
    pacer = Pacer(settings)
    pacer.budget.restore(0.0, 5000, 0)
    when(pacer, 0.0, *(OperatorReady(n) for n in range(4)))
    assert pacer.tick(1.0, LIST).rule == "progressive", "3 % false machines leave no room at all"


@pytest.mark.parametrize("mode", ["progressive", "predictive", "power"])
def test_O12_nothing_is_dialled_once_the_last_operator_has_left(mode: Mode) -> None:
    pacer = given_pacer(mode, operators=3, live=1000)
    assert pacer.tick(1.0, LIST).launch > 0
    when(pacer, 1.0, *(OperatorGone(f"op{n}") for n in range(3)))
    assert pacer.tick(2.0, LIST).launch == 0


def test_O12_no_contacts_left_means_no_calls() -> None:
    for mode in ("progressive", "predictive", "power", "message"):
        assert given_pacer(mode, live=1000).tick(1.0, []).launch == 0


def test_O2_preview_never_dials_by_itself() -> None:
    assert given_pacer("preview", live=1000).tick(1.0, LIST).launch == 0


def test_O2_power_keeps_its_ratio() -> None:
    pacer = given_pacer("power", operators=4, live=5000, ratio=2.5)
    assert pacer.tick(1.0, LIST).launch == 10
    when(pacer, 1.0, *(Placed(n) for n in range(7)))
    assert pacer.tick(2.0, LIST).launch == 3


def test_O2_power_never_risks_more_drops_than_the_cap_has_room_for() -> None:
    assert given_pacer("power", operators=4, live=1000, abandoned=27, ratio=3.0).tick(1.0, LIST).launch == 4


def test_O2_a_ratio_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ratio of 0\.5"):
        given_pacer("power", ratio=0.5)


def test_O2_agentless_messages_need_no_operator_and_keep_to_their_limit() -> None:
    pacer = given_pacer("message", operators=0, at_once=3)
    assert pacer.tick(1.0, LIST).launch == 3
    when(pacer, 1.0, Placed("a"), Placed("b"), Settled("a", "human"))
    assert pacer.tick(2.0, LIST).launch == 1


@pytest.mark.parametrize("mode", ["progressive", "predictive", "power"])
def test_R14_operators_reserved_for_inbound_are_not_dialled_for(mode: Mode) -> None:
    pacer = given_pacer(mode, operators=5, live=50)
    assert pacer.tick(1.0, LIST, reserved=3).launch == 2
    assert pacer.tick(1.0, LIST, reserved=5).launch == 0


def test_R14_expected_inbound_callers_make_predictive_pacing_careful() -> None:
    quiet = given_pacer("predictive", operators=10, live=1000).tick(1.0, LIST).launch
    busy = given_pacer("predictive", operators=10, live=1000).tick(1.0, LIST, inbound_per_s=0.3).launch
    assert 10 <= busy < quiet


def test_a_single_operator_is_dialled_for_progressively() -> None:
    plan = given_pacer("predictive", operators=1, live=1000).tick(1.0, LIST)
    assert (plan.launch, plan.rule) == (1, "progressive")


def test_callers_already_waiting_are_served_before_more_are_dialled() -> None:
    pacer = given_pacer("progressive", operators=2)
    when(pacer, 1.0, Placed("a"), Placed("b"))
    when(pacer, 9.0, Settled("a", "human"), Settled("b", "busy"))
    assert pacer.tick(9.0, LIST).launch == 1


def test_O15_every_plan_explains_itself() -> None:
    plan = given_pacer("predictive", operators=10, live=1000, abandoned=10).tick(1.0, LIST)
    assert plan.reasons["idle"] == 10
    assert plan.reasons["risk_of_next"] > plan.reasons["risk_allowed"] > 0
    assert plan.reasons["abandoned_share"] == pytest.approx(0.01)
    assert plan.explain().startswith(f"launch {plan.launch} (predictive): idle=10")


def a_morning() -> Sequence[tuple[float, FloorEvent]]:
    """Twenty minutes of four operators, told by a fixed rhythm."""
    told: list[tuple[float, FloorEvent]] = [(0.0, OperatorReady(n)) for n in range(4)]
    for n in range(300):
        start = 4.0 * n
        told.append((start, Placed(n, n % 3)))
        if n % 4 == 0:
            seat = (n // 4) % 4
            told += [(start + 9.0, Settled(n, "human")), (start + 9.5, Connected(n, seat))]
            told += [(start + 40.0, OperatorWrapping(seat)), (start + 50.0, OperatorReady(seat))]
        else:
            told.append((start + 14.0 + n % 5, Settled(n, "no_answer")))
    return sorted(told, key=lambda row: row[0])


def replay(pacer: Pacer) -> list[tuple[int, str]]:
    plans, told = [], list(a_morning())
    for second in range(1300):
        while told and told[0][0] <= second:
            at, event = told.pop(0)
            pacer.apply(event, at)
        plan = pacer.tick(float(second), LIST)
        plans.append((plan.launch, plan.explain()))
    return plans


def test_the_same_events_give_the_same_plans() -> None:
    one = replay(given_pacer("predictive", operators=0, live=200))
    assert one == replay(given_pacer("predictive", operators=0, live=200))
    assert len({launch for launch, _ in one}) > 2


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([Placed("a"), Placed("a")], "'a' was placed twice"),
        ([Settled("a", "busy")], "'a' settled but was not ringing"),
        ([Placed("a"), Connected("a", "op0")], "'a' is not waiting"),
        ([Placed("a"), Settled("a", "machine"), Abandoned("a")], "'a' is not waiting"),
        ([OperatorWrapping("op0")], "'op0' wraps up without having talked"),
    ],
)
def test_a_floor_that_cannot_be_is_refused(events: list[FloorEvent], message: str) -> None:
    with pytest.raises(ImpossibleEventError, match=message):
        when(given_pacer("progressive"), 1.0, *events)


def test_the_floor_follows_a_call_from_ringing_to_wrap_up() -> None:
    pacer = given_pacer("progressive", operators=1)
    when(pacer, 1.0, Placed("a", 2))
    ringing = pacer.floor.snapshot(4.0, [])
    assert (ringing.ringing_s, ringing.ringing_segments, ringing.idle) == ([3.0], [2], 1)
    when(pacer, 5.0, Settled("a", "human"))
    assert pacer.floor.snapshot(5.0, []).waiting == 1
    when(pacer, 6.0, Connected("a", "op0"))
    assert pacer.floor.snapshot(16.0, []).talking_s == [10.0]
    when(pacer, 20.0, OperatorWrapping("op0"))
    assert pacer.floor.snapshot(21.0, []).wrapping_s == [1.0]
    when(pacer, 25.0, OperatorReady("op0"))
    assert pacer.floor.snapshot(25.0, []).idle == 1
