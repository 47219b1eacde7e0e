"""One-sided choices: the best idle operator for a caller, the best caller for a freed operator."""

from itertools import islice

from ari_app.model.ids import CallId, OperatorId
from ari_app.routing.market import EXCLUDED, Column, Market, View
from ari_app.routing.operators import Group
from ari_app.routing.policy import Order
from ari_app.routing.rules import CALLER_RULES, OPERATOR_RULES

_RULES = {order: tuple(rule for rule in OPERATOR_RULES if order in rule.ORDERS) for order in Order}
_TINY = 1e-9
"""The levels break ties of waiting; and 0 times an exclusion would be no exclusion."""


def operator_scores(market: Market, view: View, now: float) -> Column:
    """Score of every group that fits; -inf where nobody is idle. Shape of `view.rows`."""
    score: Column = view.match.copy()
    for rule in _RULES[view.order]:
        score += rule.score(market, view, now)
    return score


def best_operator(market: Market, kind: int, now: float) -> tuple[OperatorId, float] | None:
    """The idle operator whom a caller of this kind should take, with the score; None when there is none."""
    if market.idle[kind] <= 0.0:
        return None
    view = market.view(kind)
    scores = operator_scores(market, view, now)
    nth = int(scores.argmax())
    score = float(scores[nth])
    if score == EXCLUDED:
        return None
    return first_of(market, view.order, market.groups[view.rows[nth]]), score


def first_of(market: Market, order: Order, group: Group) -> OperatorId:
    """Whom of the idle operators of a group a queue's order takes."""
    match order:
        case Order.RANDOM:
            nth = (market.draws * 0x2545F491 >> 8) % len(group.by_idle)
            return next(islice(group.by_idle, nth, None))
        case Order.LEAST_USED:
            top = group.by_use.first()
        case _:
            top = group.by_idle.first()
    assert top is not None
    return top[1]


def caller_scores(market: Market, group: Group, now: float) -> Column:
    """Score of every line for an operator of this group; -inf where he may not, or nobody waits."""
    competing = market.competing(group)
    score: Column = market.fit_of_lines(group) * _TINY
    for rule in CALLER_RULES:
        score += rule.score(market, group, now, competing)
    return score


def best_caller(market: Market, group: Group, now: float) -> tuple[CallId, float] | None:
    """The waiting call which a freed operator of this group should take, with the score; or None."""
    if not market.waiting or market.competing(group) <= 0.0:
        return None
    scores = caller_scores(market, group, now)
    row = int(scores.argmax())
    score = float(scores[row])
    if score == EXCLUDED:
        return None
    top = market.lines[row].calls.first()
    assert top is not None
    return top[1], score
