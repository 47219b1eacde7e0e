"""Pauses that last longer than planned: told once, ended by nobody, and never the toilet pause (P12)."""

from __future__ import annotations

import pytest

from ari_app.dispatch.presence import Presence
from ari_app.model.facts import PauseOverran
from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator, OperatorState
from tests.unit.dispatch.test_complaints import Shift

LIMITS = {"break": 600.0, "toilet": 1.0, "protected": 1.0}


class Timed(Shift):
    """A shift whose breaks last ten minutes; the other two limits come from a hostile hand."""

    def __init__(self) -> None:
        super().__init__()
        self.dispatcher.set_pauses(LIMITS)
        self.ana = self.operator("1001")

    def told(self) -> list[tuple[str, str, float]]:
        facts = [stamped.fact for stamped in self.journal.facts]
        return [(f.operator, f.reason, f.longest_s) for f in facts if isinstance(f, PauseOverran)]

    def until(self) -> float | None:
        return self.dispatcher.pause_limits.until(self.dispatcher.presence(self.ana))


def test_P2_a_pause_over_its_limit_is_told_once_and_ended_by_nobody() -> None:
    shift = Timed()
    shift.pause(shift.ana, "break")
    assert shift.until() == shift.clock.now() + 600.0
    assert shift.dispatcher.due() == shift.until()
    shift.pass_time(599.0)
    assert shift.told() == []
    for _ in range(3):
        shift.pass_time(1000.0)
    assert shift.told() == [("1001", "break", 600.0)]
    assert shift.state(shift.ana) is OperatorState.PAUSED
    shift.dispatcher.act(shift.ana, lambda p, now: p.ready(now, "1001"))
    assert shift.until() is None
    shift.pause(shift.ana, "break")
    shift.pass_time(601.0)
    assert len(shift.told()) == 2, "the next pause has a time of its own"


@pytest.mark.parametrize("reason", ["toilet", "protected", "training"])
def test_P12_and_P9_some_pauses_are_timed_by_nobody_whatever_is_configured(reason: str) -> None:
    shift = Timed()
    shift.pause(shift.ana, "break")
    shift.pass_time(300.0)
    shift.pause(shift.ana, reason)
    shift.pass_time(100_000.0)
    assert (shift.told(), shift.until()) == ([], None)


def test_P2_another_reason_is_another_pause_and_another_limit_counts_at_once() -> None:
    shift = Timed()
    shift.pause(shift.ana, "training")
    shift.pass_time(700.0)
    shift.pause(shift.ana, "break")
    shift.pass_time(599.0)
    assert shift.told() == []
    shift.dispatcher.set_pauses({"break": 300.0})
    shift.pass_time(0.0)
    assert shift.told() == [("1001", "break", 300.0)]
    shift.dispatcher.set_pauses({"break": 300.0, "meal": 3600.0})
    shift.pass_time(10.0)
    assert len(shift.told()) == 1, "a site that says the same of breaks tells nothing anew"
    shift.dispatcher.set_pauses({})
    shift.pass_time(10_000.0)
    assert len(shift.told()) == 1


def test_P2_a_pause_goes_over_although_the_application_was_away_and_a_removed_operator_does_not() -> None:
    shift = Timed()
    for extension in ("1002", "1003"):
        known = Operator(OperatorId(extension), extension, {})
        since = shift.clock.now() - 599.0
        shift.dispatcher.add_operator(
            Presence(known, state=OperatorState.PAUSED, reason="break", since=since)
        )
    shift.dispatcher.remove_operator(OperatorId("1003"))
    shift.pass_time(2.0)
    assert shift.told() == [("1002", "break", 600.0)]
