"""The dead-man's switch while something plays: never touched, and long enough (X3)."""

from __future__ import annotations

import asyncio

from ari_app.calls.timers import DEAD_MAN_S
from ari_app.model.call import Phase
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


def test_X3_short_prompts_one_after_the_other_never_let_the_switch_go_off() -> None:
    async def story(world: World) -> None:
        telephone, now = world.telephone, asyncio.get_running_loop().time
        telephone.prompt_s, began = 6.0, now()
        call = telephone.caller_dials()
        telephone.caller_presses("3")
        goes_off, seen = began + DEAD_MAN_S, 0
        while world.exchange.sessions[call].record.phase is Phase.FLOW:
            assert now() < goes_off, "the dialplan would have taken the caller"
            await world.settle(0.25)
            for seconds, playing in telephone.renewals[seen:]:
                assert not playing
                goes_off, seen = now() - 0.25 + seconds, seen + 1
        assert now() - began > 1.5 * DEAD_MAN_S - 1
        assert seen <= 3, "once in a while, not before every prompt"

    in_a_world(story)


def test_X3_a_short_prompt_costs_no_request_more() -> None:
    async def story(world: World) -> None:
        world.telephone.caller_dials()
        await world.settle(1.5)
        assert world.telephone.renewals == []

    in_a_world(story)
