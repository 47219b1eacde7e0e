"""Predictive pacing: launch one more call while the chance that it finds nobody stays affordable."""

from collections.abc import Sequence

import numpy as np

from ari_app.pacing.answers import AnswerModel, Floats
from ari_app.pacing.budget import AbandonBudget, Allowance
from ari_app.pacing.durations import FreeingModel
from ari_app.pacing.progressive import one_to_one
from ari_app.pacing.shortage import expected_shortage, risk_of_one_more
from ari_app.pacing.vocabulary import (
    AttemptSettled,
    CallerAbandoned,
    Event,
    Plan,
    Snapshot,
    TalkEnded,
    WrapEnded,
)

STEPS = 32
"""Seconds looked ahead; a call answered later than that is left to later ticks."""
REBUILD_EVERY = 10
LIVE_RATE_HALF_LIFE_S = 900.0
LIVE_PER_OPERATOR_S = 0.006
"""Live answers per operator and second expected before any were counted."""

Cumulants = tuple[Floats, Floats, Floats]


class PredictivePacer:
    """Model-predictive pacing for one campaign; deterministic, all state inside.

    Feed it what happened with `apply`, and the floor once a second with `tick`. `grace_s` is how
    long the law lets an answered caller wait for an operator.
    """

    def __init__(self, budget: AbandonBudget, grace_s: float = 2.0) -> None:
        self.budget = budget
        self._grace_steps = max(0, int(grace_s))
        self.answers = AnswerModel(STEPS)
        self.freeing = FreeingModel(STEPS + self._grace_steps)
        self._ticked_at: float | None = None
        self._live_per_s: float | None = None
        self._new_live = 0
        self._ticks = 0

    def apply(self, event: Event, now: float) -> None:
        """Learn from what happened at `now`."""
        match event:
            case AttemptSettled(segment, placed_at, outcome, after_s):
                human = outcome == "human"
                self.answers.settled(segment, placed_at, after_s, now, human=human)
                if human:
                    self._new_live += 1
                    self.budget.answered(now)
            case CallerAbandoned():
                self.budget.dropped(now)
            case TalkEnded(talk_s):
                self.freeing.talk.ended(talk_s)
            case WrapEnded(wrap_s):
                self.freeing.wrap.ended(wrap_s)

    def tick(self, floor: Snapshot, now: float) -> Plan:
        """Decide how many of the next contacts to launch at `now`; call about once a second."""
        self._look(floor, now)
        safe = one_to_one(floor)
        mean, var, third = self._surplus(floor)
        weights = self.answers.weights
        pending = float((expected_shortage(mean, var) @ weights).max())
        allowance = self.budget.allowance(now, self._live_per_s or 0.0, pending, self._answers_ahead)
        operators = floor.idle + len(floor.talking_s) + len(floor.wrapping_s) - floor.reserved
        if not allowance.open or operators < 2:
            return Plan(safe, "progressive", self._reasons(floor, allowance, 0.0))
        launch, risk = self._most_within((mean, var, third), floor.next_segments, allowance.risk)
        return Plan(max(launch, safe), "predictive", self._reasons(floor, allowance, risk))

    def _look(self, floor: Snapshot, now: float) -> None:
        elapsed_s = 0.0 if self._ticked_at is None else max(0.0, now - self._ticked_at)
        self._ticked_at = now
        self.answers.see(floor.ringing_s, floor.ringing_segments, now, elapsed_s)
        self.freeing.see(floor.talking_s, floor.wrapping_s, elapsed_s)
        self._ticks += 1
        if self._ticks % REBUILD_EVERY == 1:
            self.freeing.rebuild()
        if self._live_per_s is None:
            operators = floor.idle + len(floor.talking_s) + len(floor.wrapping_s)
            self._live_per_s = operators * LIVE_PER_OPERATOR_S if operators else None
        elif elapsed_s > 0.0:
            keep = 0.5 ** (elapsed_s / LIVE_RATE_HALF_LIFE_S)
            self._live_per_s = self._live_per_s * keep + (1.0 - keep) * self._new_live / elapsed_s
            self._new_live = 0

    def _surplus(self, floor: Snapshot) -> Cumulants:
        """Mean, variance, third cumulant of operators minus callers, by second ahead and level."""
        mean, var, third = self.answers.cumulants()
        self._answers_ahead = float(mean[-1] @ self.answers.weights)
        if floor.inbound_per_s > 0.0:
            inbound = floor.inbound_per_s * np.arange(1.0, STEPS + 1.0)[:, None]
            mean, var, third = mean + inbound, var + inbound, third + inbound
        freed, freed_var, freed_third = (c[self._grace_steps :, None] for c in self.freeing.cumulants())
        free = floor.idle - floor.waiting - floor.reserved
        return free + freed - mean, freed_var + var, freed_third - third

    def _most_within(self, base: Cumulants, segments: Sequence[int], allowed: float) -> tuple[int, float]:
        """The largest number of launches whose last one still risks at most `allowed`, and the risk
        of the first beyond it.

        The risk grows with every launch, so doubling and halving finds it in a few evaluations.
        """
        fine, step, risk = 0, 1, 0.0
        while fine < len(segments):
            trial = min(fine + step, len(segments))
            risk = self._risk_of_last(base, segments[:trial])
            if risk > allowed:
                break
            fine, step = trial, step * 2
        else:
            return fine, risk
        bad = trial
        while bad - fine > 1:
            trial = (fine + bad) // 2
            now_risk = self._risk_of_last(base, segments[:trial])
            if now_risk <= allowed:
                fine = trial
            else:
                bad, risk = trial, now_risk
        return fine, risk

    def _risk_of_last(self, base: Cumulants, segments: Sequence[int]) -> float:
        fresh = self.answers.fresh
        mean, var, third = base
        if len(segments) > 1:
            counts = np.bincount(segments[:-1], minlength=len(fresh))
            for segment in np.flatnonzero(counts):
                by, count = fresh[segment], counts[segment]
                spread = by * (1.0 - by)
                mean, var = mean - count * by, var + count * spread
                third = third - count * spread * (1.0 - 2.0 * by)
        return risk_of_one_more(mean, var, third, fresh[segments[-1]], self.answers.weights)

    def _reasons(self, floor: Snapshot, allowance: Allowance, risk: float) -> dict[str, float]:
        live, share = self.budget.rates(self._ticked_at or 0.0)
        return {
            "idle": float(floor.idle),
            "waiting": float(floor.waiting),
            "in_flight": float(len(floor.ringing_s)),
            "answers_expected": self._answers_ahead,
            "answer_multiplier": self.answers.multiplier(),
            "risk_of_next": risk,
            "risk_allowed": allowance.risk,
            "abandon_rate_aimed": allowance.rate,
            "abandons_left": allowance.left,
            "live": live,
            "abandoned_share": share,
        }
