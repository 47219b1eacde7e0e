"""In overload, the queue that fared worse lately comes earlier: no one queue bears it all."""

import numpy as np

from ari_app.routing.market import Column, Market, share_between
from ari_app.routing.operators import Group

NAME = "fairness"


def score(market: Market, group: Group, now: float, competing: float) -> Column:  # noqa: ARG001 - one signature
    """Share of each line's queue that recently missed its target, weighted."""
    policy = market.policy
    overload = share_between(competing, policy.overload_from, policy.overload_full)
    if overload <= 0.0:
        return np.zeros(len(market.lines))
    missed: Column = 1.0 - market.fared[market.queue_of_line]
    return missed * (policy.fairness_weight * overload)
