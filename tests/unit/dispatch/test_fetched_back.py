"""A caller who comes back to the operator he talked with cuts that operator's wrap-up short."""

from __future__ import annotations

import pytest

from ari_app.dispatch.presence import Presence
from ari_app.model.ids import CallId, OfferId, OperatorId
from ari_app.model.operator import Operator, OperatorState
from ari_app.ports import IllegalTransition

ANA = Operator(OperatorId("1001"), "Ana", {})
CALL = CallId("c1")


def _after_a_talk(*, owes: CallId | None = None) -> Presence:
    presence = Presence(ANA, reachable=True)
    presence.sign_in(0.0, "test")
    presence.reserve(OfferId("o1"), CALL, 1.0)
    presence.connect(2.0)
    presence.finish(3.0, 20.0, owes=owes)
    assert presence.state is OperatorState.WRAP_UP
    return presence


@pytest.mark.parametrize("owes", [None, CALL])
def test_P6_parked_caller_is_fetched_out_of_the_wrap_up(owes: CallId | None) -> None:
    presence = _after_a_talk(owes=owes)
    presence.take(OfferId("o2"), CALL, 4.0, back=True)
    assert presence.state is OperatorState.RESERVED
    assert presence.wrap_up_due(30.0) == [], "the old wrap-up ends nothing of the new talk"
    presence.connect(5.0)
    presence.finish(6.0, 20.0)
    assert presence.wrap_up_until == 26.0


def test_P6_strangers_do_not_cut_a_wrap_up_short() -> None:
    with pytest.raises(IllegalTransition):
        _after_a_talk().take(OfferId("o2"), CALL, 4.0, back=False)
