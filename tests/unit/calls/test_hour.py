"""An hour of random traffic in jumping time: callers every few seconds, phones that answer, miss, refuse."""

from __future__ import annotations

import os
import random
from collections import Counter

from ari_app.model.call import Phase
from ari_app.model.operator import OperatorState
from tests.fakes.loop import run
from tests.unit.calls.test_crashes import assert_all_is_well, take
from tests.unit.calls.world import World

HOUR_S = 3600.0
SEED = int(os.environ.get("RAMAL_HOUR_SEED", "2"))
ON_A_CALL = {OperatorState.RINGING, OperatorState.TALKING, OperatorState.ON_HOLD}
ACTS = {
    ("dial", 0): 10.0,
    ("rush", 3): 1.0,
    ("press", 2): 10.0,
    ("press", 1): 2.0,
    ("hang up", 0): 2.0,
    ("hang up", 2): 2.0,
    ("answer", 0): 14.0,
    ("miss", 0): 1.0,
    ("reject", 0): 1.0,
    ("operator hangs up", 0): 4.0,
    ("kill", 0): 0.05,
    ("kill", 1): 0.05,
}


def assert_holds(world: World) -> None:
    """What is true in every moment: nobody has two calls, nobody is busy with nothing."""
    assert world.telephone.broken == []
    serving = Counter(
        session.operator()
        for session in world.exchange.sessions.values()
        if session.operator() is not None and not session.ended
    )
    assert set(serving.values()) <= {1}, serving
    for operator, presence in world.dispatcher.operators.items():
        if presence.state in ON_A_CALL and not presence.own_calls:
            assert presence.offer in world.dispatcher.offers, (operator, presence.state)
    waiting = {call for call, s in world.exchange.sessions.items() if s.record.phase is Phase.WAITING}
    assert set(world.dispatcher.waiting) <= waiting | set(world.exchange.sessions)


def test_R6_an_hour_of_random_traffic_breaks_no_invariant() -> None:
    async def hour() -> int:
        draw, world = random.Random(SEED), World()
        await world.start()
        began = world.clock.now()
        while world.clock.now() - began < HOUR_S:
            [(act, number)] = draw.choices(list(ACTS), list(ACTS.values()))
            await take(world, act, number)
            await world.settle(draw.expovariate(1 / 3.0))
            assert_holds(world)
        world.telephone.all_hang_up()
        await world.settle(200.0)
        assert_all_is_well(world)
        served = len(world.journal.calls)
        await world.kill()
        return served

    assert run(hour()) > 150
