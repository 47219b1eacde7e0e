"""R11: each rule is one file; its table of cases."""

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, QueueId, SkillId
from ari_app.routing import rules
from ari_app.routing.demand import Demand, Standing
from ari_app.routing.market import Market
from ari_app.routing.operators import Signature
from ari_app.routing.policy import Policy
from ari_app.routing.rules import (
    CALLER_RULES,
    FILTERS,
    MATCHES,
    OPERATOR_RULES,
    client_match,
    fairness,
    level,
    queue_membership,
    skill_level,
    speed,
    waiting,
)

SUPPORT, SALES = SkillId("support"), SkillId("sales")
HELP, SHOP = QueueId("help"), QueueId("shop")


def _demand(
    *needs: tuple[SkillId, int], client: ClientId = DEFAULT_CLIENT, queues: tuple[QueueId, ...] = (HELP,)
) -> Demand:
    return Demand(client, queues[0], frozenset(queues), needs)


def _signature(*skills: tuple[SkillId, int], queues: frozenset[QueueId] | None = None) -> Signature:
    return Signature(DEFAULT_CLIENT, skills, queues)


def test_R11_every_file_of_the_folder_is_registered_once() -> None:
    files = {found.name for found in pkgutil.iter_modules(rules.__path__)}
    registered: list[Any] = [*FILTERS, *MATCHES, *OPERATOR_RULES, *CALLER_RULES]
    modules = [importlib.import_module(f"{rules.__name__}.{name}") for name in sorted(files)]
    assert all(module in registered for module in modules), "a rule's file is missing in rules/__init__.py"
    assert len(registered) == len(modules)
    assert len({one.NAME for one in registered}) == len(registered)


def test_R11_every_rule_says_what_it_is_for() -> None:
    for one in [*FILTERS, *MATCHES, *OPERATOR_RULES, *CALLER_RULES]:
        assert one.__doc__


@pytest.mark.parametrize(
    ("skills", "needs", "reason"),
    [
        ([(SUPPORT, 3)], [(SUPPORT, 3)], None),
        ([(SUPPORT, 5)], [(SUPPORT, 3)], None),
        ([(SUPPORT, 2)], [(SUPPORT, 3)], "support at level 2, needs 3"),
        ([(SALES, 5)], [(SUPPORT, 1)], "lacks skill support"),
        ([(SALES, 5), (SUPPORT, 1)], [(SALES, 2), (SUPPORT, 1)], None),
        ([(SALES, 5)], [(SALES, 2), (SUPPORT, 1)], "lacks skill support"),
        ([], [], None),
    ],
)
def test_skill_level(
    skills: list[tuple[SkillId, int]], needs: list[tuple[SkillId, int]], reason: str | None
) -> None:
    assert skill_level.excludes(_signature(*skills), _demand(*needs)) == reason


@pytest.mark.parametrize(
    ("bound", "queues", "reason"),
    [
        (None, (HELP,), None),
        (frozenset({HELP, SHOP}), (HELP,), None),
        (frozenset({SHOP}), (HELP, SHOP), None),
        (frozenset({SHOP}), (HELP,), "not in queue help"),
        (frozenset[QueueId](), (HELP,), "not in queue help"),
    ],
)
def test_queue_membership(
    bound: frozenset[QueueId] | None, queues: tuple[QueueId, ...], reason: str | None
) -> None:
    assert queue_membership.excludes(_signature(queues=bound), _demand(queues=queues)) == reason


def test_T1_client_match() -> None:
    assert client_match.excludes(_signature(), _demand()) is None
    assert client_match.excludes(_signature(), _demand(client=ClientId("acme"))) == "of another client"


def test_level_is_the_mean_of_the_needed_skills() -> None:
    assert level.score(_signature((SALES, 5), (SUPPORT, 2)), _demand((SUPPORT, 1))) == 2.0
    assert level.score(_signature((SALES, 5), (SUPPORT, 2)), _demand((SALES, 1), (SUPPORT, 1))) == 3.5
    assert level.score(_signature((SALES, 5)), _demand()) == 0.0


def _market(*waited: tuple[float, float]) -> Market:
    """Lines whose oldest call has waited so long at time 0, with their targets."""
    market = Market(Policy(ageing_weight=0.2, speed_weight=10.0), FILTERS, MATCHES)
    for nth, (seconds, target_s) in enumerate(waited):
        demand = _demand((SUPPORT, 1), queues=(QueueId(f"q{nth}"),))
        line = market.line(Standing(demand, 0, target_s, outbound=False))
        market.entered_at[line.row] = -seconds
    return market


def test_waiting_counts_fully_to_the_target_and_ages_beyond() -> None:
    market = _market((10, 20), (20, 20), (40, 20), (40, 80), (-np.inf, 20))
    group = market.group(_signature((SUPPORT, 1)))
    assert waiting.score(market, group, 0.0, 2.0).tolist() == [0.5, 1.0, 1.2, 0.5, -np.inf]


def test_fairness_favours_the_queue_that_fared_worse_in_overload() -> None:
    market = _market((10, 20), (10, 20))
    group = market.group(_signature((SUPPORT, 1)))
    for _ in range(200):
        market.fare(QueueId("q0"), in_time=True)
        market.fare(QueueId("q1"), in_time=False)
    well, badly = fairness.score(market, group, 0.0, 12.0).tolist()
    assert well == 0.0
    assert badly == pytest.approx(Policy().fairness_weight, rel=0.01)
    assert fairness.score(market, group, 0.0, 8.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("learned", "competing", "bonus"), [(0.0, 4, 0.0), (0.05, 2, 0.0), (0.05, 3, 1.0), (0.05, 9, 2.0)]
)
def test_speed_counts_in_a_crowd_as_far_as_it_was_learned(
    learned: float, competing: int, bonus: float
) -> None:
    market = _market((10, 20))
    market.speed_per_level = learned
    expert = market.group(_signature((SUPPORT, 4)))
    stranger = market.group(_signature((SALES, 4)))
    assert speed.score(market, expert, 0.0, competing).tolist() == pytest.approx([bonus])
    assert speed.score(market, stranger, 0.0, competing).tolist() == [0.0]
