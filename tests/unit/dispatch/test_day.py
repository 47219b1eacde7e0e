"""An operator's day as a table of what happens and what it leaves: wrap-up, pauses, forms, restarts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ari_app.dispatch.memory import known, remembered
from ari_app.dispatch.presence import Change, Presence
from ari_app.model.ids import CallId, ChannelId, OfferId, OperatorId
from ari_app.model.operator import LEGAL, Operator, OperatorState
from ari_app.ports import IllegalTransition

ANA = Operator(OperatorId("1001"), "Ana", {})
CALL, OWN = CallId("c1"), ChannelId("ch9")
S = OperatorState


def given(state: OperatorState = S.AVAILABLE) -> Presence:
    return Presence(ANA, state=state, reachable=True)


def after_a_talk(wrap_up_s: float = 30.0, *, owes: CallId | None = None) -> Presence:
    """The talk ended at 100."""
    presence = given()
    presence.reserve(OfferId("o1"), CALL, 0.0)
    presence.ring(1.0)
    presence.connect(10.0)
    presence.finish(100.0, wrap_up_s, owes=owes)
    return presence


def state(presence: Presence) -> OperatorState:
    return presence.state


def restarted(presence: Presence, now: float) -> Presence:
    """The application died and came back; the phone is found again."""
    back = remembered(ANA, known(presence), now)
    back.reach(reachable=True, now=now)
    return back


def test_R8_wrap_up_is_a_state_that_ends_by_itself_early_or_later() -> None:
    presence = after_a_talk()
    assert (state(presence), presence.wrap_up_until) == (S.WRAP_UP, 130.0)
    presence.extend_wrap_up(110.0, 60.0)
    assert presence.wrap_up_until == 190.0
    assert presence.wrap_up_due(130.0) == []
    presence.wrap_up_due(190.0)
    assert state(presence) is S.AVAILABLE
    early = after_a_talk()
    early.ready(101.0, "1001")
    assert (state(early), early.wrap_up_until) == (S.AVAILABLE, None)
    with pytest.raises(IllegalTransition, match="not in wrap-up"):
        early.extend_wrap_up(102.0, 60.0)


@pytest.mark.parametrize(
    "interrupt",
    [
        lambda p: (p.reach(reachable=False, now=105.0), p.reach(reachable=True, now=110.0)),
        lambda p: (p.took_phone(OWN, 105.0), p.put_phone_down(OWN, 110.0)),
    ],
    ids=["the phone is lost and found", "the operator calls somebody"],
)
def test_R8_nothing_but_the_operator_or_time_ends_a_wrap_up(interrupt: Callable[[Presence], object]) -> None:
    presence = after_a_talk()
    interrupt(presence)
    assert (state(presence), presence.wrap_up_until) == (S.WRAP_UP, 130.0)
    late = after_a_talk(wrap_up_s=8.0)
    interrupt(late)
    assert state(late) is S.AVAILABLE


def test_R8_a_wrap_up_goes_on_after_a_restart_and_not_longer_than_it_would_have() -> None:
    presence = after_a_talk()
    assert (state(restarted(presence, 120.0)), presence.wrap_up_until) == (S.WRAP_UP, 130.0)
    assert state(restarted(presence, 131.0)) is S.AVAILABLE


def test_P5_a_form_that_is_owed_is_owed_after_a_restart_and_after_signing_in_again() -> None:
    presence = after_a_talk(0.0, owes=CALL)
    back = restarted(presence, 150.0)
    assert (state(back), back.owes) == (S.WRAP_UP, CALL)
    back.sign_out(160.0, "1001")
    again = restarted(back, 170.0)
    assert state(again) is S.SIGNED_OUT
    again.reachable = True
    again.sign_in(171.0, "1001")
    assert state(again) is S.WRAP_UP
    again.wrote(CALL, 172.0)
    assert state(again) is S.AVAILABLE


def test_P2_a_pause_asked_for_in_a_talk_is_remembered_over_a_restart() -> None:
    presence = given()
    presence.reserve(OfferId("o1"), CALL, 0.0)
    presence.connect(10.0)
    presence.pause(20.0, "meal", "1001")
    back = remembered(ANA, known(presence), 30.0)
    back.adopt(OfferId("o1"), CALL, S.TALKING, 31.0)
    back.finish(40.0, 30.0)
    assert (state(back), back.reason) == (S.PAUSED, "meal")
    lost = remembered(ANA, known(presence), 30.0)
    lost.reach(reachable=True, now=31.0)
    assert (state(lost), lost.reason) == (S.PAUSED, "meal")


def test_P2_a_new_reason_splits_the_pause_and_nothing_is_lost_between() -> None:
    presence, changes = given(), list[Change]()
    changes += presence.pause(10.0, "meal", "1001")
    changes += presence.pause(10.5, "meal", "1001")
    changes += presence.pause(20.0, "toilet", "1001")
    changes += presence.ready(30.0, "1001")
    told = [(change.new, change.reason, change.old_reason, change.since) for change in changes]
    assert told == [
        (S.PAUSED, "meal", "", 0.0),
        (S.PAUSED, "toilet", "meal", 10.0),
        (S.AVAILABLE, "ready", "toilet", 20.0),
    ]


@pytest.mark.parametrize("reason", ["toilet", "protected"])
@pytest.mark.parametrize("hours", [0.1, 3.0, 12.0])
def test_P12_no_time_ends_such_a_pause_or_makes_anything_of_it(reason: str, hours: float) -> None:
    presence = given()
    presence.pause(0.0, reason, "1001")
    assert presence.wrap_up_due(hours * 3600) == []
    presence.reach(reachable=False, now=hours * 3600)
    presence.reach(reachable=True, now=hours * 3600)
    assert (state(presence), presence.reason, presence.since, presence.misses) == (S.PAUSED, reason, 0.0, 0)


def test_P9_the_protected_pause_asked_for_in_a_talk_replaces_wrap_up() -> None:
    presence = given()
    presence.reserve(OfferId("o1"), CALL, 0.0)
    presence.connect(10.0)
    presence.pause(20.0, "protected", "1001")
    presence.finish(30.0, 60.0, owes=CALL)
    assert (state(presence), presence.wrap_up_until) == (S.PAUSED, None)


def test_P2_every_state_can_be_left_and_only_known_ways_are_legal() -> None:
    assert set(LEGAL) == set(OperatorState)
    assert all(LEGAL.values())
    for old in OperatorState:
        for new in set(OperatorState) - LEGAL[old]:
            presence = given(old)
            with pytest.raises(IllegalTransition, match=old.value):
                presence._to(new, 1.0, "", "")


def test_X3_the_fallback_queue_hears_of_who_comes_and_goes_and_not_of_calls() -> None:
    presence = Presence(ANA)
    told = [
        *presence.sign_in(0.0, "console"),
        *presence.reach(True, 1.0),
        *presence.reserve(OfferId("o1"), CALL, 2.0),
        *presence.ring(3.0),
        *presence.connect(4.0),
        *presence.finish(5.0, 0.0),
        *presence.reserve(OfferId("o2"), CALL, 6.0),
        *presence.miss(7.0, "missed", 1),
        *presence.sign_out(8.0, "console"),
    ]
    heard = [(change.old, change.new) for change in told if not change.is_of_a_call]
    assert heard == [
        (S.SIGNED_OUT, S.UNREACHABLE),
        (S.UNREACHABLE, S.AVAILABLE),
        (S.RESERVED, S.PAUSED),
        (S.PAUSED, S.SIGNED_OUT),
    ]
    assert len(told) > 8, "and those of two calls"
