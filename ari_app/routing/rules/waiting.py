"""Who waited longer comes first, measured against the target of the queue; ageing never stops (R4, R6)."""

import numpy as np

from ari_app.routing.market import Column, Market

NAME = "waiting"


def score(market: Market, now: float) -> Column:
    """Waiting / target, fully up to the cap and at the ageing weight beyond; -inf in empty lines."""
    waited = (now - market.entered_at) / market.target_s
    policy = market.policy
    score: Column = np.minimum(waited, policy.waiting_cap)
    score += np.maximum(waited - policy.waiting_cap, 0.0) * policy.ageing_weight
    return score
