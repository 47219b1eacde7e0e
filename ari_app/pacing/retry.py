"""When a contact may be tried again: per disposition, and within caps per number and per person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ari_app.model.campaign import AttemptCaps, Disposition, RetryRule

__all__ = [
    "AttemptCaps",
    "Disposition",
    "NextTry",
    "PastAttempt",
    "RetryPolicy",
    "RetryRule",
    "earliest_within_caps",
    "in_blackout",
    "next_try",
]

FINAL: frozenset[Disposition] = frozenset({"connected", "invalid_number", "do_not_call"})
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A campaign's rules for trying again; a disposition without a rule is not tried again."""

    rules: Mapping[Disposition, RetryRule]
    attempts_at_most: int
    caps: AttemptCaps
    blackout_after_drop_s: float = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One attempt at a person, on whichever of their numbers; `at` is wall seconds."""

    at: float
    number: str
    disposition: Disposition
    callback_at: float | None = None


@dataclass(frozen=True, slots=True)
class NextTry:
    """The earliest wall time for another attempt, or None and why there will be none."""

    at: float | None
    reason: str


def next_try(policy: RetryPolicy, history: Sequence[PastAttempt], number: str) -> NextTry:
    """Plan the next attempt on `number` for the person with this history (any order).

    Calling hours are judged apart, when the time has come. A number dropped without an operator is
    left alone for `blackout_after_drop_s`; `in_blackout` tells who then needs a waiting operator.
    """
    past = sorted(history, key=lambda attempt: attempt.at)
    if not past:
        return NextTry(0.0, "first_attempt")
    last = past[-1]
    if any(attempt.disposition in FINAL for attempt in past):
        return NextTry(None, "finished")
    if len(past) >= policy.attempts_at_most:
        return NextTry(None, "attempts_used_up")
    if last.disposition == "callback":
        at, reason = (last.callback_at if last.callback_at is not None else last.at), "callback"
    else:
        rule = policy.rules.get(last.disposition)
        same = sum(1 for attempt in past if attempt.disposition == last.disposition)
        if rule is None or same >= rule.at_most:
            return NextTry(None, f"no_retry_after_{last.disposition}")
        at = last.at + rule.after_s[min(same, len(rule.after_s)) - 1]
        reason = f"retry_after_{last.disposition}"
    drops = [attempt.at for attempt in past if attempt.disposition == "abandoned"]
    if drops and at < max(drops) + policy.blackout_after_drop_s:
        at, reason = max(drops) + policy.blackout_after_drop_s, "blackout_after_drop"
    capped = earliest_within_caps(policy.caps, past, number, at)
    return NextTry(capped, reason if capped == at else "attempt_cap")


def earliest_within_caps(
    caps: AttemptCaps, history: Sequence[PastAttempt], number: str, wanted_at: float
) -> float | None:
    """The first time from `wanted_at` on at which one more attempt breaks no cap; None when a cap is 0."""
    here = sorted(attempt.at for attempt in history if attempt.number == number)
    person = sorted(attempt.at for attempt in history)
    at = wanted_at
    for times, cap, window_s in (
        (here, caps.per_number_day, DAY_S),
        (here, caps.per_number_week, WEEK_S),
        (person, caps.per_person_day, DAY_S),
        (person, caps.per_person_week, WEEK_S),
    ):
        if cap == 0:
            return None
        if cap is not None and len(times) >= cap:
            at = max(at, times[-cap] + window_s)
    return at


def in_blackout(history: Sequence[PastAttempt], number: str, blackout_s: float, now: float) -> bool:
    """True while `number` may be called only with an operator already waiting for it (O4)."""
    drops = [a.at for a in history if a.number == number and a.disposition == "abandoned"]
    return bool(drops) and now < max(drops) + blackout_s
