"""Who waited longer comes first, measured against the target of the queue; ageing never stops (R4, R6)."""

import numpy as np

from ari_app.routing.market import Column, Market
from ari_app.routing.operators import Group

NAME = "waiting"


def score(market: Market, group: Group, now: float, crowd: float) -> Column:  # noqa: ARG001 - one signature
    """Waiting / target, at the ageing weight beyond 1; -inf in empty lines.

    In a crowd a line whose oldest call has missed its target yields a little to lines that can still make it.
    """
    policy = market.policy
    waited = (now - market.entered_at) / market.target_s
    scores: Column = np.minimum(waited, 1.0)
    scores += np.maximum(waited - 1.0, 0.0) * policy.ageing_weight
    scores -= (waited > 1.0) * (policy.late_discount * crowd)
    return scores
