"""Simple and widely used pacing rules, to have something to compare with."""

import math
from collections import deque

from ari_app.pacing.budget import AbandonBudget, CapRule
from ari_app.pacing.durations import FreeingModel
from ari_app.pacing.shortage import chance_at_most_zero
from benchmarks.dialer.policy import Call, Floor, Operator
from benchmarks.dialer.world import World


class Rule:
    """A policy that only looks at the floor; rivals override `pace` and what else they need."""

    name = "rule"

    def reset(self, cfg: World) -> None:
        self.world = cfg

    def on_result(self, now: float, call: Call, result: str, after_s: float) -> None: ...
    def on_agent(self, now: float, agent: Operator, event: str, seconds: float) -> None: ...
    def on_abandon(self, now: float, call: Call) -> None: ...
    def pace(self, now: float, s: Floor) -> int:
        raise NotImplementedError


class PerIdle(Rule):
    """`ratio` calls in flight for each idle operator (1.0 is progressive)."""

    def __init__(self, ratio: float) -> None:
        self.ratio, self.name = ratio, f"{ratio:g} per idle operator"

    def pace(self, now: float, s: Floor) -> int:  # noqa: ARG002
        return max(0, int(self.ratio * (len(s.idle) - len(s.queued))) - len(s.ring))


class PerOperator(Rule):
    """`ratio` calls in flight or talking for each operator signed in, whatever happens."""

    def __init__(self, ratio: float) -> None:
        self.ratio, self.name = ratio, f"fixed ratio {ratio:g} on all"

    def pace(self, now: float, s: Floor) -> int:  # noqa: ARG002
        talking = sum(1 for op in s.busy if op.state == "talk")
        return max(0, int(self.ratio * s.agents) - len(s.ring) - len(s.queued) - talking)


class VicidialAdapt(Rule):
    """The publicly described ADAPT_HARD_LIMIT method: a dial level per operator, adjusted every 15 s.

    The level grows with the minute's average of waiting operators less waiting calls, relative to
    all operators; when today's drops pass the limit it falls to 1. `available_only` counts only
    ready operators when the level is turned into lines.
    """

    def __init__(self, *, available_only: bool = False, limit: float = 0.03, top_level: float = 3.0) -> None:
        self.available_only, self.limit, self.top_level = available_only, limit, top_level
        self.name = "VICIdial-like ADAPT hard limit" + (", available-only tally" if available_only else "")

    def reset(self, cfg: World) -> None:
        super().reset(cfg)
        self.level = 1.0
        self.minute: deque[tuple[int, int]] = deque(maxlen=60)

    def pace(self, now: float, s: Floor) -> int:
        self.minute.append((len(s.idle) - len(s.queued), s.agents))
        if int(now) % 15 == 0:
            self._adapt(s)
        talking = sum(1 for op in s.busy if op.state == "talk")
        lines = len(s.ring) + len(s.queued)
        if self.available_only:
            return max(0, int(self.level * len(s.idle)) - lines)
        return max(0, int(self.level * s.agents) - lines - talking)

    def _adapt(self, s: Floor) -> None:
        waiting = sum(row[0] for row in self.minute) / len(self.minute)
        operators = max(1.0, sum(row[1] for row in self.minute) / len(self.minute))
        self.level = min(self.top_level, max(1.0, self.level + waiting / operators))
        if s.aband > self.limit * max(1, s.live):
            self.level = 1.0


class ErlangLike(Rule):
    """Samuelson-like: dial while a Poisson number of answers within one ring time rarely exceeds
    the operators free by then, all rates measured as results arrive; stop over the limit.
    """

    name = "Erlang-like"

    def reset(self, cfg: World) -> None:
        super().reset(cfg)
        self.rate, self.handle_s, self.talk_s = 0.25, 100.0, 0.0

    def on_result(self, now: float, call: Call, result: str, after_s: float) -> None:  # noqa: ARG002
        self.rate += 0.005 * ((result == "human") - self.rate)

    def on_agent(self, now: float, agent: Operator, event: str, seconds: float) -> None:  # noqa: ARG002
        if event == "talk_end":
            self.talk_s = seconds
        else:
            self.handle_s += 0.02 * (self.talk_s + seconds - self.handle_s)

    def pace(self, now: float, s: Floor) -> int:  # noqa: ARG002
        free = len(s.idle) - len(s.queued)
        if s.aband > 0.028 * max(1, s.live):
            return max(0, free - len(s.ring))
        free_soon = free + int(len(s.busy) * 11.0 / self.handle_s)
        launch = 0
        while launch < 10 + s.agents and self._over(free_soon, len(s.ring) + launch + 1) < 0.05:
            launch += 1
        return launch

    def _over(self, free: int, lines: int) -> float:
        if free < 0:
            return 1.0
        mean = 0.65 * self.rate * lines
        term = below = math.exp(-mean)
        for k in range(1, free + 1):
            term *= mean / k
            below += term
        return 1.0 - below


class Oracle(Rule):
    """A bound: knows each contact's outcome and ring time beforehand, but not when operators finish.

    Contacts that would not be answered are dialled at no cost; an answered one waits until the
    chance that its operator is missing is within the budget.
    """

    name = "oracle: outcomes and ring times known"
    STEPS, GRACE = 40, 2

    def reset(self, cfg: World) -> None:
        super().reset(cfg)
        self.budget = AbandonBudget(CapRule())
        self.freeing = FreeingModel(self.STEPS + self.GRACE)
        self.live_per_s, self.ticks = 0.01 * cfg.operators, 0

    def on_result(self, now: float, call: Call, result: str, after_s: float) -> None:  # noqa: ARG002
        if result == "human":
            self.budget.answered(now)

    def on_abandon(self, now: float, call: Call) -> None:  # noqa: ARG002
        self.budget.dropped(now)

    def on_agent(self, now: float, agent: Operator, event: str, seconds: float) -> None:  # noqa: ARG002
        (self.freeing.talk if event == "talk_end" else self.freeing.wrap).ended(seconds)

    def pace(self, now: float, s: Floor) -> int:
        self.freeing.see(
            [now - op.since for op in s.busy if op.state == "talk"],
            [now - op.since for op in s.busy if op.state == "wrap"],
            1.0,
        )
        if self.ticks % 10 == 0:
            self.freeing.rebuild()
        self.ticks += 1
        freed, var, third = (c[self.GRACE :] for c in self.freeing.cumulants())
        surplus = len(s.idle) - len(s.queued) + freed
        for call in s.ring:
            if call.outcome == "human":
                surplus[max(0, int(call.t0 + call.verdict_s - now) - 1) :] -= 1.0
        allowance = self.budget.allowance(now, self.live_per_s, 0.0, 0.0)
        risk = allowance.risk if allowance.open else 0.002
        launch = 0
        while launch < 20 * s.agents:
            call = s.contact_ahead(launch, now)
            if call.outcome == "human":
                step = min(self.STEPS - 1, max(0, int(call.verdict_s) - 1))
                if chance_at_most_zero(surplus[step:], var[step:], third[step:]).max() > risk:
                    break
                surplus[step:] -= 1.0
            launch += 1
        return launch
