"""The dead-man's switch while something plays: never touched, and long enough (X3)."""

from __future__ import annotations

from ari_app.calls.timers import DEAD_MAN_S
from tests.unit.calls.test_operators_freed import in_a_world
from tests.unit.calls.world import World


def test_X3_the_switch_is_not_touched_while_a_prompt_plays_and_outlasts_it() -> None:
    async def story(world: World) -> None:
        world.telephone.prompt_s = 42.0
        world.telephone.caller_dials()
        await world.settle(41.0)
        assert world.telephone.renewals, "a prompt longer than the switch needs it set before"
        assert all(not playing for _, playing in world.telephone.renewals)
        assert world.telephone.renewals[-1][0] >= DEAD_MAN_S + 42
        await world.settle(5.5)
        assert world.telephone.renewals[-1] == (DEAD_MAN_S, False), "the usual time once it is over"

    in_a_world(story)


def test_X3_a_short_prompt_costs_no_request_more() -> None:
    async def story(world: World) -> None:
        world.telephone.caller_dials()
        await world.settle(1.5)
        assert world.telephone.renewals == []

    in_a_world(story)
