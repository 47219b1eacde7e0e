"""Who gets whom: levels, relaxation, places, priorities, holds and failed offers."""

import pytest

from ari_app.model.ids import CallId, ClientId, OperatorId, QueueId
from ari_app.model.routing import QueueRequest
from ari_app.routing import events as ev
from ari_app.routing.policy import Order, Policy
from tests.unit.routing.sentences import Desk, needs, skills, step


def test_R1_nobody_below_the_needed_level_is_rung() -> None:
    desk = Desk()
    desk.operator("low", support=2)
    assert desk.caller("a", support=3) == []
    assert desk.at(1).operator("exact", support=3) == [("a", "exact")]


def test_R1_every_needed_skill_counts() -> None:
    desk = Desk()
    desk.operator("english_only", english=5)
    desk.operator("support_only", support=5)
    assert desk.caller("a", english=1, support=2) == []
    assert desk.operator("both", english=1, support=2) == [("a", "both")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(9.999, []), (10.0, [("a", "low")]), (50.0, [("a", "low")])],
)
def test_R1_R2_a_step_lowers_the_level_at_its_time_and_not_before(
    at: float, expected: list[tuple[str, str]]
) -> None:
    desk = Desk()
    desk.operator("low", support=2)
    desk.caller("a", "help", step(10, support=2), support=4)
    assert desk.index.next_wake() == 10.0
    assert desk.at(at).tick() == expected


def test_R2_steps_drop_a_skill_then_widen_to_another_queue() -> None:
    desk = Desk()
    desk.operator("plain", "sales")
    desk.operator("german", "other", german=3)
    desk.caller("a", "help", step(20, "sales"), step(10, german=0), german=3)
    assert desk.at(10).tick() == []
    assert desk.index.next_wake() == 20.0
    assert desk.at(20).tick() == [("a", "plain")]
    assert desk.last[0].step == 2


def test_R2_relaxing_keeps_the_place_in_line() -> None:
    desk = Desk()
    desk.caller("first", "help", step(10, support=1), support=5)
    desk.at(5).caller("second", support=1)
    desk.at(12).tick()
    assert desk.operator("low", support=1) == [("first", "low")]
    assert desk.operator("low2", support=1) == [("second", "low2")]


def test_R2_a_late_tick_relaxes_before_anything_else_is_decided() -> None:
    desk = Desk()
    desk.operator("low", support=1)
    desk.caller("first", "help", step(10, support=1), support=5)
    assert desk.at(30).caller("late", support=1) == [("first", "low")]


def test_R2_a_caller_restored_late_stands_at_the_step_of_its_waiting() -> None:
    desk = Desk()
    desk.operator("low", support=1)
    assert desk.at(100).caller("a", "help", step(10, support=1), entered_at=50, support=5) == [("a", "low")]
    assert desk.last[0].step == 1
    assert desk.last[0].waited_s == 50


def test_R4_urgent_callers_pass() -> None:
    desk = Desk()
    desk.caller("normal", support=1)
    desk.at(10).caller("urgent", priority=1, support=1)
    assert desk.at(12).operator("o", support=1) == [("urgent", "o")]


def test_R4_nobody_starves_under_a_stream_of_urgent_callers() -> None:
    desk = Desk()
    desk.caller("normal", support=1)
    for second in range(1, 600):
        desk.at(second).caller(f"urgent{second}", priority=1, support=1)
        if desk.operator("o", support=1) == [("normal", "o")]:
            break
    assert desk.now < 300


def test_R5_a_returning_caller_gets_the_operator_of_last_time() -> None:
    desk = Desk()
    desk.operator("other", idle_since=-100, support=5)
    desk.operator("known", support=1)
    assert desk.caller("a", preferred="known", preferred_wait_s=20, support=1) == [("a", "known")]


def test_R5_waits_for_the_busy_operator_then_falls_back() -> None:
    desk = Desk()
    desk.operator("other", support=5)
    desk.operator("known", support=1)
    desk.gone("known")
    assert desk.caller("a", preferred="known", preferred_wait_s=20, support=1) == []
    assert desk.at(19).tick() == []
    assert desk.at(20).tick() == [("a", "other")]


def test_R5_the_operator_who_comes_back_in_time_is_given_the_caller_who_waits_for_him() -> None:
    desk = Desk()
    desk.operator("known", support=1)
    desk.gone("known")
    desk.caller("elder", entered_at=-5, support=1)
    desk.caller("a", preferred="known", preferred_wait_s=20, support=1)
    assert desk.at(6).operator("known", support=1) == [("a", "known")]


def test_R5_an_operator_who_is_not_signed_in_is_not_waited_for() -> None:
    desk = Desk()
    desk.operator("other", support=5)
    assert desk.caller("a", preferred="known", preferred_wait_s=20, support=1) == [("a", "other")]


def test_R5_signing_out_ends_the_wait_at_once() -> None:
    desk = Desk()
    desk.operator("known", support=1)
    desk.operator("other", support=1)
    desk.gone("known")
    assert desk.caller("a", preferred="known", preferred_wait_s=60, support=1) == []
    assert desk.at(3).gone("known", signed_out=True) == [("a", "other")]


def test_R5_the_preferred_operator_must_fit_too() -> None:
    desk = Desk()
    desk.operator("known", support=1)
    assert desk.caller("a", preferred="known", preferred_wait_s=5, support=3) == []
    desk.at(10).tick()
    assert desk.operator("better", support=3) == [("a", "better")]


def test_R5_losing_the_skill_ends_the_wait() -> None:
    desk = Desk()
    desk.operator("known", support=3)
    desk.operator("other", support=3)
    desk.gone("known")
    assert desk.caller("a", preferred="known", preferred_wait_s=60, support=3) == []
    changed = ev.OperatorChanged(OperatorId("known"), skills(support=1))
    assert desk.tell(changed) == [("a", "other")]


def test_R6_the_oldest_eligible_caller_across_all_queues() -> None:
    desk = Desk()
    desk.caller("other_client", "help", client=ClientId("acme"))
    desk.at(1).caller("needs_french", "french", french=1)
    desk.at(2).caller("sales", "sales", sales=1)
    desk.at(3).caller("help", "help", support=1)
    assert desk.at(9).operator("o", "help", "sales", support=3, sales=3) == [("sales", "o")]
    assert desk.at(9).operator("p", support=3, sales=3) == [("help", "p")]


def test_R6_levels_do_not_pass_an_older_caller_of_two() -> None:
    desk = Desk()
    desk.caller("old", "sales", sales=1)
    desk.at(3).caller("young", "help", support=1)
    assert desk.at(25).operator("o", sales=1, support=5) == [("old", "o")]


def test_R6_seven_callers_are_taken_in_order_of_their_waiting_until_levels_have_proved_their_worth() -> None:
    desk = Desk()
    for nth, skill in enumerate(["a", "b", "c", "d", "a", "b", "c"]):
        desk.at(nth * 6).caller(f"c{nth}", skill, **{skill: 1})  # type: ignore[arg-type]
    desk.at(90)
    taken = [desk.operator(f"o{nth}", a=1, b=5, c=2, d=4)[0][0] for nth in range(7)]
    assert taken == [f"c{nth}" for nth in range(7)]


def test_R6_never_two_calls_at_once() -> None:
    desk = Desk()
    desk.operator("o", support=1)
    assert desk.caller("a", support=1) == [("a", "o")]
    assert desk.caller("b", support=1) == []
    assert desk.at(60).tick() == []
    assert desk.left("a") == []
    assert desk.operator("o", support=1) == [("b", "o")]


def test_R6_saying_available_twice_is_one_operator() -> None:
    desk = Desk()
    desk.operator("o", support=1)
    desk.at(1).operator("o", support=1)
    assert desk.caller("a", support=1) == [("a", "o")]
    assert desk.caller("b", support=1) == []


def test_R7_a_missed_offer_goes_to_the_next_operator_and_keeps_its_place() -> None:
    desk = Desk()
    desk.operator("deaf", idle_since=-9, support=1)
    assert desk.caller("a", support=1) == [("a", "deaf")]
    desk.at(5).caller("b", support=1)
    assert desk.at(20).failed("a", "deaf") == []
    assert desk.operator("deaf", support=1) == [("b", "deaf")]
    assert desk.at(21).operator("next", support=1) == [("a", "next")]
    assert desk.last[0].waited_s == 21


def test_R7_the_same_operator_gets_the_call_again_after_the_exclusion() -> None:
    desk = Desk()
    desk.operator("only", support=1)
    desk.caller("a", support=1)
    desk.at(20).failed("a", "only", excluded_s=30)
    assert desk.operator("only", support=1) == []
    assert desk.index.next_wake() == 50
    assert desk.at(50).tick() == [("a", "only")]


def test_R7_an_excluded_operator_is_passed_over_among_the_idle() -> None:
    desk = Desk()
    desk.operator("deaf", support=1)
    desk.caller("a", support=1)
    desk.at(20).failed("a", "deaf", excluded_s=100)
    desk.operator("deaf", idle_since=0, support=1)
    assert desk.at(21).operator("next", support=1) == [("a", "next")]
    desk.at(22).failed("a", "next", excluded_s=5)
    desk.operator("next", support=1)
    assert desk.caller("b", support=1) == [("b", "deaf")]
    assert desk.at(27).tick() == [("a", "next")]


def test_R7_an_exclusion_that_ended_during_another_offer_is_over() -> None:
    desk = Desk()
    desk.operator("deaf", support=1)
    desk.caller("a", support=1)
    desk.at(5).failed("a", "deaf", excluded_s=10)
    desk.operator("deaf", support=1)
    assert desk.at(6).operator("next", support=1) == [("a", "next")]
    assert desk.at(20).failed("a", "next") == [("a", "deaf")]


def test_R7_a_failure_of_another_offer_or_of_a_call_gone_is_ignored() -> None:
    desk = Desk()
    desk.operator("o", support=1)
    desk.caller("a", support=1)
    assert desk.failed("a", "somebody") == []
    assert desk.failed("nobody", "o") == []
    desk.left("a")
    assert desk.failed("a", "o") == []
    assert desk.operator("o", support=1) == []


def test_a_busy_operator_is_given_nothing() -> None:
    desk = Desk()
    desk.operator("o", support=1)
    desk.gone("o")
    assert desk.caller("a", support=1) == []
    assert desk.left("a") == []
    assert desk.operator("o", support=1) == []


def test_bound_operators_serve_their_queues_alone() -> None:
    desk = Desk()
    desk.operator("bound", "sales", support=3)
    assert desk.caller("a", "help", support=1) == []
    assert desk.caller("b", "sales") == [("b", "bound")]


def test_a_changed_request_keeps_the_place() -> None:
    desk = Desk()
    desk.caller("a", "french", french=1)
    desk.at(5).caller("b", "help", support=1)
    request = QueueRequest(QueueId("help"), needs(support=1))
    desk.at(6).tell(ev.RequestChanged(CallId("a"), request))
    assert desk.at(7).operator("o", support=1) == [("a", "o")]


def test_a_changed_request_may_fit_somebody_idle() -> None:
    desk = Desk()
    desk.operator("o", support=1)
    desk.caller("a", "french", french=1)
    request = QueueRequest(QueueId("help"), needs(support=1))
    assert desk.tell(ev.RequestChanged(CallId("a"), request)) == [("a", "o")]
    assert desk.tell(ev.RequestChanged(CallId("gone"), request)) == []


def test_new_skills_of_an_idle_operator_count_at_once() -> None:
    desk = Desk()
    desk.operator("o", support=1)
    desk.caller("a", sales=2)
    changed = ev.OperatorChanged(OperatorId("o"), skills(sales=2))
    assert desk.at(4).tell(changed) == [("a", "o")]
    assert desk.tell(ev.OperatorChanged(OperatorId("stranger"), skills(sales=2))) == []


def test_a_new_policy_moves_nobody() -> None:
    desk = Desk()
    desk.operator("idle", sales=1)
    desk.caller("a", support=1)
    desk.at(1).caller("b", support=1)
    assert desk.at(2).tell(ev.PolicyChanged(Policy(order=Order.LONGEST_IDLE))) == []
    assert desk.at(3).caller("c", sales=1) == [("c", "idle")]
    assert desk.at(4).operator("o", support=1) == [("a", "o")]
    assert desk.at(4).operator("p", support=1) == [("b", "p")]


def test_a_call_cannot_enter_twice() -> None:
    desk = Desk()
    desk.caller("a", support=1)
    with pytest.raises(ValueError, match="call a is waiting"):
        desk.caller("a", support=1)


def test_hang_ups_that_race_are_ignored() -> None:
    desk = Desk()
    assert desk.left("nobody") == []
    assert desk.gone("nobody") == []
    assert desk.gone("nobody", signed_out=True) == []
    assert desk.tell(ev.ContactEnded(OperatorId("nobody"), 10.0)) == []
    assert desk.tell(ev.OfferAnswered(CallId("nobody"), OperatorId("o"))) == []


def test_R14_outbound_is_taken_only_when_no_inbound_caller_fits() -> None:
    desk = Desk()
    desk.caller("outbound", "campaign", outbound=True, priority=5, sales=1)
    desk.at(50).caller("inbound", "help", support=1)
    assert desk.at(51).operator("o", support=1, sales=1) == [("inbound", "o")]
    assert desk.at(51).operator("p", support=1, sales=1) == [("outbound", "p")]


def test_R14_outbound_fills_idle_time() -> None:
    desk = Desk()
    desk.caller("inbound", "help", support=5)
    desk.operator("o", sales=1)
    assert desk.caller("outbound", "campaign", outbound=True, sales=1) == [("outbound", "o")]


def test_rows_of_the_past_are_dropped() -> None:
    desk = Desk()
    desk.operator("steady", support=1)
    for number in range(800):
        desk.at(number).caller(f"c{number}", f"queue{number}", sales=number + 1)
        desk.left(f"c{number}")
        desk.operator("changing", sales=number + 1)
    market = desk.index._market
    assert len(market.groups) < 600
    assert len(market.lines) < 600
    assert len(market.kinds) < 1100
    assert desk.caller("a", support=1) == [("a", "steady")]


def test_R12_equal_operators_and_equal_callers_share_a_row() -> None:
    desk = Desk()
    for number in range(1000):
        desk.operator(f"o{number}", support=1 + number % 3)
    for number in range(3000):
        desk.at(number / 100).caller(f"c{number}", sales=1, priority=number % 2)
    market = desk.index._market
    assert (len(market.groups), len(market.lines), len(market.kinds)) == (3, 2, 1)
    assert desk.operator("seller", sales=1) == [("c1", "seller")]
