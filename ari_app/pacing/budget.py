"""How much risk the abandon cap leaves: a budget over the legal window, and one per half-hour.

The risk a single call may take is `scale × allowance`. The allowance comes from what is left of
the budgets; the scale is slow integral control that makes what happens equal what was allowed.
A reserve is kept for what calls in flight would drop if the answer rate suddenly doubled.
"""

import math
from dataclasses import dataclass

SHORT_WINDOW_S = 1800.0
RECOVERY_S = 300.0
RISK_FLOOR = 0.002
GAIN = 0.04


@dataclass(frozen=True, slots=True)
class Allowance:
    """The abandon rate that may be aimed at now, the risk one call may take for it, and whether
    the law allows any risk at all; `left` counts abandons the legal window still has room for."""

    rate: float
    risk: float
    open: bool
    left: float


class AbandonBudget:
    """Counts live answers and abandons against `cap` (a share: 0.03 is 3 %), which is judged from
    `judge_from` live answers on."""

    def __init__(self, cap: float, judge_from: int = 100) -> None:
        self._cap, self._judge_from = cap, judge_from
        self.live = 0.0
        self.abandoned = 0.0
        self._short_live = 0.0
        self._short_abandoned = 0.0
        self._short_index: int | None = None
        self._log_scale = math.log(1.25)
        self._aimed_at = 0.0

    def answered(self, now: float) -> None:
        """One caller answered live."""
        self._turn(now)
        self.live += 1.0
        self._short_live += 1.0
        self._steer(self._aimed_at)

    def dropped(self, now: float) -> None:
        """One live caller was abandoned."""
        self._turn(now)
        self.abandoned += 1.0
        self._short_abandoned += 1.0
        if self._aimed_at > 0.0:
            self._steer(-1.0)

    def allowance(self, now: float, live_per_s: float, pending: float, answers_ahead: float) -> Allowance:
        """What may be risked now.

        `pending` abandons are expected of the calls in flight, of which `answers_ahead` will
        answer; `live_per_s` is the recent rate of live answers.
        """
        self._turn(now)
        cap = self._cap
        left = cap * self.live - self.abandoned - pending
        reserve = 1.0 + 0.6 * answers_ahead
        soon = max(30.0, live_per_s * RECOVERY_S)
        over_window = cap + (left - reserve) / soon
        coming = max(1.0, live_per_s * (SHORT_WINDOW_S - now % SHORT_WINDOW_S))
        short_left = cap * (self._short_live + coming) - self._short_abandoned - pending
        rate = max(0.0, min(over_window, short_left / coming, 1.6 * cap))
        is_open = self.live >= self._judge_from and left >= 1.0
        self._aimed_at = rate if is_open else 0.0
        risk = min(0.3, max(RISK_FLOOR, math.exp(self._log_scale) * rate))
        return Allowance(rate, risk, is_open, left)

    def _steer(self, surprise: float) -> None:
        self._log_scale += GAIN * surprise
        self._log_scale = min(math.log(4.0), max(math.log(0.4), self._log_scale))

    def _turn(self, now: float) -> None:
        index = int(now // SHORT_WINDOW_S)
        if index != self._short_index:
            self._short_index, self._short_live, self._short_abandoned = index, 0.0, 0.0
