"""How much risk the abandon cap leaves: a budget over the legal window, and one per half-hour.

The risk a single call may take is `scale × allowance`. The allowance comes from what is left of
the budgets; the scale is slow integral control that makes what happens equal what was allowed.
"""

import math
from dataclasses import dataclass

SHORT_WINDOW_S = 1800.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The abandon rate that may be aimed at now, and the risk one call may take for it."""

    rate: float
    risk: float
    open: bool
    left: float


class AbandonBudget:
    """Counts live answers and abandons against `cap` (a share, 0.03 for 3 %), judged from
    `judge_from` live answers on."""

    def __init__(self, cap: float, judge_from: int = 100, aim: float = 0.97) -> None:
        self._cap, self._judge_from, self._aim = cap, judge_from, aim
        self.live = 0.0
        self.abandoned = 0.0
        self._short_live = 0.0
        self._short_abandoned = 0.0
        self._short_index: int | None = None
        self._log_scale = math.log(3.0)
        self._rate_now = cap
        self._live_per_s = 0.0
        self._seen_at: float | None = None

    def answered(self, now: float) -> None:
        """One caller answered live."""
        self._turn(now)
        self.live += 1.0
        self._short_live += 1.0
        self._steer(self._rate_now)

    def dropped(self, now: float) -> None:
        """One live caller was abandoned."""
        self._turn(now)
        self.abandoned += 1.0
        self._short_abandoned += 1.0
        self._steer(-1.0 if self._rate_now else 0.0)

    def _steer(self, surprise: float) -> None:
        gain = 0.15
        self._log_scale = min(math.log(12.0), max(math.log(0.3), self._log_scale + gain * surprise))

    def _turn(self, now: float) -> None:
        index = int(now // SHORT_WINDOW_S)
        if index != self._short_index:
            self._short_index, self._short_live, self._short_abandoned = index, 0.0, 0.0

    def allowance(self, now: float, live_per_s: float, pending: float) -> Allowance:
        """What may be aimed at now; `pending` abandons are already expected from calls in flight."""
        self._turn(now)
        cap, aim = self._cap, self._cap * self._aim
        left = cap * self.live - self.abandoned - pending
        rest_s = SHORT_WINDOW_S - now % SHORT_WINDOW_S
        coming = max(1.0, live_per_s * rest_s)
        short = (aim * (self._short_live + coming) - self._short_abandoned - pending) / coming
        soon = max(1.0, live_per_s * 900.0)
        long = (aim * (self.live + soon) - self.abandoned - pending) / soon
        rate = max(0.0, min(short, long, 1.6 * cap))
        is_open = self.live >= self._judge_from and left >= 1.0
        self._rate_now = rate if is_open else 0.0
        risk = min(0.5, math.exp(self._log_scale) * rate)
        return Allowance(rate, risk, is_open, left)
