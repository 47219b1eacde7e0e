"""Who waited longer comes first, measured against the target of the queue; ageing never stops (R4, R6)."""

import numpy as np

from ari_app.routing.market import Column, Market
from ari_app.routing.operators import Group

NAME = "waiting"


def score(market: Market, group: Group, now: float, competing: float) -> Column:  # noqa: ARG001 - one signature
    """Waiting / target, at the ageing weight beyond 1; -inf in empty lines."""
    waited = (now - market.entered_at) / market.target_s
    scores: Column = np.minimum(waited, 1.0)
    scores += np.maximum(waited - 1.0, 0.0) * market.policy.ageing_weight
    return scores
