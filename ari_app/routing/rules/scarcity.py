"""The price of an operator: what taking him may cost the other demands he could serve.

For each demand the expected need of one more operator falls with every idle operator who could serve it:
strain x ratio^(idle). An operator who serves many loaded demands with few idle operators is dear.
"""

import numpy as np

from ari_app.routing.market import Column, Market
from ari_app.routing.policy import Order

NAME = "scarcity"
ORDERS = frozenset({Order.PRICED, Order.STICKY})


def score(market: Market, kind: int, now: float) -> Column:  # noqa: ARG001 - the signature of all operator rules
    """Minus the price of one operator of each group; shape (groups,)."""
    policy = market.policy
    worth = market.strain * np.power(policy.scarcity_ratio, market.idle)
    price: Column = (market.family_open() @ worth)[market.family_of] * -policy.scarcity_weight
    return price
