"""Whoever owes a form takes no next call until it is written, where the queue says so (P5)."""

from __future__ import annotations

import pytest

from ari_app.dispatch.presence import Presence
from ari_app.model.ids import CallId, OfferId, OperatorId
from ari_app.model.operator import Operator, OperatorState
from ari_app.ports import IllegalTransition

CALL = CallId("c1")


def after_a_call(wrap_up_s: float) -> Presence:
    presence = Presence(Operator(OperatorId("1001"), "x", {}), OperatorState.AVAILABLE, reachable=True)
    presence.reserve(OfferId("o1"), CALL, 0.0)
    presence.ring(1.0)
    presence.connect(2.0)
    presence.finish(10.0, wrap_up_s, owes=CALL)
    return presence


def state_of(presence: Presence) -> OperatorState:
    return presence.state


@pytest.mark.parametrize("wrap_up_s", [0.0, 5.0])
def test_P5_wrap_up_lasts_until_the_form_is_written(wrap_up_s: float) -> None:
    presence = after_a_call(wrap_up_s)
    assert state_of(presence) is OperatorState.WRAP_UP
    presence.wrap_up_due(10.0 + wrap_up_s)
    assert state_of(presence) is OperatorState.WRAP_UP
    with pytest.raises(IllegalTransition, match="c1"):
        presence.ready(100.0, "1001")
    assert presence.wrote(CallId("another"), 101.0) == []
    presence.wrote(CALL, 102.0)
    assert state_of(presence) is OperatorState.AVAILABLE


def test_P5_a_form_written_early_leaves_the_rest_of_the_wrap_up() -> None:
    presence = after_a_call(5.0)
    presence.wrote(CALL, 11.0)
    assert state_of(presence) is OperatorState.WRAP_UP
    presence.wrap_up_due(15.0)
    assert state_of(presence) is OperatorState.AVAILABLE


def test_P5_a_form_written_during_the_call_is_not_owed_after_it() -> None:
    presence = Presence(Operator(OperatorId("1001"), "x", {}), OperatorState.AVAILABLE, reachable=True)
    presence.reserve(OfferId("o1"), CALL, 0.0)
    presence.connect(2.0)
    presence.wrote(CALL, 5.0)
    presence.finish(10.0, 0.0, owes=CALL)
    assert state_of(presence) is OperatorState.AVAILABLE


def test_P12_who_owes_a_form_may_still_pause() -> None:
    presence = after_a_call(5.0)
    presence.pause(11.0, "toilet", "1001")
    assert state_of(presence) is OperatorState.PAUSED
    with pytest.raises(IllegalTransition):
        presence.ready(20.0, "1001")
    presence.wrote(CALL, 21.0)
    presence.ready(22.0, "1001")
    assert state_of(presence) is OperatorState.AVAILABLE
