"""A restart under an outside number that was fetched into a talk: its money and its time go on (X8)."""

from __future__ import annotations

import msgspec.structs
import pytest

from ari_app.flow.site import Tariff
from ari_app.model import talks as t
from tests.fakes.loop import run
from tests.unit.calls.test_room_crashes import RoomWorld, given_talk

NUMBER = t.Target("number", "+551130002222")


def given_world() -> RoomWorld:
    world = RoomWorld()
    world.outside_calls = msgspec.structs.replace(
        world.outside_calls, tariffs=(Tariff(prefix="+55", per_minute=1.0),), longest_s=300.0
    )
    return world


def money(world: RoomWorld) -> float:
    return world.toll.spent(world.clock.now())["trunks"]["carrier"]


@pytest.mark.parametrize("ask", [t.Consult(NUMBER), t.Conference(NUMBER)], ids=["consulted", "conference"])
def test_X8_an_outside_leg_ends_with_its_money_though_we_restarted_under_it(ask: t.Ask) -> None:
    async def story() -> None:
        world = given_world()
        await world.start()
        await given_talk(world)
        world.asks(ask)
        await world.settle(5.0)
        (leg,) = (channel for channel in world.telephone.legs if channel.startswith("call-1.l"))
        world.telephone.phone_answers()
        await world.settle(60.0)
        for _ in range(2):
            await world.kill()
            await world.settle(1.0)
            await world.start()
            await world.settle(10.0)
            assert leg in world.telephone.legs
            assert money(world) == pytest.approx(5.0), "five minutes at most, held once"
        await world.settle(200.0)
        assert leg in world.telephone.legs
        await world.settle(60.0)
        assert leg not in world.telephone.legs, "five minutes are over"
        assert 4.0 <= money(world) <= 5.0
        world.telephone.all_hang_up()
        await world.settle(60.0)
        await world.kill()

    run(story())


def test_X8_an_outside_leg_that_leaves_after_a_restart_cost_what_it_talked() -> None:
    async def story() -> None:
        world = given_world()
        await world.start()
        await given_talk(world)
        world.asks(t.Consult(NUMBER))
        await world.settle(5.0)
        world.telephone.phone_answers()
        await world.settle(60.0)
        await world.kill()
        await world.start()
        await world.settle(30.0)
        world.asks(t.Cancel())
        await world.settle(1.0)
        assert money(world) == pytest.approx(1.5, abs=0.15)
        world.telephone.all_hang_up()
        await world.settle(60.0)
        await world.kill()

    run(story())
