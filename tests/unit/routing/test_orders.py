"""R3: the orders in which idle operators are taken."""

from collections import Counter

from ari_app.model.ids import QueueId
from ari_app.routing.policy import Order, Policy
from tests.unit.routing.sentences import Desk


def _taken(desk: Desk, count: int) -> list[str]:
    return [operator for number in range(count) for _, operator in desk.caller(f"call{number}", support=1)]


def test_R3_among_equal_operators_longest_idle_first() -> None:
    desk = Desk()
    for name, since in (("b", 5.0), ("a", 9.0), ("c", 1.0)):
        desk.at(10).operator(name, idle_since=since, support=2)
    assert _taken(desk, 3) == ["c", "b", "a"]


def test_R3_priced_prefers_the_better_skilled() -> None:
    desk = Desk()
    desk.operator("robot", idle_since=-500, support=2, orders=1, english=1)
    desk.operator("expert", support=3, orders=1, english=1, sales=1)
    assert _taken(desk, 2) == ["expert", "robot"]


def test_R3_priced_spares_those_whom_others_need() -> None:
    desk = Desk()
    for number in range(200):
        desk.at(number * 5).caller(f"rare{number}", "rare", rare=1)
        desk.left(f"rare{number}")
    desk.at(1000).operator("generalist", idle_since=0, support=3, rare=3)
    desk.operator("specialist", idle_since=900, support=3)
    assert _taken(desk, 2) == ["specialist", "generalist"]


def test_R3_longest_idle_order_ignores_levels() -> None:
    desk = Desk(Policy(order=Order.LONGEST_IDLE))
    desk.at(10).operator("novice", idle_since=1, support=1)
    desk.operator("expert", idle_since=2, support=5)
    assert _taken(desk, 2) == ["novice", "expert"]


def test_R3_best_skill_order_then_longest_idle() -> None:
    desk = Desk(Policy(order=Order.BEST_SKILL))
    desk.at(10000).operator("novice", idle_since=1, support=1)
    desk.operator("fresh_expert", idle_since=9000, support=5)
    desk.operator("rested_expert", idle_since=8000, support=5, sales=1)
    assert _taken(desk, 3) == ["rested_expert", "fresh_expert", "novice"]


def test_R3_least_used_order() -> None:
    desk = Desk(Policy(order=Order.LEAST_USED))
    desk.operator("a", support=1)
    desk.operator("b", support=2)
    assert desk.caller("1", support=2) == [("1", "b")]
    desk.left("1")
    desk.operator("b", idle_since=-99, support=2)
    assert _taken(desk, 2) == ["a", "b"]


def test_R3_random_order_is_fair_and_repeats_with_its_seed() -> None:
    def drawn(seed: int) -> list[str]:
        desk = Desk(Policy(order=Order.RANDOM, seed=seed))
        taken = []
        for name in "abcd":
            desk.operator_with(name, support=1, **{name: 1})
        for number in range(400):
            ((_, operator),) = desk.caller(f"c{number}", support=1)
            taken.append(operator)
            desk.left(f"c{number}")
            desk.operator_with(operator, support=1, **{operator: 1})
        return taken

    once = drawn(7)
    assert once == drawn(7)
    assert once != drawn(8)
    assert min(Counter(once).values()) > 50


def test_R3_sticky_order_waits_for_the_preferred_then_prices() -> None:
    desk = Desk(Policy(order=Order.STICKY, sticky_wait_s=15))
    desk.operator("known", support=1)
    desk.operator("other", support=5)
    desk.gone("known")
    assert desk.caller("a", preferred="known", support=1) == []
    assert desk.at(15).tick() == [("a", "other")]


def test_R3_each_queue_has_its_own_order() -> None:
    orders = {QueueId("calm"): Order.LONGEST_IDLE, QueueId("expert"): Order.BEST_SKILL}
    desk = Desk(Policy(orders=orders))
    for name, since, level in (("a", 1, 1), ("b", 2, 5), ("c", 3, 3)):
        desk.at(10).operator(name, idle_since=since, support=level)
    assert desk.caller("1", "expert", support=1) == [("1", "b")]
    assert desk.caller("2", "calm", support=1) == [("2", "a")]
