"""Promises in jumping time: hours, spacing, tries, a store that is away, an application that dies."""

from __future__ import annotations

import asyncio
from datetime import datetime
from itertools import pairwise

import msgspec
import pytest

from ari_app.calls.callback_rules import Rules
from ari_app.calls.callback_toll import CallbackToll
from ari_app.calls.callbacks import Callbacks
from ari_app.calls.toll import Allowed, TollGate
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import DispatchMessage
from ari_app.dispatch.presence import Presence
from ari_app.flow.site import OutsideCalls, Tariff
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallbackId, CallId, ChannelId, ClientId, OperatorId, QueueId
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.queue import Queue
from ari_app.model.routing import QueueRequest
from ari_app.model.telephony import CallEntered, ChannelEnded
from ari_app.model.work import Attempt, Callback
from ari_app.ports import AlreadyExists, IllegalTransition, Outcome
from ari_app.routing.index import RoutingIndex
from tests.fakes.journal import MemoryJournal
from tests.fakes.loop import LoopClock, run
from tests.fakes.telephone import FakeTelephone

SUPPORT = QueueId("support")
NUMBER = "5511987654321"
MORNING = datetime.fromisoformat("2026-03-02T10:00:00-03:00").timestamp()
NIGHT = datetime.fromisoformat("2026-03-02T22:00:00-03:00").timestamp()


class MemoryBook:
    """`CallbackBook` in memory; `away`: every write fails."""

    def __init__(self) -> None:
        self.callbacks: dict[CallbackId, Callback] = {}
        self.attempts: dict[CallId, Attempt] = {}
        self.calls: dict[CallId, CallRecord] = {}
        self.away = False

    def _check(self) -> None:
        if self.away:
            raise OSError("the store is away")

    async def add_callback(self, callback: Callback) -> None:
        self._check()
        self.callbacks[callback.id] = callback

    async def put_callback(self, callback: Callback) -> None:
        await self.add_callback(callback)

    async def begin_attempt(self, callback: Callback, attempt: Attempt) -> None:
        self._check()
        if attempt.id in self.attempts:
            raise AlreadyExists(attempt.id)
        self.callbacks[callback.id], self.attempts[attempt.id] = callback, attempt

    async def end_attempt(self, callback: Callback, attempt: Attempt) -> None:
        self._check()
        self.callbacks[callback.id], self.attempts[attempt.id] = callback, attempt

    async def open_callbacks(self) -> list[Callback]:
        return [c for c in self.callbacks.values() if c.state in {"waiting", "dialling", "talking"}]

    async def open_attempts(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts.values() if attempt.ended_at is None]

    async def call(self, call: CallId) -> CallRecord | None:
        return self.calls.get(call)


class Network(FakeTelephone):
    """Notes when each number is dialled under which id; `silent`: no end of any dialling is ever told."""

    def __init__(self, clock: LoopClock) -> None:
        super().__init__()
        self.clock = clock
        self.dialled: list[tuple[float, str]] = []
        self.rung: list[tuple[float, str]] = []
        self.silent = False
        self.number = NUMBER

    async def dial(
        self,
        channel: ChannelId,
        number: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
        trunk: str = "",
        listen: bool = False,
    ) -> Outcome:
        assert number == self.number
        self.dialled.append((self.clock.now(), channel))
        if self.silent:
            return Outcome.UNKNOWN
        return await super().dial(channel, number, call=call, client=client, shows=shows, ring_s=ring_s)

    async def ring_operator(
        self,
        channel: ChannelId,
        operator: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
    ) -> Outcome:
        self.rung.append((self.clock.now(), operator))
        loop = asyncio.get_running_loop()
        loop.call_later(ring_s, lambda: self._tell(ChannelEnded(channel, 19)))
        return Outcome.DONE


class Room:
    """One operator, one queue, and one life of the application after another."""

    def __init__(self, began: float) -> None:
        self.clock = LoopClock(began)
        self.book, self.network = MemoryBook(), Network(self.clock)
        self.rules = Rules(tries=3, spacing_s=600)
        self.outside = OutsideCalls()
        self.toll = TollGate(lambda: self.outside)
        self.start()

    def start(self) -> None:
        journal = MemoryJournal()
        self.dispatcher = Dispatcher(
            index=RoutingIndex(),
            queues={SUPPORT: Queue(SUPPORT, max_wait_s=60, max_waiting=1)},
            clock=self.clock,
            journal=journal,
            deliver=self.deliver,
        )
        self.callbacks = Callbacks(
            book=self.book,
            telephony=self.network,
            dispatcher=self.dispatcher,
            journal=journal,
            clock=self.clock,
            rules=lambda _queue: self.rules,
            live=lambda _call: False,
            toll=CallbackToll(self.toll, self.clock),
        )
        self.network.listen(lambda event: self.callbacks.channel_ended(event.channel, 19))  # type: ignore[union-attr]
        now = self.clock.now()
        operator = Operator(OperatorId("1001"), "x", {})
        self.dispatcher.add_operator(
            Presence(operator, OperatorState.AVAILABLE, since=now, reachable=True, idle_since=now)
        )

    def deliver(self, call: CallId, message: DispatchMessage) -> None:
        assert self.callbacks.deliver(call, message)

    async def live(self, seconds: float) -> None:
        """One life of the application."""
        task = asyncio.create_task(self.callbacks.run())
        self.callbacks.pbx_seen()
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.wait({task})

    async def promise(self) -> None:
        record = CallRecord(CallId("c1"), ChannelId("ch"), NUMBER, "5000", self.clock.now())
        request = QueueRequest(SUPPORT)
        assert await self.callbacks.book(record, request, NUMBER, self.clock.now() - 300)
        assert await self.callbacks.book(record, request, NUMBER, self.clock.now())  # the same promise

    def operator(self) -> OperatorState:
        return self.dispatcher.operators[OperatorId("1001")].state


def test_C13_nobody_is_called_at_night_and_everybody_in_the_morning() -> None:
    async def story() -> Room:
        room = Room(NIGHT)
        await room.promise()
        await room.live(11 * 3600)
        return room

    room = run(story())
    first = datetime.fromtimestamp(room.network.dialled[0][0]).astimezone()
    assert first >= datetime.fromisoformat("2026-03-03T08:00:00-03:00")
    assert first <= datetime.fromisoformat("2026-03-03T08:00:05-03:00")


def test_C13_tries_are_spaced_and_bounded_and_the_operator_is_free_after_each() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        await room.promise()
        await room.live(5000)
        assert room.operator() is OperatorState.AVAILABLE
        return room

    room = run(story())
    times = [at for at, _ in room.network.dialled]
    assert len(times) == 3
    assert all(later - earlier >= 600 for earlier, later in pairwise(times))
    [callback] = room.book.callbacks.values()
    assert (callback.state, callback.attempts, callback.outcome) == ("failed", 3, "no_answer")
    assert {attempt.outcome for attempt in room.book.attempts.values()} == {"no_answer"}


def test_C13_what_is_not_on_disk_is_not_dialled() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        await room.promise()
        room.book.away = True
        await room.live(300)
        assert room.operator() is OperatorState.AVAILABLE
        return room

    assert run(story()).network.dialled == []


def test_C13_no_promise_is_made_that_is_not_on_disk() -> None:
    async def story() -> bool:
        room = Room(MORNING)
        room.book.away = True
        record = CallRecord(CallId("c1"), ChannelId("ch"), NUMBER, "5000", 0.0)
        return await room.callbacks.book(record, QueueRequest(SUPPORT), NUMBER, 0.0)

    assert run(story()) is False


def test_C13_deaths_of_the_application_never_dial_one_attempt_twice() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        await room.promise()
        room.network.silent = True
        for _ in range(6):
            await room.live(20)  # dies while it rings; the channel is gone when it is back
            room.start()
        await room.live(5000)
        return room

    room = run(story())
    ids = [channel for _, channel in room.network.dialled]
    assert len(ids) == len(set(ids)) <= 3
    assert all(attempt.outcome == "lost" for attempt in room.book.attempts.values())
    [callback] = room.book.callbacks.values()
    assert callback.state == "failed"


def test_C13_attempt_whose_call_was_served_before_the_death_is_done() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        await room.promise()
        room.network.silent = True
        await room.live(5)
        [attempt] = room.book.attempts
        record = CallRecord(attempt, ChannelId(attempt), NUMBER, "5000", room.clock.now())
        room.book.calls[attempt] = msgspec.structs.replace(record, connected_at=room.clock.now())
        room.start()
        await room.live(3000)
        return room

    room = run(story())
    [callback] = room.book.callbacks.values()
    assert (callback.state, callback.outcome, len(room.network.dialled)) == ("done", "answered", 1)


def test_C13_a_promise_is_taken_back() -> None:
    async def story() -> Room:
        room = Room(NIGHT)
        await room.promise()
        [ident] = room.book.callbacks
        assert (await room.callbacks.cancel(ident)).state == "cancelled"
        await room.live(24 * 3600)
        return room

    assert run(story()).network.dialled == []


def talked(room: Room, call: str = "c9") -> CallRecord:
    """A call that came in and was talked in, a quarter of an hour ago."""
    began = room.clock.now() - 900
    record = CallRecord(CallId(call), ChannelId("ch"), f"+{NUMBER}", "5000", began)
    return msgspec.structs.replace(
        record, queue=SUPPORT, queued_at=began, connected_at=began + 60, operator=OperatorId("1001")
    )


def test_C19_a_talk_that_broke_off_is_called_back_once_the_store_has_the_promise() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        room.rules = Rules(tries=3, spacing_s=600, dropped=True)
        room.callbacks.dropped(talked(room), QueueRequest(SUPPORT))
        outbound = msgspec.structs.replace(talked(room, "c10"), direction="outbound", caller="+5511911111111")
        room.callbacks.dropped(outbound, QueueRequest(SUPPORT))
        room.book.away = True
        await room.live(20)
        assert room.network.dialled == []
        room.book.away = False
        room.start()
        room.callbacks.dropped(talked(room), QueueRequest(SUPPORT))
        await room.live(20)
        return room

    room = run(story())
    [promise] = room.book.callbacks.values()
    assert (promise.number, promise.call, promise.request.preferred) == (NUMBER, "c9", "1001")
    assert promise.request.preferred_wait_s > 900, "the wait for the operator of before begins now"
    assert len(room.network.dialled) == 1


def test_C19_a_queue_that_does_not_say_so_calls_nobody_back_unasked() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        room.callbacks.dropped(talked(room), QueueRequest(SUPPORT))
        await room.live(20)
        return room

    assert run(story()).book.callbacks == {}


def test_C13_operator_first_nobody_is_dialled_while_no_operator_picks_up_and_no_try_is_used() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        room.rules = Rules(tries=1, spacing_s=600, first="operator")
        await room.promise()
        await room.live(400)
        return room

    room = run(story())
    assert [who for _, who in room.network.rung] == ["1001"]
    assert room.network.dialled == []
    assert room.book.attempts == {}
    [promise] = room.book.callbacks.values()
    assert (promise.state, promise.attempts) == ("waiting", 0)
    assert room.operator() is OperatorState.AVAILABLE


def money(room: Room) -> float:
    return room.toll.spent(room.clock.now())["trunks"].get("carrier", 0.0)


@pytest.mark.parametrize(
    "number",
    ["0900123456", "5511900", "+13235550123", "190", "+447012345678"],
    ids=["premium", "too short", "a foreigner whose digits are another's here", "emergency", "personal"],
)
def test_X8_C13_nobody_has_us_call_a_number_that_the_gate_refuses_whatever_the_queue_says(
    number: str,
) -> None:
    async def story() -> Room:
        room = Room(MORNING)
        room.rules = Rules(numbers=".*")
        record = CallRecord(CallId("c1"), ChannelId("ch"), number, "5000", room.clock.now())
        assert not await room.callbacks.book(record, QueueRequest(SUPPORT), number, room.clock.now())
        with pytest.raises(IllegalTransition):
            await room.callbacks.again(record, QueueRequest(SUPPORT))
        await room.live(60)
        return room

    room = run(story())
    assert (room.book.callbacks, room.network.dialled) == ({}, [])


def test_X8_C13_a_number_that_is_refused_since_it_was_promised_is_not_dialled() -> None:
    async def story() -> Room:
        room = Room(MORNING)
        await room.promise()
        room.outside = OutsideCalls(refused=("+5511",))
        await room.live(5000)
        assert (room.operator(), money(room)) == (OperatorState.AVAILABLE, 0.0)
        return room

    room = run(story())
    assert room.network.dialled == []
    [callback] = room.book.callbacks.values()
    assert (callback.state, callback.attempts, callback.outcome) == ("failed", 3, "failed")


@pytest.mark.parametrize("first", ["caller", "operator"])
def test_X8_C13_callbacks_wait_while_the_trunk_is_full_and_no_try_is_used(first: str) -> None:
    async def story() -> Room:
        room = Room(MORNING)
        room.outside = OutsideCalls(per_trunk=1)
        other = room.toll.ask(CallId("o"), NUMBER, room.clock.now(), operator=None, trunk="carrier")
        assert isinstance(other, Allowed)
        await room.promise()
        await room.live(120)
        assert (room.network.dialled, room.book.attempts) == ([], {})
        assert room.operator() is OperatorState.AVAILABLE
        room.toll.ended(CallId("o"), 0.0, room.clock.now())
        await room.live(10)
        return room

    room = run(story())
    assert [channel for _, channel in room.network.dialled] == [f"{next(iter(room.book.callbacks))}-1"]


def test_X8_C13_a_callback_holds_its_place_and_money_while_it_rings_and_costs_what_it_talked() -> None:
    async def story() -> None:
        room = Room(MORNING)
        room.outside = OutsideCalls(tariffs=(Tariff(prefix="+55", per_minute=1.0),), longest_s=600.0)
        room.network.silent = True
        await room.promise()
        task = asyncio.create_task(room.callbacks.run())
        room.callbacks.pbx_seen()
        await asyncio.sleep(5)
        [attempt] = room.book.attempts
        assert money(room) == pytest.approx(10.0), "ten minutes at most, held"
        began = room.clock.now()
        record = CallRecord(attempt, ChannelId(attempt), NUMBER, "5000", began, direction="outbound")
        answered = msgspec.structs.replace(record, answered_at=began, connected_at=began, ended_at=began + 90)
        room.callbacks.call_ended(answered)
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait({task})
        assert money(room) == pytest.approx(1.5), "a minute and a half"

    run(story())


def test_C13_who_answers_in_the_first_moment_of_a_new_life_is_no_stranger() -> None:
    async def story() -> None:
        room = Room(MORNING)
        room.network.silent = True
        await room.promise()
        await room.live(5)
        [attempt] = room.book.attempts
        room.start()
        await room.callbacks.load()
        placed = room.callbacks.entered(
            CallEntered(attempt, ChannelId(attempt), NUMBER, "", attempt, "outbound")
        )
        assert placed is not None, "before the PBX was looked at"
        assert (placed[0].caller, placed[0].direction) == (NUMBER, "outbound")

    run(story())
