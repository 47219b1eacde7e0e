"""Urgent callers pass (R4); by how much is the policy's."""

from ari_app.routing.market import Column, Market
from ari_app.routing.operators import Group

NAME = "priority"


def score(market: Market, group: Group, now: float, competing: float) -> Column:  # noqa: ARG001 - one signature
    """Priority times its weight."""
    return market.priority * market.policy.priority_weight
