"""Random holds, transfers, conferences, parked callers and supervisors, and crashes between any two steps."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Coroutine

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ari_app.model import talks as t
from ari_app.model.call import Phase
from ari_app.model.ids import OperatorId
from ari_app.model.watching import Mode
from ari_app.ports import Refusal
from tests.fakes.loop import run
from tests.fakes.rooms import RoomTelephone
from tests.unit.calls.test_crashes import assert_all_is_well, take
from tests.unit.calls.world import World

STAFF = ("1001", "1002", "1003", "1004")
SUPERVISOR = OperatorId("1004")
NOBODY = t.Actor("a supervisor")
TARGETS = (
    t.Target("operator", "1002"),
    t.Target("operator", "1003"),
    t.Target("queue", "sales"),
    t.Target("number", "+551130002222"),
)
ASKS: tuple[t.Ask, ...] = (
    t.Hold(),
    t.Resume(),
    t.Mute(),
    t.Unmute(),
    t.Toggle(),
    t.Complete(),
    t.Cancel(),
    t.Conference(),
    t.Park(),
    t.TakeBack(),
    t.Retrieve(OperatorId("1003")),
    *(t.Transfer(target) for target in TARGETS),
    *(t.Consult(target) for target in TARGETS),
    *(t.Conference(target) for target in TARGETS),
    *(t.Rejoin(OperatorId(operator)) for operator in STAFF),
)
MODES: tuple[Mode, ...] = ("listen", "whisper", "barge", "take_over")
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, len(ASKS) - 1)),
    st.tuples(st.just("ask"), st.integers(0, len(ASKS) - 1)),
    st.tuples(st.just("watch"), st.integers(0, len(MODES) - 1)),
    st.tuples(st.just("watch otherwise"), st.integers(0, len(MODES) - 1)),
    st.tuples(st.just("talk"), st.just(0)),
    st.tuples(st.just("answer"), st.just(0)),
    st.tuples(st.just("miss"), st.just(0)),
    st.tuples(st.just("hang up"), st.integers(0, 5)),
    st.tuples(st.just("leg hangs up"), st.integers(0, 5)),
    st.tuples(st.just("operator hangs up"), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 12, 100, 3000, 35000, 125000])),
    st.tuples(st.just("kill"), st.integers(0, 1)),
    st.tuples(st.just("away for long"), st.integers(0, 1)),
    st.tuples(st.just("pbx dies"), st.just(0)),
)


class RoomWorld(World):
    """A centre whose telephone has bridges, with a supervisor."""

    telephone: RoomTelephone

    def __init__(self) -> None:
        super().__init__(RoomTelephone(), STAFF)
        self.people: set[asyncio.Task[None]] = set()

    async def before(self, tasks: asyncio.TaskGroup) -> None:
        tasks.create_task(self.supervision.run())

    def asks(self, ask: t.Ask) -> None:
        """Somebody asks for something in the oldest talk; nobody waits for the answer."""
        for call in list(self.exchange.sessions)[:1]:
            self._somebody(self._ask(self.exchange.ask(call, ask, NOBODY)))

    def watches(self, mode: Mode) -> None:
        """The supervisor listens to the oldest talk."""
        for call in list(self.exchange.sessions)[:1]:
            begun = self.supervision.begin(SUPERVISOR, mode, by="1004", call=call)
            self._somebody(self._ask(begun))

    def watches_otherwise(self, mode: Mode) -> None:
        for view in self.supervision.watches():
            self._somebody(self._ask(self.supervision.change(view.id, mode, by="1004")))

    async def _ask(self, asked: Coroutine[None, None, object]) -> None:
        with contextlib.suppress(Refusal, TimeoutError):
            await asked

    def _somebody(self, asks: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(asks)
        self.people.add(task)
        task.add_done_callback(self.people.discard)


async def take_in_room(world: RoomWorld, step: str, number: int) -> None:
    """One step of a story."""
    match step:
        case "ask":
            world.asks(ASKS[number])
        case "watch":
            world.watches(MODES[number])
        case "watch otherwise":
            world.watches_otherwise(MODES[number])
        case "leg hangs up":
            world.telephone.leg_hangs_up(number)
        case "away for long":
            await world.kill()
            await world.settle(130.0 if number else 25.0)
            world.telephone.switches_go_off(legs=bool(number))
            await world.start()
        case "talk":
            await given_talk(world)
        case _:
            await take(world, step, number)


async def given_talk(world: RoomWorld) -> None:
    """A caller who is with an operator, if one is free."""
    world.telephone.caller_dials()
    await world.settle(0.1)
    world.telephone.caller_presses("2")
    await world.settle(0.1)
    world.telephone.phone_answers()
    await world.settle(0.1)


async def story(steps: list[tuple[str, int]]) -> None:
    world = RoomWorld()
    await world.start()
    await given_talk(world)
    for step, number in steps:
        await take_in_room(world, step, number)
        await world.settle(0.002, lambda: False)
    await world.settle(40.0)
    assert_no_bridge_without_a_talk(world)
    world.telephone.all_hang_up()
    await world.settle(1.0)
    world.telephone.watchers_hang_up()
    await world.settle(60.0)
    assert_all_is_well(world)
    assert world.telephone.legs == {}
    assert world.telephone.bridges == set()
    assert world.exchange.parked() == {}
    await world.kill()


def assert_no_bridge_without_a_talk(world: RoomWorld) -> None:
    """Who talks in a room is in its bridge; nobody sits alone in silence, no bridge is anybody's leftover."""
    for session in world.exchange.sessions.values():
        if session.room is not None and session.record.phase is Phase.TALKING:
            assert world.telephone.inside.get(session.record.channel) == session.room.main
    owned = {room.main for s in world.exchange.sessions.values() if (room := s.room) is not None}
    owned |= {room.side for s in world.exchange.sessions.values() if (room := s.room) is not None}
    watched = {f"ears~{view.id}" for view in world.supervision.watches()}
    assert world.telephone.bridges <= owned | watched


@settings(max_examples=int(os.environ.get("RAMAL_STORIES", "150")), deadline=None)
@given(st.lists(STEPS, max_size=20))
@example([("ask", 0), ("talk", 0), ("ask", 16), ("kill", 0)])
def test_X2_rooms_leave_no_bridge_leg_or_busy_operator_whatever_crashes(steps: list[tuple[str, int]]) -> None:
    run(story(steps))
