"""Retries: per disposition, and never past a cap, whatever the history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.pacing.retry import (
    DAY_S,
    WEEK_S,
    AttemptCaps,
    Disposition,
    PastAttempt,
    RetryPolicy,
    RetryRule,
    earliest_within_caps,
    in_blackout,
    next_try,
)

HOUR = 3600.0
HERE = "+5511912345678"
POLICY = RetryPolicy(
    rules={
        "no_answer": RetryRule(after_s=(2 * HOUR, 6 * HOUR), at_most=4),
        "busy": RetryRule(after_s=(300.0,), at_most=5),
        "machine": RetryRule(after_s=(4 * HOUR,), at_most=2),
        "abandoned": RetryRule(after_s=(HOUR,), at_most=2),
    },
    attempts_at_most=6,
    caps=AttemptCaps(per_number_day=3, per_number_week=7, per_person_day=4),
)


def tried(*rows: tuple[float, Disposition], number: str = HERE) -> list[PastAttempt]:
    return [PastAttempt(at, number, disposition) for at, disposition in rows]


@pytest.mark.parametrize(
    ("history", "at", "reason"),
    [
        ([], 0.0, "first_attempt"),
        (tried((0.0, "no_answer")), 2 * HOUR, "retry_after_no_answer"),
        (tried((0.0, "no_answer"), (2 * HOUR, "no_answer")), 8 * HOUR, "retry_after_no_answer"),
        (tried((0.0, "busy")), 300.0, "retry_after_busy"),
        (tried((0.0, "busy"), (300.0, "busy"), (600.0, "busy")), DAY_S, "attempt_cap"),
        (tried((0.0, "machine"), (DAY_S, "machine")), None, "no_retry_after_machine"),
        (tried((0.0, "failed")), None, "no_retry_after_failed"),
        (tried((0.0, "no_answer"), (DAY_S, "connected")), None, "finished"),
        (tried((0.0, "do_not_call")), None, "finished"),
        (tried((0.0, "invalid_number")), None, "finished"),
        (tried((0.0, "abandoned")), 72 * HOUR, "blackout_after_drop"),
        (tried((0.0, "abandoned"), (73 * HOUR, "busy")), 73 * HOUR + 300.0, "retry_after_busy"),
        (tried(*((k * WEEK_S, "no_answer") for k in range(4))), None, "no_retry_after_no_answer"),
    ],
)
def test_O8_each_disposition_has_its_own_retry(
    history: list[PastAttempt], at: float | None, reason: str
) -> None:
    planned = next_try(POLICY, history, HERE)
    assert (planned.at, planned.reason) == (at, reason)


def test_O8_a_callback_is_kept_to_the_promised_time() -> None:
    asked = [PastAttempt(0.0, HERE, "callback", callback_at=5 * HOUR)]
    assert next_try(POLICY, asked, HERE).at == 5 * HOUR


def test_O8_attempts_are_limited_in_all() -> None:
    history = tried(*((k * WEEK_S, "busy" if k % 2 else "no_answer") for k in range(6)))
    assert next_try(POLICY, history, HERE).reason == "attempts_used_up"


def test_O8_the_persons_cap_counts_all_their_numbers() -> None:
    other = tried((0.0, "busy"), (600.0, "busy"), number="+551133334444")
    here = tried((1200.0, "no_answer"), (1800.0, "busy"))
    assert next_try(POLICY, other + here, HERE).at == DAY_S


def test_O8_a_cap_of_zero_means_never() -> None:
    assert earliest_within_caps(AttemptCaps(per_number_day=0), [], HERE, 5.0) is None


def test_O8_a_campaign_can_only_tighten_the_caps() -> None:
    law, own = (
        AttemptCaps(per_number_day=3, per_person_week=7),
        AttemptCaps(per_number_day=5, per_number_week=4),
    )
    assert law.tightened_by(own) == AttemptCaps(3, 4, None, 7)


def test_O4_a_dropped_number_needs_a_waiting_operator_for_72_hours() -> None:
    history = tried((0.0, "abandoned"))
    assert in_blackout(history, HERE, 72 * HOUR, 71 * HOUR)
    assert not in_blackout(history, HERE, 72 * HOUR, 72 * HOUR)
    assert not in_blackout(history, "+5511900000000", 72 * HOUR, HOUR)


@given(
    st.lists(st.tuples(st.integers(0, 20 * int(DAY_S)), st.sampled_from(["a", "b", "c"])), max_size=30),
    st.integers(0, 25 * int(DAY_S)),
    st.integers(1, 4),
    st.integers(1, 9),
)
def test_O8_no_24_hours_and_no_7_days_ever_hold_more_than_the_caps(
    rows: list[tuple[int, str]], wanted_at: int, day: int, week: int
) -> None:
    caps = AttemptCaps(per_number_day=day, per_person_week=week)
    history: list[PastAttempt] = []
    for at, number in sorted(rows):
        allowed_at = earliest_within_caps(caps, history, number, at)
        if allowed_at == at:
            history.append(PastAttempt(at, number, "busy"))
    at_last = earliest_within_caps(caps, history, "a", max([wanted_at, *(p.at for p in history)]))
    assert at_last is not None
    history.append(PastAttempt(at_last, "a", "busy"))
    for attempt in history:
        same = [p for p in history if p.number == attempt.number and 0 <= attempt.at - p.at < DAY_S]
        person = [p for p in history if 0 <= attempt.at - p.at < WEEK_S]
        assert len(same) <= day
        assert len(person) <= week
