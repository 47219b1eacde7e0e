"""The simulator against theory: Erlang B and C, and what two skills per operator are worth."""

import math
import random
from dataclasses import dataclass, replace

from benchmarks.outside_routing import Routing
from benchmarks.routing.simulator import simulate
from benchmarks.routing.worlds import TUNED, Agent, Caller, World, build


def erlang_b(load: float, servers: int) -> float:
    """Share of calls blocked (Erlang 1917), by the usual recursion; B(10, 15) = 0.03650."""
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share of calls that wait, with endless patience; C(10, 12) = 0.44939."""
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


class _Exponential(World):
    """Service as Erlang's formulas have it: exponential, of the same mean for all."""

    def service_s(self, caller: Caller, agent: Agent) -> float:  # noqa: ARG002 - the interface of worlds
        return -self.mean_s[0] * math.log1p(-0.5 * (1 + math.erf(caller.draw / math.sqrt(2))))


def _one_class(load: float, servers: int, calls: int, patience_s: float) -> World:
    draw = random.Random(11)
    agents = [Agent(number, [5], [0]) for number in range(servers)]
    world = _Exponential(1, agents, [180.0], 0.0, 1.0)
    now = 0.0
    for number in range(calls):
        now += draw.expovariate(load / 180.0)
        world.callers.append(Caller(number, 0, 0, now, patience_s, draw.gauss(0, 1)))
    return world


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison with theory."""

    name: str
    expected: float
    measured: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the simulator agrees."""
        return abs(self.expected - self.measured) <= self.tolerance


def erlang_checks(calls: int) -> list[Check]:
    """Blocked with no patience, and waiting with endless patience, through the shipped core."""
    lost = simulate(_one_class(10, 15, calls, 1e-9), Routing())
    endless = simulate(_one_class(10, 12, calls, 1e9), Routing())
    waited = sum(1 for one in endless.waits if one > 1e-6) / len(endless.waits)
    spread = 8 / math.sqrt(calls)
    return [
        Check("Erlang B(10, 15)", erlang_b(10, 15), lost.abandoned / sum(lost.offered), spread / 4),
        Check("Erlang C(10, 12)", erlang_c(10, 12), waited, spread),
    ]


def skill_checks(seeds: range) -> dict[str, float]:
    """Service level with one, two and all six equal skills per operator (Wallace and Whitt 2005)."""
    found = {}
    for name, skills in {"one": (1.0,), "two": (0.0, 1.0), "all six": (0, 0, 0, 0, 0, 1.0)}.items():
        shape = replace(TUNED, skills=skills, levels=(5, 5), first=(5, 5), per_level=0.0, tight=1.0)
        runs = [simulate(build(shape, "tight", seed), Routing()).service_level for seed in seeds]
        found[name] = sum(runs) / len(runs)
    return found
