"""Random callers, phones and crashes between any two steps: the invariants hold at the end of each story."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.model.call import Phase
from ari_app.model.facts import CallEnded
from ari_app.model.operator import OperatorState
from tests.fakes.loop import run
from tests.unit.calls.world import World

STEPS = st.one_of(
    st.tuples(st.just("dial"), st.just(0)),
    st.tuples(st.just("rush"), st.integers(1, 4)),
    st.tuples(st.just("press"), st.sampled_from([1, 2, 7])),
    st.tuples(st.just("hang up"), st.integers(0, 5)),
    st.tuples(st.just("answer"), st.just(0)),
    st.tuples(st.just("miss"), st.just(0)),
    st.tuples(st.just("reject"), st.just(0)),
    st.tuples(st.just("operator hangs up"), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 100, 3000, 30000])),
    st.tuples(st.just("kill"), st.integers(0, 1)),
    st.tuples(st.just("pbx dies"), st.just(0)),
)


async def take(world: World, step: str, number: int) -> None:
    """One step of a story."""
    telephone = world.telephone
    match step:
        case "dial":
            telephone.caller_dials()
        case "rush":
            for _ in range(number):
                telephone.caller_dials()
            await world.settle(0.1)
            telephone.caller_presses("2")
        case "press":
            telephone.caller_presses(str(number))
        case "hang up":
            telephone.caller_hangs_up(number)
        case "answer":
            telephone.phone_answers()
        case "miss":
            telephone.phone_refuses("NOANSWER", 19)
        case "reject":
            telephone.phone_refuses("CHANUNAVAIL", 21)
        case "operator hangs up":
            telephone.operator_hangs_up()
        case "wait":
            await world.settle(number / 1000)
        case "kill":
            if number:
                world.journal.commit()
            await world.kill()
            await world.start()
        case _:
            telephone.restart()
            await world.kill()
            await world.start()


async def story(steps: list[tuple[str, int]]) -> None:
    world = World()
    await world.start()
    for step, number in steps:
        await take(world, step, number)
        await world.settle(0.002, lambda: False)
    for _ in range(6):  # exclusions (30 s at most) and wrap-ups pass, phones are picked up
        await world.settle(6.0)
        world.telephone.phone_answers()
    await world.settle(0.1)
    assert_nobody_is_forgotten(world)
    world.telephone.all_hang_up()
    await world.settle(30.0)
    assert_all_is_well(world)
    await world.kill()


def assert_nobody_is_forgotten(world: World) -> None:
    """Who waits is in line, and nobody waits while an operator is free."""
    waiting = {call for call, s in world.exchange.sessions.items() if s.record.phase is Phase.WAITING}
    assert waiting == set(world.dispatcher.waiting)
    free = [p for p in world.dispatcher.operators.values() if p.state is OperatorState.AVAILABLE]
    assert not (waiting and free)


def assert_all_is_well(world: World) -> None:
    """DESIGN's invariants after everybody hung up."""
    assert world.telephone.broken == []
    assert world.telephone.lines == {}
    assert world.exchange.sessions == {}
    assert world.dispatcher.waiting == {}
    assert world.dispatcher.offers == {}
    states = {presence.state for presence in world.dispatcher.operators.values()}
    assert states <= {OperatorState.AVAILABLE, OperatorState.PAUSED}, states
    open_calls = [record.id for record, _ in world.journal.calls.values() if record.final_state is None]
    assert open_calls == []
    ends = Counter(stamped.call for stamped in world.journal.facts if isinstance(stamped.fact, CallEnded))
    assert set(ends) == set(world.journal.calls)
    assert set(ends.values()) <= {1}


@settings(max_examples=int(os.environ.get("RAMAL_STORIES", "100")), deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_X2_every_call_has_one_final_state_and_nobody_stays_busy_whatever_crashes(
    steps: list[tuple[str, int]],
) -> None:
    run(story(steps))


def test_X2_callers_in_line_are_in_line_again_after_a_crash() -> None:
    run(story([("rush", 4), ("wait", 100), ("kill", 1), ("wait", 100)]))


def test_C1_a_whole_call_in_jumping_time() -> None:
    run(
        story(
            [
                ("dial", 0),
                ("wait", 10),
                ("press", 2),
                ("wait", 100),
                ("answer", 0),
                ("wait", 30000),
                ("operator hangs up", 0),
            ]
        )
    )
