"""One-sided choices: the best idle operator for a caller, the best caller for a freed operator."""

from ari_app.model.ids import CallId, OperatorId
from ari_app.routing.market import EXCLUDED, Column, Market
from ari_app.routing.operators import Group
from ari_app.routing.policy import Order
from ari_app.routing.ranked import Ranked
from ari_app.routing.rules import CALLER_RULES, OPERATOR_RULES

_RULES = {order: tuple(rule for rule in OPERATOR_RULES if order in rule.ORDERS) for order in Order}
_TIE = 1e-3
"""Levels break ties between orders that do not look at them."""


def match_weight(market: Market, order: Order) -> float:
    """What a point of the pair rules is worth in this order, seen from a caller."""
    if order in (Order.PRICED, Order.STICKY):
        return max(market.policy.level_weight, 1e-12)
    return 1.0 if order is Order.BEST_SKILL else _TIE


def operator_scores(market: Market, kind: int, now: float) -> Column:
    """Score of every group for a demand; -inf where nobody may, or nobody is idle. Shape (groups,)."""
    order = market.order(kind)
    score: Column = market.fit(kind) * match_weight(market, order)
    for rule in _RULES[order]:
        score += rule.score(market, kind, now)
    return score


def best_operator(market: Market, kind: int, now: float) -> tuple[OperatorId, float] | None:
    """The idle operator whom a caller of this kind should take, with the score; None when there is none."""
    if market.idle[kind] <= 0.0:
        return None
    scores = operator_scores(market, kind, now)
    row = int(scores.argmax())
    score = float(scores[row])
    if score == EXCLUDED:
        return None
    top = in_group(market, kind, market.groups[row]).first()
    assert top is not None
    return top[1], score


def in_group(market: Market, kind: int, group: Group) -> Ranked[OperatorId]:
    """The idle operators of a group in the order that a demand's queue looks at."""
    match market.order(kind):
        case Order.LEAST_USED:
            return group.by_use
        case Order.RANDOM:
            return group.by_chance
        case _:
            return group.by_idle


def caller_scores(market: Market, group: Group, now: float) -> Column:
    """Score of every line for an operator of this group; -inf where he may not, or nobody waits."""
    score: Column = market.fit_of_lines(group) * max(market.policy.caller_level_weight, 1e-12)
    for rule in CALLER_RULES:
        score += rule.score(market, now)
    return score


def best_caller(market: Market, group: Group, now: float) -> tuple[CallId, float] | None:
    """The waiting call which a freed operator of this group should take, with the score; or None."""
    if not market.waiting:
        return None
    scores = caller_scores(market, group, now)
    row = int(scores.argmax())
    score = float(scores[row])
    if score == EXCLUDED:
        return None
    top = market.lines[row].calls.first()
    assert top is not None
    return top[1], score
