"""Urgent callers pass (R4); by how much is the policy's."""

from ari_app.routing.market import Column, Market

NAME = "priority"


def score(market: Market, now: float) -> Column:  # noqa: ARG001 - the signature of all caller rules
    """Priority times its weight."""
    return market.priority * market.policy.priority_weight
