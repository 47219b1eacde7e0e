"""Predictive pacing: launch one more call while the chance that it finds nobody stays affordable."""

import math
from collections.abc import Sequence

import numpy as np

from ari_app.pacing.answers import AnswerModel, Floats
from ari_app.pacing.budget import AbandonBudget, Allowance
from ari_app.pacing.durations import FreeingModel
from ari_app.pacing.progressive import one_to_one
from ari_app.pacing.search import Search
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
SIGNS: Floats = np.array([-1.0, 1.0, -1.0])[:, None, None]
"""Callers lessen the surplus: their mean and third cumulant count against it."""
LIVE_PER_OPERATOR_S = 0.006
"""Live answers per operator and second expected before any were counted."""


class PredictivePacer:
    """Model-predictive pacing for one campaign; deterministic, all state inside.

    Feed it what happened with `apply`, and the floor once a second with `tick`. `grace_s` is how
    long the law lets an answered caller wait for an operator.
    """

    def __init__(self, budget: AbandonBudget, grace_s: float = 2.0) -> None:
        self.budget = budget
        self._grace_steps, self._grace_rest = divmod(max(0.0, grace_s), 1.0)
        self.answers = AnswerModel(STEPS)
        self.freeing = FreeingModel(STEPS + math.ceil(grace_s))
        self._ticked_at: float | None = None
        self._live_per_s: float | None = None
        self._new_live = 0
        self._ticks = 0
        self._launched = 0
        self._answers_ahead = 0.0

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
        surplus = self._surplus(floor)
        weights = self.answers.weights
        pending = float((expected_shortage(surplus[0], surplus[1]) @ weights).max())
        allowance = self.budget.allowance(now, self._live_per_s or 0.0, pending, self._answers_ahead)
        operators = floor.idle + len(floor.talking_s) + len(floor.wrapping_s) - floor.reserved
        if not allowance.open or operators < 2:
            return Plan(safe, "progressive", self._reasons(floor, allowance, 0.0))
        launch, risk = self._most_within(surplus, floor.next_segments, allowance.risk)
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

    def _surplus(self, floor: Snapshot) -> Floats:
        """Mean, variance, third cumulant of operators less callers: [3, steps ahead, levels]."""
        callers = self.answers.cumulants()
        self._answers_ahead = float(callers[0, -1] @ self.answers.weights)
        if floor.inbound_per_s > 0.0:
            callers = callers + floor.inbound_per_s * np.arange(1.0, STEPS + 1.0)[:, None]
        surplus = callers * SIGNS + self._freed()[:, :, None]
        surplus[0] += floor.idle - floor.waiting - floor.reserved
        return surplus

    def _freed(self) -> Floats:
        """Operators free again by each second and the grace after it, which need not be whole seconds."""
        freed, whole = self.freeing.cumulants(), int(self._grace_steps)
        upon = freed[:, whole : whole + STEPS]
        if self._grace_rest == 0.0:
            return upon
        return upon + self._grace_rest * (freed[:, whole + 1 : whole + 1 + STEPS] - upon)

    def _most_within(self, surplus: Floats, segments: Sequence[int], allowed: float) -> tuple[int, float]:
        """The largest number of launches whose last one still risks at most `allowed`, and the risk
        of the first beyond it.

        The risk grows with every launch, so a search from the last answer takes a few evaluations.
        """
        if not segments:
            return 0, 0.0
        launches = np.zeros((len(segments), len(self.answers.fresh)))
        launches[np.arange(len(segments)), segments] = 1.0
        before = np.cumsum(launches, axis=0) - launches
        shapes: dict[int, Floats] = {}

        def risk_of(number: int) -> float:
            """Risk of the `number`-th launch, counted from 1, after those before it."""
            segment = segments[number - 1]
            if segment not in shapes:
                shapes[segment] = self.answers.answer_at(segment)
            mean, var, third = surplus + SIGNS * self.answers.fresh_cumulants(before[number - 1])
            return risk_of_one_more(mean, var, third, shapes[segment])

        search = Search(len(segments), self._launched, allowed)
        while (trial := search.next()) is not None:
            search.saw(trial, risk_of(trial))
        fine, risk = search.fine, search.risk_beyond
        self._launched = fine
        return fine, risk

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
