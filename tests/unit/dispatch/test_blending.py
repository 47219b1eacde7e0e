"""What a dialer is told and given (R14), over the real dispatcher and index."""

from __future__ import annotations

from ari_app.dispatch.blending import Blending, Busy
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned, DispatchMessage, TurnedAway
from ari_app.dispatch.presence import Presence
from ari_app.model.ids import CallId, OperatorId, QueueId, SkillId
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.queue import Queue
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.routing.index import RoutingIndex
from tests.fakes.journal import MemoryJournal

HELP, CAMPAIGN = QueueId("help"), QueueId("campaign")
SALES = (SkillNeed(SkillId("sales"), 2),)


class Jumping:
    """A clock that stands until it is moved."""

    at = 1000.0

    def now(self) -> float:
        return self.at

    monotonic = now


class Hall:
    """A dispatcher, its answers, and sentences over both."""

    def __init__(self) -> None:
        self.clock = Jumping()
        self.told: list[tuple[str, DispatchMessage]] = []
        self.dispatcher = Dispatcher(
            index=RoutingIndex(),
            queues={HELP: Queue(HELP), CAMPAIGN: Queue(CAMPAIGN)},
            clock=self.clock,
            journal=MemoryJournal(),
            deliver=lambda call, message: self.told.append((call, message)),
        )
        self.blending = Blending(self.dispatcher, self.clock)
        self.request = QueueRequest(CAMPAIGN, SALES)

    def operator(self, extension: str, level: int) -> OperatorId:
        ident = OperatorId(extension)
        skills = {SkillId("sales"): level}
        self.dispatcher.add_operator(
            Presence(Operator(ident, "", skills), state=OperatorState.AVAILABLE, reachable=True)
        )
        return ident

    def caller(self, call: str, level: int = 1) -> None:
        needs = (SkillNeed(SkillId("sales"), level),)
        self.dispatcher.enqueue(CallId(call), QueueRequest(HELP, needs), self.clock.at)

    def assigned(self, call: str) -> Assigned:
        found = dict(self.told)[call]
        assert isinstance(found, Assigned)
        return found


def test_R14_staffing_counts_those_who_fit_and_says_since_when_others_are_busy() -> None:
    hall = Hall()
    hall.operator("1", 1)
    two, three = hall.operator("2", 2), hall.operator("3", 3)
    assert hall.blending.staffing(hall.request).idle == 2
    hall.caller("a", 3)
    talk = hall.assigned("a")
    hall.clock.at = 1010.0
    hall.dispatcher.connected(talk.offer)
    staffing = hall.blending.staffing(hall.request)
    assert (staffing.idle, staffing.signed_in, staffing.inbound_waiting) == (1, 2, 0)
    assert staffing.busy == (Busy(three, "talk", 1010.0),)
    hall.clock.at = 1020.0
    hall.dispatcher.finished(talk.offer)
    assert hall.blending.staffing(hall.request).busy == (Busy(three, "wrap", 1020.0),)
    hall.dispatcher.act(two, lambda presence, now: presence.sign_out(now, "test"))
    assert hall.blending.staffing(hall.request).signed_in == 1


def test_R14_inbound_callers_in_line_are_told_to_the_dialer_when_they_compete_with_it() -> None:
    hall = Hall()
    hall.caller("early", 1)
    assert hall.blending.staffing(hall.request).inbound_waiting == 0, "nobody who fits is signed in"
    three = hall.operator("3", 3)
    hall.caller("late", 1)
    hall.caller("hopeless", 5)
    assert hall.blending.staffing(hall.request).inbound_waiting == 1
    hall.dispatcher.act(three, lambda presence, now: presence.pause(now, "meal", "test"))
    staffing = hall.blending.staffing(hall.request)
    assert (staffing.idle, staffing.signed_in) == (0, 1)


def test_R14_who_is_idle_is_kept_from_the_dialer_only_for_callers_whom_he_fits() -> None:
    hall = Hall()
    expert = hall.operator("5", 5)
    hall.dispatcher.act(expert, lambda presence, now: presence.pause(now, "meal", "test"))
    hall.operator("2", 2)
    hall.caller("for-the-expert", 5)
    staffing = hall.blending.staffing(hall.request)
    assert (staffing.idle, staffing.inbound_waiting, staffing.inbound_for_idle) == (1, 1, 0)
    hall.caller("missed", 1)
    hall.dispatcher.failed(hall.assigned("missed").offer, "missed")
    staffing = hall.blending.staffing(hall.request)
    assert (staffing.idle, staffing.inbound_waiting, staffing.inbound_for_idle) == (1, 2, 1)


def test_R14_an_operator_reserved_for_outbound_is_free_again_when_released() -> None:
    hall = Hall()
    three = hall.operator("3", 3)
    hall.blending.reserve(CallId("out"), hall.request)
    held = hall.assigned("out")
    assert held.operator == three
    hall.caller("in", 1)
    assert "in" not in dict(hall.told), "who is reserved is taken from nobody"
    hall.blending.release(CallId("out"), held)
    assert hall.assigned("in").operator == three


def test_R14_a_freed_operator_goes_to_the_inbound_caller_however_urgent_the_outbound_call() -> None:
    hall = Hall()
    hall.dispatcher.enqueue(CallId("mine"), QueueRequest(HELP, preferred=OperatorId("3"),
                            preferred_wait_s=60), 990.0)  # fmt: skip
    hall.blending.reserve(CallId("out"), QueueRequest(CAMPAIGN, SALES, priority=9), entered_at=1.0)
    hall.operator("3", 3)
    assert [call for call, _ in hall.told] == ["mine"]
    hall.blending.release(CallId("out"))
    assert not hall.dispatcher.waiting


def test_R14_an_outbound_call_held_for_its_operator_comes_after_inbound_ones() -> None:
    hall = Hall()
    three = hall.operator("3", 3)
    hall.dispatcher.act(three, lambda presence, now: presence.pause(now, "meal", "test"))
    personal = QueueRequest(CAMPAIGN, SALES, priority=9, preferred=three, preferred_wait_s=600)
    hall.blending.reserve(CallId("out"), personal)
    hall.caller("in", 1)
    hall.dispatcher.act(three, lambda presence, now: presence.ready(now, "test"))
    assert [call for call, _ in hall.told] == ["in"]


def test_R14_a_closed_campaign_queue_reserves_nobody() -> None:
    hall = Hall()
    hall.operator("3", 3)
    hall.dispatcher.closed.add(CAMPAIGN)
    hall.blending.reserve(CallId("out"), hall.request)
    assert hall.told == [("out", TurnedAway("closed"))]
