"""Queues closed, opened, announced and configured anew while callers wait (C20, R2, R9)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import msgspec.structs
import pytest

from ari_app.app.site_values import policy_of, queues_of, renewal
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Announced, Assigned, DispatchMessage, Reclassified, TurnedAway
from ari_app.dispatch.presence import Presence
from ari_app.dispatch.queue_desk import QueueDesk
from ari_app.flow.demand import renewed
from ari_app.flow.opening import standing
from ari_app.flow.site import Calendar, QueueConfig, Relax, Routing, Site
from ari_app.model.facts import QueueStateChanged
from ari_app.model.ids import CallId, OperatorId, PromptId, QueueId, SkillId
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.queue import QueueState
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.ports import NotFound
from ari_app.routing.index import RoutingIndex
from ari_app.routing.policy import Order
from tests.fakes.journal import MemoryJournal
from tests.fakes.loop import LoopClock, run

FIRE = PromptId("emergency/announcement")
SUPPORT, SALES = QueueId("support"), QueueId("sales")
SITE = Site(
    default_queue="sales",
    queues={
        "support": QueueConfig(name="Support", skills={"tech": 3}, code="11"),
        "sales": QueueConfig(name="Sales", when_empty="leave"),
    },
)


class States:
    """`ports.QueueStateBook` in memory; `away`: nothing can be written."""

    def __init__(self) -> None:
        self.kept: dict[QueueId, QueueState] = {}
        self.away = False

    async def put_queue_state(self, state: QueueState) -> None:
        if self.away:
            raise OSError("away")
        self.kept[state.queue] = state

    async def queue_states(self) -> list[QueueState]:
        return list(self.kept.values())


class Hall:
    """Dispatcher and desk over one site."""

    def __init__(self, states: States | None = None) -> None:
        self.clock = LoopClock()
        self.told: list[tuple[str, DispatchMessage]] = []
        self.states = states or States()
        self.journal = MemoryJournal()
        self.site = SITE
        self.callers = 0
        self.dispatcher = Dispatcher(
            index=RoutingIndex(policy_of(SITE)),
            queues=queues_of(SITE),
            clock=self.clock,
            journal=self.journal,
            deliver=lambda call, message: self.told.append((call, message)),
        )
        self.desk = QueueDesk(self.dispatcher, self.states, self.journal, self.clock)

    def caller(self, call: str, queue: QueueId = SUPPORT, level: int = 3, *, priority: int = 0) -> None:
        needs = (SkillNeed(SkillId("tech"), level),) if level else ()
        request = QueueRequest(queue, needs, priority=priority)
        self.callers += 1
        self.dispatcher.enqueue(CallId(call), request, self.clock.now() + self.callers / 1000)

    def operator(self, extension: str, level: int, idle_since: float = 0.0) -> OperatorId:
        ident = OperatorId(extension)
        known = Operator(ident, "", {SkillId("tech"): level})
        self.dispatcher.add_operator(
            Presence(known, state=OperatorState.AVAILABLE, reachable=True, idle_since=idle_since)
        )
        return ident

    def configure(self, site: Site) -> None:
        self.desk.configure(queues_of(site), policy_of(site), renewal(self.site, site))
        self.site = site

    def of(self, call: str) -> list[DispatchMessage]:
        return [message for who, message in self.told if who == call]


def site_with(**support: object) -> Site:
    changed = msgspec.structs.replace(SITE.queues["support"], **support)
    return msgspec.structs.replace(SITE, queues={**SITE.queues, "support": changed})


def test_C20_who_waits_and_who_comes_is_turned_away_at_once_and_served_once_it_is_open() -> None:
    async def story() -> None:
        hall = Hall()
        hall.caller("a")
        hall.desk.set_state(SUPPORT, closed=True, announcement=FIRE, by="1001")
        hall.caller("b")
        assert hall.of("a") == hall.of("b") == [TurnedAway("closed", FIRE)]
        hall.desk.set_state(SUPPORT, closed=False, announcement="", by="1001")
        hall.caller("c")
        hall.operator("7", 3)
        assert [type(message) for message in hall.of("c")] == [Assigned]
        hall.journal.commit()
        facts = [stamped.fact for stamped in hall.journal.facts]
        told = [fact for fact in facts if isinstance(fact, QueueStateChanged)]
        assert [(fact.closed, fact.announcement, fact.by) for fact in told] == [
            (True, FIRE, "1001"),
            (False, None, "1001"),
        ]

    run(story())


def test_C20_an_announcement_is_heard_by_all_who_wait_and_come_and_costs_no_place() -> None:
    async def story() -> None:
        hall = Hall()
        hall.caller("a")
        hall.desk.set_state(SUPPORT, announcement=FIRE, by="1001")
        hall.caller("b")
        assert hall.of("a") == hall.of("b") == [Announced(FIRE)]
        assert (hall.dispatcher.position(CallId("a")), hall.dispatcher.position(CallId("b"))) == (1, 2)

    run(story())


def test_C20_a_closed_queue_is_closed_after_a_restart_also_when_the_store_was_away() -> None:
    async def story() -> None:
        hall = Hall()
        hall.states.away = True
        hall.desk.set_state(SUPPORT, closed=True, by="1001")
        await asyncio.sleep(2.5)
        assert hall.states.kept == {}
        hall.states.away = False
        await asyncio.sleep(2.5)
        again = Hall(hall.states)
        await again.desk.load()
        again.caller("a")
        assert again.of("a") == [TurnedAway("closed")]

    run(story())


def test_C20_a_queue_is_found_by_its_code_and_none_by_nothing() -> None:
    hall = Hall()
    found = hall.desk.by_code("11")
    assert found is not None
    assert found.id == SUPPORT
    assert hall.desk.by_code("") is None
    assert hall.desk.by_code("99") is None
    with pytest.raises(NotFound):
        hall.desk.set_state(QueueId("none"), closed=True, by="1001")


def test_R2_a_demand_that_is_configured_lower_reaches_who_waits_already() -> None:
    async def story() -> None:
        hall = Hall()
        three = hall.operator("2", 2)
        hall.caller("a")
        hall.caller("b")
        assert hall.told == []
        hall.configure(site_with(skills={"tech": 2}, priority=4))
        assert [type(message) for message in hall.of("a")] == [Reclassified, Assigned]
        offer = hall.of("a")[-1]
        assert isinstance(offer, Assigned)
        assert offer.operator == three
        assert hall.dispatcher.waiting[CallId("b")].request.priority == 4
        hall.dispatcher.failed(offer.offer, "cancelled")
        again = hall.of("a")[-1]
        assert isinstance(again, Assigned)
        assert again.offer != offer.offer, "who was offered has the place before, and is offered again"

    run(story())


def test_R2_what_the_flow_asked_beyond_the_queue_is_kept() -> None:
    old = QueueConfig(name="x", skills={"tech": 2}, priority=1)
    new = QueueConfig(name="x", skills={"tech": 1, "calm": 1}, priority=3, target_s=7,
                      relax=(Relax(after_s=5, needs={"tech": 0}),))  # fmt: skip
    need = SkillNeed
    own = QueueRequest(SUPPORT, (need(SkillId("english"), 2), need(SkillId("tech"), 2)), priority=1)
    changed = renewed(own, old, new)
    assert {one.skill: one.min_level for one in changed.needs} == {"english": 2, "tech": 1, "calm": 1}
    assert (changed.priority, changed.target_s, [step.after_s for step in changed.steps]) == (3, 7.0, [5.0])
    more = QueueRequest(SUPPORT, (need(SkillId("tech"), 4),), priority=9)
    assert renewed(more, old, new).priority == 9
    assert {one.skill: one.min_level for one in renewed(more, old, new).needs}[SkillId("tech")] == 4


def test_R5_who_waits_for_a_paused_operator_goes_on_waiting_when_that_one_is_edited() -> None:
    async def story() -> None:
        hall = Hall()
        ana, other = hall.operator("1", 3), hall.operator("2", 3)
        for operator in (ana, other):
            hall.dispatcher.act(operator, lambda p, now: p.pause(now, "meal", "test"))
        known = hall.dispatcher.presence(ana).operator
        wanted = QueueRequest(SUPPORT, preferred=ana, preferred_wait_s=20.0)
        hall.dispatcher.enqueue(CallId("a"), wanted, hall.clock.now())
        hall.dispatcher.change_operator(msgspec.structs.replace(known, name="Ana Maria"))
        hall.dispatcher.act(other, lambda p, now: p.ready(now, "test"))
        assert hall.of("a") == []
        hall.dispatcher.change_operator(msgspec.structs.replace(known, queues=(SALES,)))
        assert [type(told) for told in hall.of("a")] == [Assigned], "she does not serve this queue any more"

    run(story())


def test_R5_an_idle_operator_who_is_edited_takes_the_callers_he_fits_now() -> None:
    async def story() -> None:
        hall = Hall()
        ana = hall.operator("1", 1)
        hall.caller("a")
        known = hall.dispatcher.presence(ana).operator
        hall.dispatcher.change_operator(msgspec.structs.replace(known, skills={SkillId("tech"): 5}))
        assert [type(told) for told in hall.of("a")] == [Assigned]
        hall.dispatcher.change_operator(known)
        hall.dispatcher.change_operator(msgspec.structs.replace(known, enabled=False))
        assert hall.dispatcher.presence(ana).state is OperatorState.RESERVED

    run(story())


def test_R9_a_queue_that_is_deleted_lets_its_callers_go() -> None:
    async def story() -> None:
        hall = Hall()
        hall.caller("a")
        only = msgspec.structs.replace(SITE, queues={"sales": SITE.queues["sales"]})
        hall.configure(only)
        assert hall.of("a") == [TurnedAway("closed")]
        assert hall.dispatcher.waiting == {}

    run(story())


def test_R9_callers_leave_when_the_last_who_could_serve_them_signs_out() -> None:
    async def story() -> None:
        hall = Hall()
        one, two = hall.operator("1", 1), hall.operator("2", 2)
        for operator in (one, two):
            hall.dispatcher.act(operator, lambda p, now: p.pause(now, "meal", "test"))
        hall.caller("a", SALES, 1)
        hall.caller("hopeless", SALES, 5)
        assert hall.of("hopeless") == [TurnedAway("empty")]
        hall.dispatcher.act(one, lambda p, now: p.sign_out(now, "test"))
        assert hall.of("a") == []
        hall.dispatcher.remove_operator(two)
        assert hall.of("a") == [TurnedAway("empty")]
        hall.caller("waits", SUPPORT, 1)
        assert hall.of("waits") == [], "this queue lets callers wait for somebody to come"

    run(story())


def test_R3_orders_and_weights_are_read_from_the_site_file_and_change_while_it_runs() -> None:
    site = Site(
        default_queue="a",
        queues={"a": QueueConfig(name="a", order="longest_idle"), "b": QueueConfig(name="b")},
        routing=Routing(order="best_skill", idle_weight=0.5),
    )
    policy = policy_of(site)
    assert (policy.order_of(QueueId("a")), policy.order_of(QueueId("b"))) == (
        Order.LONGEST_IDLE,
        Order.BEST_SKILL,
    )
    assert policy.idle_weight == 0.5

    async def story() -> None:
        hall = Hall()
        idle, skilled = hall.operator("1", 3), hall.operator("2", 5, idle_since=1.0)
        for order, expected in (("longest_idle", idle), ("best_skill", skilled)):
            hall.configure(site_with(order=order))
            hall.caller(order)
            offer = hall.of(order)[-1]
            assert isinstance(offer, Assigned)
            assert offer.operator == expected
            hall.dispatcher.failed(offer.offer, "caller_gone")

    run(story())


def test_R10_a_caller_whose_skill_nobody_has_is_explained_and_does_not_disturb_others() -> None:
    async def story() -> None:
        hall = Hall()
        hall.operator("1", 1)
        hall.caller("impossible", SUPPORT, 5)
        why = hall.dispatcher.explain(CallId("impossible"))
        assert why is not None
        assert why["waiting_because"] == "nobody_fits"
        assert hall.dispatcher.estimate(CallId("impossible")) is None
        hall.caller("easy", SUPPORT, 1)
        assert [type(message) for message in hall.of("easy")] == [Assigned]

    run(story())


def test_R9_a_queues_calendar_moved_to_another_zone_costs_nobody_in_line_his_place() -> None:
    """Who is in line is served; who comes finds the queue closed, on the day the clocks change, too."""

    def office(zone: str) -> Calendar:
        return Calendar(timezone=zone, hours={"mon": ("08:00-18:00",), "sun": ("00:00-04:00",)})

    here, there, berlin = office("America/Sao_Paulo"), office("Asia/Tokyo"), office("Europe/Berlin")

    async def story() -> None:
        hall = Hall()
        sites = [
            msgspec.structs.replace(site_with(calendar="office"), calendars={"office": calendar})
            for calendar in (here, there, here)
        ]
        hall.configure(sites[0])
        hall.caller("a")
        before = hall.dispatcher.waiting[CallId("a")].entered_at
        for site in sites[1:]:
            hall.configure(site)
            assert not [message for message in hall.of("a") if isinstance(message, TurnedAway)]
            assert hall.dispatcher.waiting[CallId("a")].entered_at == before
        hall.operator("7", 3)
        assert isinstance(hall.of("a")[-1], Assigned)

    run(story())
    monday_noon = datetime(2026, 11, 23, 15, 0, tzinfo=UTC).timestamp()
    assert (standing(here, monday_noon), standing(there, monday_noon)) == ("open", "closed")
    forward = datetime(2026, 3, 29, 1, 59, tzinfo=UTC)  # 03:59 there: 02:00 to 03:00 did not exist
    back = datetime(2026, 10, 25, 2, 59, tzinfo=UTC)  # 03:59 there, an hour later than it would have been
    for instant in (forward, back):
        assert standing(berlin, instant.timestamp()) == "open"
        assert standing(berlin, instant.timestamp() + 60) == "closed"
