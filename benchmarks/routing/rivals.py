"""The policies to beat: app_queue's strategies, simple rules, and the assignment problem."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.routing.worlds import Agent, Caller, World

Pairs = list[tuple[int, int]]


class Rival:
    """Snapshot policies: each decision looks at the two lists alone."""

    needs_tick = False

    def reset(self, world: World) -> None:
        self.world = world
        self.turn = 0
        self.served: dict[int, int] = {}

    def on_arrival(self, caller: Caller) -> None: ...
    def on_gone(self, caller: Caller) -> None: ...
    def on_idle(self, agent: Agent) -> None: ...
    def on_done(self, cls: int, agent: Agent, seconds: float) -> None: ...

    def on_busy(self, agent: Agent) -> None:
        self.turn += 1
        self.served[agent.id] = self.turn

    def operator_key(self, now: float, caller: Caller, agent: Agent) -> tuple[float, ...]:
        """Lowest first."""
        raise NotImplementedError

    def may(self, now: float, caller: Caller, agent: Agent) -> bool:  # noqa: ARG002
        return agent.lvl[caller.cls] > 0

    def decide(self, now: float, waiting: list[Caller], idle: list[Agent]) -> Pairs:
        pairs: Pairs = []
        free = list(idle)
        for caller in sorted(waiting, key=lambda one: (-one.prio, one.t)):
            fitting = [one for one in free if self.may(now, caller, one)]
            if fitting:
                agent = min(fitting, key=lambda one: self.operator_key(now, caller, one))
                free.remove(agent)
                pairs.append((caller.id, agent.id))
                if not free:
                    break
        return pairs


class FifoLongestIdle(Rival):
    """Oldest caller, longest idle operator."""

    def operator_key(self, now: float, caller: Caller, agent: Agent) -> tuple[float, ...]:  # noqa: ARG002
        return (agent.idle_since,)


class GreedyBestSkill(Rival):
    """Oldest caller, best skilled operator."""

    def operator_key(self, now: float, caller: Caller, agent: Agent) -> tuple[float, ...]:  # noqa: ARG002
        return (-agent.lvl[caller.cls], agent.idle_since)


class LeastRecentPenalty(Rival):
    """app_queue: a penalty per three levels, then who was called longest ago."""

    def operator_key(self, now: float, caller: Caller, agent: Agent) -> tuple[float, ...]:  # noqa: ARG002
        return ((10 - agent.lvl[caller.cls]) // 3, self.served.get(agent.id, 0))


class RoundRobinPenalty(Rival):
    """app_queue: the same penalties, then round robin with memory per queue."""

    def reset(self, world: World) -> None:
        super().reset(world)
        self.memory = [0] * world.C

    def operator_key(self, now: float, caller: Caller, agent: Agent) -> tuple[float, ...]:  # noqa: ARG002
        penalty = (10 - agent.lvl[caller.cls]) // 3
        return (penalty, (agent.id - self.memory[caller.cls] - 1) % len(self.world.agents))

    def decide(self, now: float, waiting: list[Caller], idle: list[Agent]) -> Pairs:
        pairs = super().decide(now, waiting, idle)
        cls_of = {one.id: one.cls for one in waiting}
        for call, operator in pairs:
            self.memory[cls_of[call]] = operator
        return pairs


class SkillRings(Rival):
    """Level 8 at once, 5 after 10 s, 1 after 20 s."""

    needs_tick = True

    def may(self, now: float, caller: Caller, agent: Agent) -> bool:
        waited = now - caller.t
        least = 8 if waited < 10 else 5 if waited < 20 else 1
        return agent.lvl[caller.cls] >= least

    def operator_key(self, now: float, caller: Caller, agent: Agent) -> tuple[float, ...]:  # noqa: ARG002
        return (agent.idle_since,)


class Assignment(Rival):
    """The linear sum assignment of all waiting to all idle, on level, priority and waiting."""

    def decide(self, now: float, waiting: list[Caller], idle: list[Agent]) -> Pairs:
        worst = 1e6
        cost = np.full((len(waiting), len(idle)), worst)
        for i, caller in enumerate(waiting):
            urgency = 2.0 * caller.prio + (now - caller.t) / 20.0
            for j, agent in enumerate(idle):
                level = agent.lvl[caller.cls]
                if level:
                    cost[i, j] = -100.0 - urgency - 0.1 * level + 0.05 * len(agent.skills)
        rows, columns = linear_sum_assignment(cost)
        return [(waiting[i].id, idle[j].id) for i, j in zip(rows, columns, strict=True) if cost[i, j] < worst]
