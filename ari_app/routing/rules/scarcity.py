"""The price of an operator: what taking him may cost the other demands he could serve.

For each demand the expected need of one more operator falls with every idle operator who could serve it:
strain x ratio^(idle). An operator who serves many loaded demands with few idle operators is dear.
"""

import numpy as np

from ari_app.routing.market import Column, Market, View
from ari_app.routing.policy import Order

NAME = "scarcity"
ORDERS = frozenset({Order.PRICED, Order.STICKY})


def score(market: Market, view: View, now: float) -> Column:  # noqa: ARG001 - one signature
    """Minus the price of one operator of each group."""
    policy = market.policy
    worth = market.strain * np.power(policy.scarcity_ratio, market.idle[market.strained])
    worth *= -policy.scarcity_weight
    price: Column = (view.serves @ worth)[view.families]
    return price
