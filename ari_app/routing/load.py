"""What the index learns while it works: how much work each demand brings, and how fast the lines move."""

import math
from dataclasses import dataclass

from ari_app.routing.demand import Demand

_FIRST_HANDLED_S = 180.0
"""Assumed handling time until contacts of the demand have ended."""
_PRIOR = 3.0
"""How many contacts that assumption weighs."""
_FLOOR = 1e-3


@dataclass(slots=True)
class Flow:
    """Decayed counts of one demand; `at` is when they were last brought up to date."""

    at: float
    since: float
    arrivals: float = 0.0
    handled: float = 0.0
    handled_s: float = 0.0


class Loads:
    """Arrival rate and handling time of each demand, forgetting with the time constant `memory_s`."""

    def __init__(self, memory_s: float) -> None:
        self._memory_s = memory_s
        self._flows: dict[Demand, Flow] = {}

    def _flow(self, demand: Demand, now: float) -> Flow:
        flow = self._flows.get(demand)
        if flow is None:
            flow = self._flows[demand] = Flow(now, now)
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

    def ended(self, demand: Demand, handled_s: float, now: float) -> None:
        """A contact with this demand took `handled_s` of an operator's time."""
        flow = self._flow(demand, now)
        flow.handled += 1.0
        flow.handled_s += max(handled_s, 0.0)

    def erlangs(self, demand: Demand, now: float) -> float:
        """Offered load: arrivals per second x mean handling time; 0 for a demand nobody brought lately."""
        if demand not in self._flows:
            return 0.0
        flow = self._flow(demand, now)
        seen = 1.0 - math.exp((flow.since - now) / self._memory_s)
        rate = flow.arrivals / (self._memory_s * max(seen, 0.05))
        load = rate * self.mean_handled_s(demand)
        return load if load > _FLOOR else 0.0

    def busy(self) -> list[Demand]:
        """The demands that bring work; those that brought none for long are forgotten here."""
        self._flows = {demand: flow for demand, flow in self._flows.items() if flow.arrivals > _FLOOR}
        return list(self._flows)

    def mean_handled_s(self, demand: Demand) -> float:
        """Mean handling time of a contact of this demand, in seconds."""
        flow = self._flows.get(demand)
        if flow is None:
            return _FIRST_HANDLED_S
        return (flow.handled_s + _PRIOR * _FIRST_HANDLED_S) / (flow.handled + _PRIOR)
