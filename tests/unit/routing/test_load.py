"""What the index learns: loads, and what a level is worth."""

import math
import random

import pytest

from ari_app.model.ids import DEFAULT_CLIENT, QueueId
from ari_app.routing.demand import Demand
from ari_app.routing.load import Loads

DEMAND = Demand(DEFAULT_CLIENT, QueueId("help"), frozenset({QueueId("help")}), ())
OTHER = Demand(DEFAULT_CLIENT, QueueId("shop"), frozenset({QueueId("shop")}), ())


def test_load_is_arrivals_times_handling_time() -> None:
    loads = Loads(600)
    for second in range(0, 6000, 10):
        loads.arrived(DEMAND, second)
        loads.ended(DEMAND, 3.0, 200.0, second)
    assert loads.erlangs(DEMAND, 6000) == pytest.approx(20, rel=0.05)
    assert loads.mean_handled_s(DEMAND) == pytest.approx(200, rel=0.05)
    assert loads.erlangs(OTHER, 6000) == 0.0


def test_load_is_forgotten() -> None:
    loads = Loads(600)
    loads.arrived(DEMAND, 0)
    assert loads.erlangs(DEMAND, 1) > 0
    assert loads.erlangs(DEMAND, 20000) == 0.0


@pytest.mark.parametrize("per_level", [0.0, 0.04, 0.1])
def test_the_worth_of_a_level_is_learned(per_level: float) -> None:
    loads, draw = Loads(600), random.Random(5)
    for second in range(4000):
        level = draw.randint(1, 10)
        handled_s = 200 * math.exp(draw.gauss(0, 0.7) - per_level * level)
        loads.ended(DEMAND if second % 2 else OTHER, level, handled_s, second)
    assert loads.speed_per_level() == pytest.approx(per_level, abs=0.012)


def test_nothing_is_made_of_a_few_contacts_or_of_slower_experts() -> None:
    loads = Loads(600)
    assert loads.speed_per_level() == 0.0
    loads.ended(DEMAND, 1, 500.0, 0)
    loads.ended(DEMAND, 5, 50.0, 0)
    assert loads.speed_per_level() < 0.05
    for second in range(2000):
        loads.ended(OTHER, second % 5, 100.0 * (1 + second % 5), second)
    assert loads.speed_per_level() == 0.0


def test_only_the_busiest_demands_are_remembered_over_a_rebuild() -> None:
    loads = Loads(600)
    for nth in range(1000):
        queue = QueueId(f"q{nth}")
        loads.arrived(Demand(DEFAULT_CLIENT, queue, frozenset({queue}), ()), float(nth))
    loads.arrived(DEMAND, 1000.0)
    loads.arrived(DEMAND, 1000.0)
    busy = loads.busy()
    assert busy[0] == DEMAND
    assert len(busy) == 256
