"""Predictive pacing: launch one more call while the chance that it finds nobody stays affordable."""

from collections.abc import Sequence

from ari_app.pacing.answers import AnswerModel, Floats
from ari_app.pacing.budget import AbandonBudget
from ari_app.pacing.durations import FreeingModel
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
GRACE_S = 2


class PredictivePacer:
    """Model-predictive pacing for one campaign; deterministic, all state inside."""

    def __init__(self, cap: float = 0.03, judge_from: int = 100) -> None:
        self.answers = AnswerModel(STEPS, segments=4)
        self.freeing = FreeingModel(STEPS + GRACE_S)
        self.budget = AbandonBudget(cap, judge_from)
        self._ticked_at: float | None = None
        self._live_per_s = 0.0
        self._new_live = 0
        self._ticks = 0

    def apply(self, event: Event, now: float) -> None:
        """Learn from what happened at `now`."""
        match event:
            case AttemptSettled(segment, placed_at, outcome, after_s):
                human = outcome == "human"
                self.answers.settled(segment, placed_at, human, after_s, now)
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
        elapsed_s = 0.0 if self._ticked_at is None else max(0.0, now - self._ticked_at)
        self._ticked_at = now
        self._ticks += 1
        self.answers.see(floor.ringing_s, floor.ringing_segments, now, elapsed_s)
        self.freeing.see(floor.talking_s, floor.wrapping_s, elapsed_s)
        if self._ticks % 10 == 1:
            self.freeing.rebuild()
        if elapsed_s > 0.0:
            fade = 0.5 ** (elapsed_s / 180.0)
            self._live_per_s = self._live_per_s * fade + (1 - fade) * self._new_live / elapsed_s
            self._new_live = 0
        return self._decide(floor, now)

    def _decide(self, floor: Snapshot, now: float) -> Plan:
        free = floor.idle - floor.waiting - floor.reserved
        one_to_one = max(0, min(free - len(floor.ringing_s), len(floor.next_segments)))
        operators = floor.idle + len(floor.talking_s) + len(floor.wrapping_s)
        answer_mean, answer_var, answer_third = self.answers.cumulants()
        freed_mean, freed_var, freed_third = (c[GRACE_S:, None] for c in self.freeing.cumulants())
        base = (
            free + freed_mean - answer_mean,
            freed_var + answer_var,
            freed_third - answer_third,
        )
        weights = self.answers.weights
        pending = float((expected_shortage(base[0], base[1]) @ weights).max())
        ahead = float(answer_mean[-1] @ weights)
        allowance = self.budget.allowance(now, self._live_per_s, pending, ahead)
        if not allowance.open or operators < 2:
            return Plan(one_to_one, "progressive", {"budget_left": allowance.left})
        launch, risk = self._most_within(base, floor.next_segments, allowance.risk)
        reasons = {
            "allowed_risk": allowance.risk,
            "risk": risk,
            "allowed_rate": allowance.rate,
            "budget_left": allowance.left,
            "answer_multiplier": self.answers.multiplier(),
            "in_flight": float(len(floor.ringing_s)),
            "idle": float(floor.idle),
        }
        return Plan(max(launch, one_to_one), "predictive", reasons)

    def _most_within(
        self, base: tuple[Floats, Floats, Floats], segments: Sequence[int], allowed: float
    ) -> tuple[int, float]:
        """The largest number of launches whose last one still risks at most `allowed`."""
        fresh = self.answers.fresh
        weights = self.answers.weights
        launched, risk = 0, 0.0
        mean, var, third = base
        limit = len(segments)
        while launched < limit:
            segment = segments[launched]
            chance = risk_of_one_more(mean, var, third, fresh[segment], weights)
            risk = chance
            if chance > allowed:
                break
            by = fresh[segment]
            spread = by * (1.0 - by)
            mean, var, third = mean - by, var + spread, third - spread * (1.0 - 2.0 * by)
            launched += 1
        return launched, risk
