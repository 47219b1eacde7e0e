"""What the index learns while it works: how much work each demand brings, and how fast the lines move."""

import math
from dataclasses import dataclass, field

from ari_app.routing.demand import Demand

_FIRST_HANDLED_S = 180.0
"""Assumed handling time until contacts of the demand have ended."""
_PRIOR = 3.0
"""How many contacts that assumption weighs."""
_FLOOR = 1e-3
_MOST = 256
"""Demands remembered over a rebuild."""
_KEPT = 1.0 - 1.0 / 3000.0
_DOUBT = 300.0
"""Ridge of the slope: so many squared levels of evidence speak for no difference."""
_FASTEST = 0.15


@dataclass(slots=True)
class Slope:
    """Sums of a least-squares line of log handling time over level, slowly forgotten."""

    n: float = 0.0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def add(self, x: float, y: float) -> None:
        """Take in one contact."""
        self.n = self.n * _KEPT + 1.0
        self.x = self.x * _KEPT + x
        self.y = self.y * _KEPT + y
        self.xx = self.xx * _KEPT + x * x
        self.xy = self.xy * _KEPT + x * y

    def centred(self) -> tuple[float, float]:
        """Sum of squares of x and of products of x and y, about their means."""
        if self.n <= 0.0:
            return 0.0, 0.0
        return self.xx - self.x * self.x / self.n, self.xy - self.x * self.y / self.n


@dataclass(slots=True)
class Flow:
    """Decayed counts of one demand; `at` is when they were last brought up to date."""

    at: float
    arrivals: float = 0.0
    handled: float = 0.0
    handled_s: float = 0.0
    levels: Slope = field(default_factory=Slope)


class Loads:
    """Arrival rate and handling time of each demand, forgetting with the time constant `memory_s`."""

    def __init__(self, memory_s: float) -> None:
        self._memory_s = memory_s
        self._flows: dict[Demand, Flow] = {}

    def _flow(self, demand: Demand, now: float) -> Flow:
        flow = self._flows.get(demand)
        if flow is None:
            flow = self._flows[demand] = Flow(now)
        elif now > flow.at:
            kept = math.exp((flow.at - now) / self._memory_s)
            flow.arrivals *= kept
            flow.handled *= kept
            flow.handled_s *= kept
            flow.at = now
        return flow

    def arrived(self, demand: Demand, now: float) -> None:
        """A call with this demand entered its queue."""
        self._flow(demand, now).arrivals += 1.0

    def ended(self, demand: Demand, level: float, handled_s: float, now: float) -> None:
        """A contact with this demand took `handled_s` of the time of an operator of this level."""
        flow = self._flow(demand, now)
        flow.handled += 1.0
        flow.handled_s += max(handled_s, 0.0)
        if handled_s > 0.0:
            flow.levels.add(level, math.log(handled_s))

    def speed_per_level(self) -> float:
        """How much faster contacts end per level, as a learned fraction; 0 until contacts show it."""
        sums = [flow.levels.centred() for flow in self._flows.values()]
        slope = sum(xy for _, xy in sums) / (sum(xx for xx, _ in sums) + _DOUBT)
        return min(max(-slope, 0.0), _FASTEST)

    def erlangs(self, demand: Demand, now: float) -> float:
        """Offered load: arrivals per second x mean handling time, low at first; 0 without recent arrivals."""
        if demand not in self._flows:
            return 0.0
        flow = self._flow(demand, now)
        load = flow.arrivals / self._memory_s * self.mean_handled_s(demand)
        return load if load > _FLOOR else 0.0

    def busy(self) -> list[Demand]:
        """The demands that bring most work; those that brought none for long are forgotten here."""
        self._flows = {demand: flow for demand, flow in self._flows.items() if flow.arrivals > _FLOOR}
        most = sorted(self._flows, key=lambda demand: -self._flows[demand].arrivals)
        return most[:_MOST]

    def mean_handled_s(self, demand: Demand) -> float:
        """Mean handling time of a contact of this demand, in seconds."""
        flow = self._flows.get(demand)
        if flow is None:
            return _FIRST_HANDLED_S
        return (flow.handled_s + _PRIOR * _FIRST_HANDLED_S) / (flow.handled + _PRIOR)
