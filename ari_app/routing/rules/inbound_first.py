"""Blending: outbound work fills idle time, and is taken only when no inbound caller fits (R14)."""

from ari_app.routing.market import Column, Market

NAME = "inbound_first"
_BEHIND = -1e9


def score(market: Market, now: float) -> Column:  # noqa: ARG001 - the signature of all caller rules
    """Far below every inbound line for outbound ones."""
    return market.outbound * _BEHIND
