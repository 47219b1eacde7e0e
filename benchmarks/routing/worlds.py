"""Worlds to route in: operators with levels per class, and the load of a day.

A class is one language or topic. Shapes follow what a mid-sized contact centre has: most operators know two
or three classes, some levels are low, service is lognormal and faster at a higher level, one caller in ten is
a VIP.
"""

import math
import random
from dataclasses import dataclass, field, replace

HOURS = 6.0


@dataclass(slots=True)
class Agent:
    """An operator as a routing policy sees him; the name is that of the interface for outside simulators."""

    id: int
    lvl: list[int]
    skills: list[int]
    idle_since: float = 0.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A call: class, priority, arrival and, for the simulator alone, patience and a draw for its length."""

    id: int
    cls: int
    prio: int
    t: float
    patience_s: float
    draw: float


@dataclass(slots=True)
class World:
    """Operators and callers of one run. `mean_s[c]` is the mean service at level 5."""

    C: int
    agents: list[Agent]
    mean_s: list[float]
    per_level: float
    sigma: float
    callers: list[Caller] = field(default_factory=list)

    def service_s(self, caller: Caller, agent: Agent) -> float:
        """How long this operator needs for this caller, wrap-up included (lognormal, mean by level)."""
        mean = self.mean_s[caller.cls] * math.exp(self.per_level * (5 - agent.lvl[caller.cls]))
        return mean * math.exp(self.sigma * caller.draw - self.sigma**2 / 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """Parameters of a world; the held-out ones alter them."""

    operators: int = 60
    classes: int = 6
    skills: tuple[float, ...] = (0.05, 0.35, 0.35, 0.25)
    """Chance that an operator knows 1, 2, 3, … classes."""
    levels: tuple[int, int] = (2, 9)
    first: tuple[int, int] = (6, 10)
    """Levels of what an operator knows best."""
    per_level: float = 0.035
    """Each level makes service this much faster."""
    sigma: float = 0.7
    mean_s: float = 240.0
    spread: float = 0.25
    """How unequal the mean service of the classes is."""
    shares: tuple[float, ...] = (0.28, 0.22, 0.17, 0.14, 0.11, 0.08)
    vip: float = 0.1
    patience_s: float = 180.0
    day: float = 0.93
    """Load at the peak of the day ÷ what all operators together serve at their best."""
    surge: float = 0.77
    surge_by: float = 2.0
    tight: float = 1.05


def _pick(draw: random.Random, weights: list[float]) -> int:
    return draw.choices(range(len(weights)), weights)[0]


def build(shape: Shape, scenario: str, seed: int) -> World:
    """One world: scenario `day` (two peaks), `surge` (one class nearly doubles for 90 minutes), `tight`."""
    draw = random.Random(f"{seed}-{scenario}-{shape.operators}")
    shares = list(shape.shares)
    mean_s = [shape.mean_s * math.exp(draw.uniform(-shape.spread, shape.spread)) for _ in shares]
    covered = [0.0] * len(shares)
    agents = [_agent(draw, shape, number, shares, mean_s, covered) for number in range(shape.operators)]
    world = World(len(shares), agents, mean_s, shape.per_level, shape.sigma)
    best = sum(math.exp(shape.per_level * (max(one.lvl) - 5)) for one in agents)
    mean = sum(share * s for share, s in zip(shares, mean_s, strict=True))
    capacity = best / mean
    surging = draw.randrange(len(shares))
    world.callers = _callers(draw, shape, scenario, capacity, shares, surging)
    return world


def _agent(
    draw: random.Random,
    shape: Shape,
    number: int,
    shares: list[float],
    mean_s: list[float],
    covered: list[float],
) -> Agent:
    """An operator hired where cover per work is thinnest, give or take."""
    work = [share * s for share, s in zip(shares, mean_s, strict=True)]
    count = 1 + _pick(draw, list(shape.skills))
    lvl = [0] * len(shares)
    for nth in range(count):
        thin = [
            (covered[c] + draw.random() * 2) / work[c] if not lvl[c] else math.inf for c in range(len(shares))
        ]
        chosen = thin.index(min(thin))
        lvl[chosen] = draw.randint(*(shape.levels if nth else shape.first))
        covered[chosen] += 1 / count
    return Agent(number, lvl, [c for c in range(len(shares)) if lvl[c]])


def _level(shape: Shape, scenario: str, hour: float) -> float:
    if scenario == "surge":
        return shape.surge
    first, second = math.exp(-(((hour - 1.7) / 0.9) ** 2)), math.exp(-(((hour - 4.3) / 0.9) ** 2))
    return (shape.day if scenario == "day" else shape.tight) * (0.6 + 0.4 * max(first, 0.92 * second))


def _callers(
    draw: random.Random, shape: Shape, scenario: str, capacity: float, shares: list[float], surging: int
) -> list[Caller]:
    callers: list[Caller] = []
    top = capacity * 1.6
    now = 0.0
    while True:
        now += draw.expovariate(top)
        if now >= HOURS * 3600:
            return callers
        hour = now / 3600
        level = _level(shape, scenario, hour)
        rates = [capacity * level * share for share in shares]
        if scenario == "surge" and 2.0 <= hour < 3.5:
            rates[surging] *= shape.surge_by
        chosen = draw.random() * top
        cls = _pick(draw, rates)
        prio = int(draw.random() < shape.vip)
        patience, noise = draw.expovariate(1 / shape.patience_s), draw.gauss(0, 1)
        if chosen < sum(rates):
            callers.append(Caller(len(callers), cls, prio, now, patience, noise))


def pooled(world: World) -> World:
    """Everyone serves everything at their own best level: the bound that no policy reaches."""
    agents = [Agent(one.id, [max(one.lvl)] * world.C, list(range(world.C))) for one in world.agents]
    return World(world.C, agents, world.mean_s, world.per_level, world.sigma, world.callers)


TUNED = Shape()
LARGE = replace(TUNED, operators=300, day=1.02, surge=0.85, tight=1.12)
HELD_OUT = replace(
    TUNED,
    levels=(1, 10),
    first=(4, 10),
    skills=(0.1, 0.35, 0.35, 0.2),
    per_level=0.045,
    sigma=0.9,
    mean_s=200.0,
    shares=(0.24, 0.2, 0.18, 0.15, 0.13, 0.1),
    surge_by=2.3,
)
HELD_OUT_LARGE = replace(HELD_OUT, operators=300, tight=1.12)
