"""Random order: each operator draws a lot when he becomes idle; the same events and seed draw the same."""

from ari_app.routing.market import Column, Market
from ari_app.routing.policy import Order

NAME = "drawn_lots"
ORDERS = frozenset({Order.RANDOM})


def score(market: Market, kind: int, now: float) -> Column:  # noqa: ARG001 - the signature of all operator rules
    """Minus the lowest lot of each group's idle operators, spread far above the ties of idle time."""
    return market.drawn * -1e6
