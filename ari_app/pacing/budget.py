"""How much risk the abandon cap leaves: a budget over the legal windows, and one per half-hour.

A steady risk talks most for its drops: doubling the risk of a call buys less than twice the talk. So
the budgets pull at the risk only as strongly as counting allows. On a small floor, where a half-hour
holds four drops, chance rules and the risk hardly moves; on a large one it follows the budget.
A slow integral control keeps the drops at the rate meant, a little under the cap by the margin that
chance needs, and a reserve is kept for what calls in flight would drop if the answer rate doubled.
When less than one whole drop, and what those in flight may drop at once, is left in a legal window,
nothing may be risked at all.
"""

import math
from dataclasses import dataclass

from ari_app.pacing.rolling import RollingShare

DAY_S = 86_400.0
SHORT_WINDOW_S = 1800.0
RESERVE = 0.6
"""Share of the answers expected from calls in flight that the legal budget is ready to lose."""
SPREAD = 0.6
"""Kept beside the one whole drop: calls in flight answer in clumps, and may drop several at once."""
RISK_TOP = 0.3
PULL_LOW, PULL_HIGH = 0.02, 1.3
GAIN = 0.03
CHANCE = 0.42
"""Standard deviations of a half-hour's drops kept below the cap."""
FIRM_FROM = 200.0
"""Square of the drops per half-hour at which the budget pulls with half its strength."""
SCALE_FIRST, SCALE_LOW, SCALE_HIGH = 1.5, 0.4, 4.0


@dataclass(frozen=True, slots=True)
class CapRule:
    """The cap a campaign works under: at most `share` abandoned of live answers, over `window_s`
    and over any day, judged from `judge_from` live answers on.

    `false_machine_share` is added where the law counts people taken for machines as abandoned.
    """

    share: float = 0.03
    judge_from: int = 100
    window_s: float = 30 * DAY_S
    false_machine_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The abandon rate that may be aimed at now, the risk one call may take for it, and whether
    the law allows any risk at all; `left` counts abandons the legal windows still have room for.
    """

    rate: float
    risk: float
    open: bool
    left: float


class AbandonBudget:
    """Counts live answers and abandons, and says what may be risked."""

    def __init__(self, rule: CapRule) -> None:
        self._rule = rule
        self._windows = [RollingShare(window_s) for window_s in sorted({rule.window_s, DAY_S})]
        self._short_live = 0.0
        self._short_abandoned = 0.0
        self._short_index: int | None = None
        self._log_scale = math.log(SCALE_FIRST)
        self._aimed_at = 0.0

    def restore(self, at: float, live: int, abandoned: int) -> None:
        """Take in counts from before a restart, oldest first."""
        for window in self._windows:
            window.add(at, *self._counted(live, abandoned))

    def answered(self, now: float) -> None:
        """One caller answered live."""
        self._turn(now)
        every, some = self._counted(1, 0)
        for window in self._windows:
            window.add(now, every, some)
        self._short_live += every
        self._short_abandoned += some
        self._steer(self._aimed_at)

    def dropped(self, now: float) -> None:
        """One live caller was abandoned."""
        self._turn(now)
        for window in self._windows:
            window.add(now, 0.0, 1.0)
        self._short_abandoned += 1.0
        if self._aimed_at > 0.0:
            self._steer(-1.0)

    def rates(self, now: float) -> tuple[float, float]:
        """Live answers and the abandoned share in the longest window, for people to see."""
        window = self._windows[-1]
        window.expire(now)
        return window.all, window.share

    def left(self, now: float) -> float:
        """Abandons the tightest legal window still has room for."""
        for window in self._windows:
            window.expire(now)
        return min(self._rule.share * window.all - window.some for window in self._windows)

    def allowance(self, now: float, live_per_s: float, pending: float, answers_ahead: float) -> Allowance:
        """What may be risked now.

        `pending` abandons are expected of the calls in flight, of which `answers_ahead` will
        answer; `live_per_s` is the recent rate of live answers.
        """
        self._turn(now)
        cap = self._rule.share
        left = self.left(now) - pending
        judged = min(window.all for window in self._windows) >= self._rule.judge_from
        is_open = judged and left >= 1.0 + SPREAD * math.sqrt(answers_ahead)
        if not is_open:
            self._aimed_at = 0.0
            return Allowance(0.0, 0.0, open=False, left=left)
        usual = cap * live_per_s * SHORT_WINDOW_S
        steady = cap * (1.0 - CHANCE / math.sqrt(usual + 8.0))
        reserve = 1.0 + RESERVE * answers_ahead
        steady *= min(1.0, (left - 0.5) / (reserve + 1.0))
        self._aimed_at = steady
        rate = self._short_rate(now, live_per_s, pending)
        firmness = usual * usual / (usual * usual + FIRM_FROM)
        pull = min(PULL_HIGH, max(PULL_LOW, rate / cap)) ** firmness
        risk = min(RISK_TOP, math.exp(self._log_scale) * steady * pull)
        return Allowance(steady * pull, risk, open=True, left=left)

    def _short_rate(self, now: float, live_per_s: float, pending: float) -> float:
        """The rate that uses up this half-hour's budget by its end."""
        coming = max(1.0, live_per_s * (SHORT_WINDOW_S - now % SHORT_WINDOW_S))
        budget = self._rule.share * (self._short_live + coming)
        spent = self._short_abandoned + pending + CHANCE * math.sqrt(budget)
        return (budget - spent) / coming

    def _counted(self, live: int, abandoned: int) -> tuple[float, float]:
        false = self._rule.false_machine_share
        return live / (1.0 - false), abandoned + live * false / (1.0 - false)

    def _steer(self, surprise: float) -> None:
        log_scale = self._log_scale + GAIN * surprise
        self._log_scale = min(math.log(SCALE_HIGH), max(math.log(SCALE_LOW), log_scale))

    def _turn(self, now: float) -> None:
        index = int(now // SHORT_WINDOW_S)
        if index != self._short_index:
            self._short_index, self._short_live, self._short_abandoned = index, 0.0, 0.0
