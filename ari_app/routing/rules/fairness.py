"""In a crowd, the queue that fared worse lately comes earlier: no one queue bears the overload."""

from ari_app.routing.market import Column, Market
from ari_app.routing.operators import Group

NAME = "fairness"


def score(market: Market, group: Group, now: float, crowd: float) -> Column:  # noqa: ARG001 - one signature
    """Share of each line's queue that recently missed its target, weighted."""
    missed: Column = 1.0 - market.fared[market.queue_of_line]
    return missed * (market.policy.fairness_weight * crowd)
