"""Simple and widely used pacing rules, to have something to compare with."""

from benchmarks.dialer.simulator import Call, Floor, Operator
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
