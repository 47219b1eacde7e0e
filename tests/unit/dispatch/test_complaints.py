"""What users of other call centres complain about, each shown not to happen here.

The complaints are those of app_queue and FreePBX users (asterisk#1006, #759, #1557, FreePBX#124, #816, #912).
On real calls: `test_R8_wrap_up_holds_across_queues` in `tests/e2e/test_day.py`, and the blind transfer, with
each operator's own talk time, in `tests/e2e/test_transfers.py`.
"""

from __future__ import annotations

import tracemalloc

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned, DispatchMessage
from ari_app.dispatch.presence import Presence
from ari_app.model.facts import OperatorStateChanged
from ari_app.model.ids import CallId, OperatorId, QueueId, SkillId
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.queue import Queue
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.routing.index import RoutingIndex
from tests.fakes.clock import HandClock
from tests.fakes.journal import MemoryJournal

ONE, TWO = QueueId("one"), QueueId("two")


class Shift:
    """A dispatcher of two queues, time in hand."""

    def __init__(self, wrap_up_s: float = 30.0) -> None:
        self.clock = HandClock()
        self.journal = MemoryJournal()
        self.rung: list[tuple[str, str]] = []
        self.last: dict[str, Assigned] = {}
        self.dispatcher = Dispatcher(
            index=RoutingIndex(),
            queues={ONE: Queue(ONE, wrap_up_s=wrap_up_s), TWO: Queue(TWO, wrap_up_s=0.0)},
            clock=self.clock,
            journal=self.journal,
            deliver=self._deliver,
        )

    def _deliver(self, call: CallId, message: DispatchMessage) -> None:
        if isinstance(message, Assigned):
            self.rung.append((call, message.operator))
            self.last[call] = message

    def operator(self, extension: str, **skills: int) -> OperatorId:
        ident = OperatorId(extension)
        known = Operator(ident, extension, {SkillId(skill): level for skill, level in skills.items()})
        now = self.clock.now()
        here = Presence(known, OperatorState.AVAILABLE, since=now, reachable=True, idle_since=now)
        self.dispatcher.add_operator(here)
        return ident

    def caller(self, call: str, queue: QueueId = ONE, **needs: int) -> None:
        wanted = tuple(SkillNeed(SkillId(skill), level) for skill, level in needs.items())
        self.dispatcher.enqueue(CallId(call), QueueRequest(queue, wanted), self.clock.now())

    def talks(self, call: str) -> None:
        self.dispatcher.ringing(self.last[call].offer)
        self.dispatcher.connected(self.last[call].offer)

    def ends(self, call: str) -> None:
        self.dispatcher.finished(self.last[call].offer)

    def missed(self, call: str) -> None:
        self.dispatcher.failed(self.last[call].offer, "missed")

    def pause(self, operator: OperatorId, reason: str) -> None:
        self.dispatcher.act(operator, lambda p, now: p.pause(now, reason, "test"))

    def state(self, operator: OperatorId) -> OperatorState:
        return self.dispatcher.presence(operator).state

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.dispatcher.tick()
        self.journal.commit()


def test_R8_complaint_wrap_up_ends_early_with_several_queues() -> None:
    """asterisk#1006: a member of six queues gets a call although the pause after the last one is not over."""
    shift = Shift(wrap_up_s=30.0)
    ana = shift.operator("1001")
    shift.caller("a", ONE)
    shift.talks("a")
    shift.ends("a")
    shift.caller("b", TWO)
    shift.pass_time(29.9)
    assert (shift.rung, shift.state(ana)) == ([("a", "1001")], OperatorState.WRAP_UP)
    shift.pass_time(0.2)
    assert shift.rung == [("a", "1001"), ("b", "1001")]


def test_P6_complaint_an_operator_is_charged_for_a_talk_that_he_gave_away() -> None:
    """FreePBX#124: the transfer is not logged, so the first operator is charged the whole hour."""
    shift = Shift(wrap_up_s=0.0)
    shift.operator("1001")
    shift.caller("a")
    shift.talks("a")
    shift.pass_time(60.0)
    shift.ends("a")  # what a transfer does first: `detour.leave`
    shift.pass_time(3600.0)
    changes = [(s.at, s.fact) for s in shift.journal.facts if isinstance(s.fact, OperatorStateChanged)]
    talking = [at for at, fact in changes if fact.old is OperatorState.TALKING]
    began = next(at for at, fact in changes if fact.new is OperatorState.TALKING)
    assert len(talking) == 1
    assert shift.clock.now() - talking[0] >= 3600.0
    assert talking[0] >= began


def test_R7_complaint_everybody_is_rung_again() -> None:
    """A missed call rings one other, never all, and not the one who just missed it."""
    shift = Shift()
    for extension in ("1001", "1002", "1003"):
        shift.operator(extension)
    shift.caller("a")
    assert len(shift.rung) == 1
    shift.missed("a")
    assert len(shift.rung) == 2
    assert shift.rung[0][1] != shift.rung[1][1]
    reserved = [p for p in shift.dispatcher.operators.values() if p.state is OperatorState.RESERVED]
    assert len(reserved) == 1


def test_P8_complaint_stale_members_are_rung() -> None:
    """Who was removed, disabled, or left is rung no more, from that moment on."""
    shift = Shift()
    gone, out = shift.operator("1001"), shift.operator("1002")
    shift.dispatcher.remove_operator(gone)
    shift.dispatcher.act(out, lambda p, now: p.sign_out(now, "test"))
    shift.caller("a")
    assert shift.rung == []
    shift.operator("1003")
    assert shift.rung == [("a", "1003")]


def test_P2_complaint_the_reason_of_a_pause_cannot_be_changed() -> None:
    """FreePBX#912: two reasons in one pause are two intervals."""
    shift = Shift()
    ana = shift.operator("1001")
    for reason in ("meal", "meal", "training"):
        shift.pause(ana, reason)
        shift.pass_time(60.0)
    told = [s.fact for s in shift.journal.facts if isinstance(s.fact, OperatorStateChanged)]
    paused = [fact.reason for fact in told if fact.new is OperatorState.PAUSED]
    assert paused == ["meal", "training"]


def test_R6_complaint_the_order_across_queues_is_not_defined() -> None:
    """Of several queues the caller who came first is first, in whatever order the queues are written."""
    for first, second in ((ONE, TWO), (TWO, ONE)):
        shift = Shift()
        shift.caller("older", first)
        shift.pass_time(1.0)
        shift.caller("younger", second)
        shift.operator("1001")
        assert shift.rung == [("older", "1001")]


def test_C12_complaint_the_estimate_never_works() -> None:
    """No number is told while there is none; with throughput it grows with the line. See `test_estimate`."""
    shift = Shift(wrap_up_s=0.0)
    shift.caller("alone")
    assert shift.dispatcher.estimate(CallId("alone")) is None
    shift.operator("1001")
    for number in range(20):
        shift.caller(f"w{number}")
        shift.pass_time(1.0)
    near, far = shift.dispatcher.estimate(CallId("w0")), shift.dispatcher.estimate(CallId("w19"))
    assert near is not None
    assert far is not None
    assert 0 < near < far


def test_R9_ten_thousand_wait_and_nobody_is_there() -> None:
    """Places are kept, memory is bounded, and the first operator who comes gets the first caller."""
    tracemalloc.start()
    shift = Shift()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(10_000):
        shift.caller(f"c{number}", ONE if number % 2 else TWO, **({"any": 1} if number % 3 else {}))
        shift.clock.advance(0.001)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 10_000 < 4096, "bytes for each who waits"
    assert shift.dispatcher.position(CallId("c9999")) == 5_000
    assert shift.dispatcher.explain(CallId("c9999")) is not None
    shift.operator("1001", any=1)
    assert shift.rung == [("c0", "1001")]
    for number in range(10_000):
        shift.dispatcher.leave(CallId(f"c{number}"))
    assert shift.dispatcher.waiting == {}
