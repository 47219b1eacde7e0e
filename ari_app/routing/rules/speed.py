"""In a crowd, serve first whom this operator serves faster: it frees capacity for all.

What a level is worth is learned from handling times, so nothing is traded where levels make no difference.
"""

import numpy as np

from ari_app.routing.market import Column, Market, share_between
from ari_app.routing.operators import Group

NAME = "speed"


def score(market: Market, group: Group, now: float, competing: float) -> Column:  # noqa: ARG001 - one signature
    """Match score of each line for the group, in learned log seconds, weighted; 0 where it may not serve."""
    policy = market.policy
    crowd = share_between(competing, policy.crowd_from, policy.crowd_full)
    weight = policy.speed_weight * market.speed_per_level * crowd
    if weight <= 0.0:
        return np.zeros(len(market.lines))
    fit = market.fit_of_lines(group)
    return np.where(np.isfinite(fit), fit, 0.0) * weight
