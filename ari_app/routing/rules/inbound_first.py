"""Blending: outbound work fills idle time, and is taken only when no inbound caller fits (R14)."""

from ari_app.routing.market import Column, Market
from ari_app.routing.operators import Group

NAME = "inbound_first"
_BEHIND = -1e9


def score(market: Market, group: Group, now: float, competing: float) -> Column:  # noqa: ARG001 - one signature
    """Far below every inbound line for outbound ones."""
    return market.outbound * _BEHIND
