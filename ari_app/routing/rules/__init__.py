"""The routing rules, one file each, independent of each other; this list is all that names them.

A *filter* excludes pairs, a *match* scores pairs; both are computed once per pair of signature and demand.
An *operator rule* scores all groups for one caller, a *caller rule* all lines for one freed operator; both
are vector operations over the market's columns, computed at each decision.
"""

from typing import Protocol

from ari_app.routing.market import Column, Market, View
from ari_app.routing.operators import Group
from ari_app.routing.policy import Order
from ari_app.routing.rule import Filter, Match
from ari_app.routing.rules import (
    client_match,
    drawn_lots,
    fairness,
    idle_time,
    inbound_first,
    least_used,
    level,
    priority,
    queue_membership,
    scarcity,
    skill_level,
    speed,
    waiting,
)


class OperatorRule(Protocol):
    """Scores every group that fits a caller."""

    NAME: str
    ORDERS: frozenset[Order]
    """The orders in which the rule counts."""

    def score(self, market: Market, view: View, now: float) -> Column:
        """More is better; shape of `view.rows`. -inf where nobody is idle, or any number."""
        ...


class CallerRule(Protocol):
    """Scores every line for a freed operator."""

    NAME: str

    def score(self, market: Market, group: Group, now: float, competing: float) -> Column:
        """More is better; shape (lines,). Rows without a waiting caller may hold anything but NaN.

        `competing` is how many waiting calls fit the operator: a rule may trade order in a crowd.
        """
        ...


FILTERS: tuple[Filter, ...] = (client_match, queue_membership, skill_level)
MATCHES: tuple[Match, ...] = (level,)
OPERATOR_RULES: tuple[OperatorRule, ...] = (scarcity, idle_time, least_used, drawn_lots)
CALLER_RULES: tuple[CallerRule, ...] = (inbound_first, priority, waiting, speed, fairness)
