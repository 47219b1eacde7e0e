"""A discrete-event simulator of one shift: arrivals, impatience, service, and a routing policy to decide.

Policies have the interface of `benchmarks.outside.Routing`: rivals and the shipped core are driven alike.
"""

import heapq
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.routing.worlds import Agent, Caller, World

THRESHOLD_S = 20.0


class Policy(Protocol):
    """What a simulator asks of a policy."""

    needs_tick: bool

    def reset(self, world: World) -> None: ...
    def on_arrival(self, caller: Caller) -> None: ...
    def on_gone(self, caller: Caller) -> None: ...
    def on_idle(self, agent: Agent) -> None: ...
    def on_busy(self, agent: Agent) -> None: ...
    def on_done(self, cls: int, agent: Agent, seconds: float) -> None: ...
    def decide(self, now: float, waiting: list[Caller], idle: list[Agent]) -> list[tuple[int, int]]: ...


@dataclass(slots=True)
class Result:
    """Counts of one run."""

    offered: list[int]
    in_time: list[int]
    waits: list[float] = field(default_factory=list)
    abandoned: int = 0
    work_s: list[float] = field(default_factory=list)
    vip_offered: int = 0
    vip_in_time: int = 0
    longest_s: float = 0.0

    @property
    def service_level(self) -> float:
        """Answered within 20 s ÷ offered, in percent."""
        return 100 * sum(self.in_time) / max(sum(self.offered), 1)

    @property
    def worst_class(self) -> float:
        """The service level of the class that fares worst."""
        return 100 * min(a / max(o, 1) for a, o in zip(self.in_time, self.offered, strict=True))

    @property
    def abandoned_share(self) -> float:
        """Abandoned ÷ offered, in percent."""
        return 100 * self.abandoned / max(sum(self.offered), 1)

    @property
    def asa_s(self) -> float:
        """Average speed of answer: waits of answered ÷ answered."""
        return sum(self.waits) / max(len(self.waits), 1)


class _Run:
    """The state of one run."""

    def __init__(self, world: World, policy: Policy) -> None:
        self.world, self.policy = world, policy
        self.waiting: dict[int, Caller] = {}
        self.idle: dict[int, Agent] = {one.id: one for one in world.agents}
        self.agents = dict(self.idle)
        self.result = Result([0] * world.C, [0] * world.C, work_s=[0.0] * len(world.agents))
        self.events: list[tuple[float, int, int, object]] = []
        self.count = 0

    def push(self, at: float, kind: int, what: object) -> None:
        self.count += 1
        heapq.heappush(self.events, (at, self.count, kind, what))

    def decide(self, now: float) -> None:
        if not self.waiting or not self.idle:
            return
        pairs = self.policy.decide(now, list(self.waiting.values()), list(self.idle.values()))
        for call, operator in pairs:
            caller, agent = self.waiting.pop(call), self.idle.pop(operator)
            if agent.lvl[caller.cls] <= 0:
                raise AssertionError(f"operator {operator} lacks class {caller.cls}")
            waited = now - caller.t
            self.result.waits.append(waited)
            self.result.in_time[caller.cls] += waited <= THRESHOLD_S
            self.result.vip_in_time += caller.prio > 0 and waited <= THRESHOLD_S
            self.result.longest_s = max(self.result.longest_s, waited)
            seconds = self.world.service_s(caller, agent)
            self.result.work_s[agent.id] += seconds
            self.policy.on_gone(caller)
            self.policy.on_busy(agent)
            self.push(now + seconds, 2, (caller.cls, agent, seconds))

    def step(self, now: float, kind: int, what: object) -> None:
        if kind == 0:
            assert isinstance(what, Caller)
            self.result.offered[what.cls] += 1
            self.result.vip_offered += what.prio > 0
            self.waiting[what.id] = what
            self.push(now + what.patience_s, 1, what)
            self.policy.on_arrival(what)
        elif kind == 1:
            assert isinstance(what, Caller)
            if self.waiting.pop(what.id, None) is None:
                return
            self.result.abandoned += 1
            self.policy.on_gone(what)
        elif kind == 2:
            assert isinstance(what, tuple)
            cls, agent, seconds = what
            agent.idle_since = now
            self.idle[agent.id] = agent
            self.policy.on_done(cls, agent, seconds)
            self.policy.on_idle(agent)
        else:
            self.push(now + 1.0, 3, None)
        self.decide(now)


def simulate(world: World, policy: Policy) -> Result:
    """Run the callers of a world through a policy; the same world and policy give the same result."""
    run = _Run(world, policy)
    for agent in world.agents:
        agent.idle_since = 0.0
    policy.reset(world)
    for agent in world.agents:
        policy.on_idle(agent)
    for caller in world.callers:
        run.push(caller.t, 0, caller)
    if policy.needs_tick:
        run.push(1.0, 3, None)
    last = world.callers[-1].t + 1800
    while run.events:
        now, _, kind, what = heapq.heappop(run.events)
        if now > last:
            break
        run.step(now, kind, what)
    return run.result
