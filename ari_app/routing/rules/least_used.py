"""Least used first: the operator with the fewest calls since signing in."""

from ari_app.routing.market import Column, Market, View
from ari_app.routing.policy import Order

NAME = "least_used"
ORDERS = frozenset({Order.LEAST_USED})


def score(market: Market, view: View, now: float) -> Column:  # noqa: ARG001 - one signature
    """Minus the calls of the least used idle operator of each group."""
    return -market.least_used[view.rows]
