"""Longest idle first: the whole order where a queue says so, a little in the others, and every tie."""

from ari_app.routing.market import Column, Market, View
from ari_app.routing.policy import Order

NAME = "idle_time"
ORDERS = frozenset(Order)
_TIE = 1e-6


def score(market: Market, view: View, now: float) -> Column:
    """Seconds idle of the longest idle operator of each group, weighted; -inf where nobody is idle."""
    match view.order:
        case Order.LONGEST_IDLE:
            weight = 1.0
        case Order.PRICED | Order.STICKY:
            weight = max(market.policy.idle_weight, _TIE)
        case _:
            weight = _TIE
    return (now - market.idle_since[view.rows]) * weight
