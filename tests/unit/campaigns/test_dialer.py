"""A campaign from its start to its end, in jumping time."""

from __future__ import annotations

import asyncio

import msgspec.structs
import pytest

from ari_app.calls.timers import DEAD_MAN_S
from ari_app.model.campaign import RetryRule
from ari_app.model.ids import ContactId, OperatorId
from ari_app.model.operator import OperatorState
from ari_app.ports import IllegalTransition
from tests.fakes.loop import run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.world import SALE, Field, by_number, campaign

S = OperatorState


def test_O2_progressive_dials_one_contact_per_free_operator() -> None:
    async def story() -> None:
        field = Field()
        await field.start()
        await field.settle(4.0)
        assert len(field.dialled) == 2
        assert field.live().ringing == 2
        await field.settle(5.0)
        assert field.live().talking == 2
        await field.settle(60.0)
        assert len(field.dialled) > 4
        connected = field.ended("connected")
        assert {attempt.operator for attempt in connected} == {OperatorId("1001"), OperatorId("1002")}
        assert all(a.connected_at - a.answered_at < 2.0 for a in connected)  # type: ignore[operator]
        assert field.network.broken == []
        await field.kill()

    run(story())


def test_O12_dialling_stops_within_a_second_when_the_last_operator_leaves() -> None:
    async def story() -> None:
        field = Field(subscriber=lambda _: Subscriber("busy"), contacts=500)
        await field.start()
        await field.settle(5.0)
        assert field.dialled
        field.operators_are(S.SIGNED_OUT)
        await field.settle(0.3)
        before = len(field.dialled)
        await field.settle(120.0)
        assert len(field.dialled) == before
        assert field.live().held_by == "no_operators"
        field.operators_are(S.AVAILABLE)
        await field.settle(2.0)
        assert len(field.dialled) > before
        await field.kill()

    run(story())


def test_O12_operators_who_signed_in_and_are_not_there_are_paused_and_dialling_stops() -> None:
    async def story() -> None:
        field = Field(contacts=200)
        field.network.pick_up_s = None
        await field.start()
        await field.settle(120.0)
        assert {presence.state for presence in field.dispatcher.operators.values()} == {S.PAUSED}
        assert len(field.ended("abandoned")) == 2 * len(field.dispatcher.operators), "two missed calls each"
        assert field.live().held_by == "no_operators"
        before = len(field.dialled)
        await field.settle(300.0)
        assert len(field.dialled) == before
        await field.kill()

    run(story())


def test_O12_dialling_stops_within_a_second_when_the_last_phone_is_lost() -> None:
    async def story() -> None:
        field = Field(subscriber=lambda _: Subscriber("busy"), contacts=500)
        await field.start()
        await field.settle(5.0)
        for operator in tuple(field.dispatcher.operators):
            field.dispatcher.act(operator, lambda presence, now: presence.reach(False, now))
        await field.settle(0.3)
        before = len(field.dialled)
        await field.settle(10.0)  # after 20 s they are asked for again
        assert len(field.dialled) == before
        assert field.live().held_by == "no_operators"
        await field.kill()

    run(story())


@pytest.mark.parametrize("act", ["pause", "stop"])
def test_O12_pause_and_stop_end_dialling_at_once_and_say_what_still_rings(act: str) -> None:
    async def story() -> None:
        field = Field(subscriber=lambda _: Subscriber("ring"))
        await field.start()
        await field.settle(3.0)
        await getattr(field.desk, act)(SALE, by="admin")
        before = len(field.dialled)
        live = field.live()
        assert live.ringing == len(live.ringing_numbers) == 2
        await field.settle(2.0)
        assert len(field.dialled) == before
        await field.settle(60.0)
        assert field.desk.live(SALE) is None
        await (field.desk.resume if act == "pause" else field.desk.start)(SALE, by="admin")
        await field.settle(2.0)
        assert len(field.dialled) == before + 2
        with pytest.raises(IllegalTransition):
            await field.desk.start(SALE, by="admin")
        await field.kill()

    run(story())


def test_O4_without_operator_the_message_comes_within_two_seconds_and_the_number_rests() -> None:
    async def story() -> None:
        field = Field(contacts=2)
        field.network.pick_up_s = None  # the operators' phones ring on
        await field.start()
        await field.settle(10.0)
        dropped = [call for call, said in field.network.played.items() if said]
        assert len(dropped) == 2
        for call in dropped:
            at, words = field.network.played[call][0]
            answered = field.network.answers[call]  # type: ignore[index]
            assert at - answered <= 2.0
            assert words[:3] == ("campaign/this-is", "campaign/company", "campaign/no-operator")
            assert "number/1" in words or any(word.startswith("digit/") for word in words)
        await field.settle(120.0)
        ended = field.ended("abandoned")
        assert len(ended) == 2
        assert all(1000 <= attempt.drop_ms <= 2000 for attempt in ended if attempt.drop_ms is not None)
        contact = field.store.contacts[ended[0].contact]
        assert contact.next_at is not None
        assert contact.next_at >= ended[0].ended_at + 72 * 3600.0 - 1  # type: ignore[operator]
        operators = {presence.state for presence in field.dispatcher.operators.values()}
        assert operators == {S.AVAILABLE}, "one missed call is no reason to pause anybody"
        await field.kill()

    run(story())


def test_O2_the_opt_out_key_takes_the_number_off_the_list_at_once() -> None:
    async def story() -> None:
        field = Field(campaign(mode="agentless", queue=None, at_once=3), contacts=3)
        await field.start()
        await field.settle(8.0)
        assert len(field.network.played) == 3
        field.network.caller_presses("9")
        await field.settle(0.1)
        assert len(field.store.dnc) == 3
        await field.settle(60.0)
        assert {attempt.result for attempt in field.store.attempts.values()} == {"do_not_call"}
        assert all(c.state == "excluded" for c in field.store.contacts.values())
        await field.settle(10.0)
        assert field.store.held[SALE].status == "finished"
        await field.kill()

    run(story())


def test_O6_a_number_added_while_it_is_being_dialled_is_not_dialled() -> None:
    async def story() -> None:
        field = Field(contacts=6)
        numbers = {contact.number for contact in field.store.contacts.values()}
        await field.start()
        field.store.wait_s = 0.1
        await field.settle(0.25)
        field.store.dnc |= numbers  # between the claim and the last word
        await field.settle(60.0)
        assert field.dialled == []
        await field.kill()

    run(story())


@pytest.mark.parametrize("fault", ["away", "slow"])
def test_O6_a_store_that_is_away_or_slow_stops_dialling_and_loses_no_outcome(fault: str) -> None:
    async def story() -> None:
        field = Field(contacts=300)
        await field.start()
        await field.settle(7.0)
        field.store.away, field.store.wait_s = fault == "away", 0.001 if fault == "away" else 4.0
        await field.settle(0.2)
        before = len(field.dialled)
        await field.settle(90.0)
        assert len(field.dialled) == before
        field.store.away, field.store.wait_s = False, 0.001
        await field.settle(30.0)
        assert len(field.dialled) > before
        await field.desk.stop(SALE, by="admin")
        await field.settle(120.0)
        assert all(attempt.result is not None for attempt in field.store.attempts.values())
        assert field.network.broken == field.store.broken == []
        await field.kill()

    run(story())


def test_O7_a_jumping_clock_never_opens_the_window() -> None:
    async def story() -> None:
        field = Field()
        field.clock._began += 12.5 * 3600  # 22:30 in São Paulo
        await field.start()
        await field.settle(10.0)
        assert field.dialled == []
        assert field.live().held_by == "outside_hours"
        field.clock._began -= 8 * 3600  # somebody sets the clock back into the day
        await field.settle(30.0)
        assert field.dialled == []
        assert field.live().held_by == "clock_not_trusted"
        await field.kill()

    run(story())


def test_O11_an_emptied_caller_id_pool_stops_dialling_and_says_so() -> None:
    async def story() -> None:
        field = Field(subscriber=lambda _: Subscriber("busy"), contacts=200)
        await field.start()
        await field.settle(4.0)
        emptied = msgspec.structs.replace(field.store.held[SALE], caller_ids=())
        await field.desk.changed(await field.store.replace_campaign(emptied))
        await field.settle(0.2)
        before = len(field.dialled)
        await field.settle(30.0)
        assert len(field.dialled) == before > 0
        assert field.live().held_by == "no_caller_id"
        await field.kill()

    run(story())


def test_O11_all_trunks_down_backs_off_and_recovers() -> None:
    async def story() -> None:
        down = [True]
        answers = lambda _: Subscriber("refused" if down[0] else "busy")  # noqa: E731
        field = Field(campaign(retries={"failed": RetryRule((1.0,), 50)}), 200, answers)
        await field.start()
        await field.settle(120.0)
        assert len(field.dialled) <= 10, "a trunk that is down is asked rarely"
        assert field.live().held_by == "trunk_down"
        down[0] = False
        await field.settle(180.0)
        assert len(field.dialled) > 30
        await field.kill()

    run(story())


def test_O11_calls_at_once_and_per_second_stay_within_the_trunks_caps() -> None:
    async def story() -> None:
        made = campaign(mode="agentless", queue=None, at_once=100, trunk_concurrency=7, calls_per_s=2.0)
        field = Field(made, 100, lambda _: Subscriber("ring"))
        await field.start()
        await field.settle(10.0)
        assert len(field.network.ringing) == 7
        begun = [at for at, _, _ in field.network.dialled]
        assert all(sum(at <= other < at + 1.0 for other in begun) <= 3 for at in begun)
        await field.kill()

    run(story())


def test_O2_preview_shows_the_contact_first_and_dials_when_accepted() -> None:
    async def story() -> None:
        field = Field(campaign(mode="preview"), contacts=5)
        await field.start()
        await field.settle(5.0)
        assert field.dialled == []
        previews = field.campaigns.previews
        first, second = (previews.pending(OperatorId(ident)) for ident in ("1001", "1002"))
        assert first is not None
        assert second is not None
        assert first.data == {"debt": "10"}
        assert field.dispatcher.operators[OperatorId("1001")].state is S.RESERVED
        previews.accept(OperatorId("1001"), first.attempt)
        previews.skip(OperatorId("1002"), second.attempt, "wrong hour")
        with pytest.raises(IllegalTransition):
            previews.accept(OperatorId("1001"), first.attempt)
        await field.settle(8.0)
        assert len(field.dialled) == 1
        assert field.store.attempts[second.attempt].result == "skipped"
        assert field.store.attempts[second.attempt].reason == "wrong hour"
        assert field.dispatcher.operators[OperatorId("1001")].state is S.TALKING
        shown = previews.pending(OperatorId("1002"))
        assert shown is not None
        assert shown.attempt != second.attempt
        await field.kill()

    run(story())


def test_O2_who_leaves_during_a_preview_gives_the_contact_back() -> None:
    async def story() -> None:
        field = Field(campaign(mode="preview"), contacts=2)
        await field.start()
        await field.settle(2.0)
        field.operators_are(S.SIGNED_OUT)
        await field.settle(3.0)
        assert {attempt.result for attempt in field.store.attempts.values()} == {"skipped"}
        assert {p.state for p in field.dispatcher.operators.values()} == {S.SIGNED_OUT}
        assert field.dialled == []
        await field.kill()

    run(story())


def test_O9_a_personal_callback_goes_to_its_operator_at_the_promised_minute() -> None:
    async def story() -> None:
        field = Field(contacts=1)
        (ident,) = field.store.contacts
        at = field.clock.now() + 600.0
        field.store.contacts[ident] = msgspec.structs.replace(
            field.store.contacts[ident], state="personal", owner=OperatorId("1002"), next_at=at
        )
        await field.start()
        await field.settle(598.0)
        assert field.dialled == []
        await field.settle(12.0)
        assert len(field.dialled) == 1
        assert 599.0 <= field.network.dialled[0][0] <= 602.0
        await field.settle(60.0)
        assert [attempt.operator for attempt in field.ended("connected")] == [OperatorId("1002")]
        await field.kill()

    run(story())


def test_O10_machines_and_faxes_cost_no_operator_and_hear_the_message_after_their_tone() -> None:
    async def story() -> None:
        kinds = by_number({0: Subscriber("machine"), 1: Subscriber("fax"), 2: Subscriber()}, Subscriber())
        field = Field(campaign(amd="leave_message"), 3, kinds)
        await field.start()
        await field.settle(120.0)
        by_person = {a.contact: a for a in field.store.attempts.values()}
        order = [ContactId(number) for number in range(3)]
        assert [by_person[key].result for key in order] == ["machine", "machine", "connected"]
        assert [by_person[key].verdict for key in order] == ["machine", "fax", "human"]
        assert all(1.0 < a.verdict_s < 1.5 for a in by_person.values() if a.verdict_s is not None)
        assert by_person[order[0]].reason == "message_left"
        at, words = field.network.played[by_person[order[0]].id][0]  # type: ignore[index]
        assert at - field.network.answers[by_person[order[0]].id] > 6.0  # type: ignore[index]
        assert "campaign/message" in words
        switches = [seconds for seconds, _ in field.network.renewals]
        assert max(switches) >= DEAD_MAN_S + 2.0 * len(words), "no dead-man's switch cuts a long message"
        await field.kill()

    run(story())


def test_O5_an_unanswered_call_rings_fifteen_seconds_and_more_whatever_is_configured() -> None:
    async def story() -> None:
        field = Field(campaign(ring_s=3.0), 2, lambda _: Subscriber("ring"))
        await field.start()
        await field.settle(14.0)
        assert len(field.network.ringing) == 2
        assert field.network.broken == []
        await field.kill()

    run(story())


def test_R14_inbound_goes_first_and_outbound_fills_idle_time() -> None:
    async def story() -> None:
        field = Field(contacts=100)
        await field.start()
        await field.settle(40.0)
        assert field.live().talking + field.live().ringing > 0
        await field.settle(1.0)
        field.network.pick_up_s = 0.4
        for _ in range(6):
            field.network.caller_dials()
        await field.settle(0.1)
        field.network.caller_presses("2")
        await field.settle(1.0)
        before = len(field.dialled)
        await field.settle(30.0)
        inbound = [s for s in field.exchange.sessions.values() if s.record.direction == "inbound"]
        assert inbound, "callers still wait or talk"
        assert len(field.dialled) - before <= 2, "no contact is dialled for an operator whom callers wait for"
        await field.kill()

    run(story())


def test_priority_the_first_campaign_gets_the_operators_that_both_share() -> None:
    async def story() -> None:
        field = Field(campaign(priority=1), contacts=60)
        other = campaign(priority=5)
        field.given_campaign(msgspec.structs.replace(other, id="later", name="Later"), 60)
        await field.start()
        await field.settle(200.0)
        first = [number for number in field.dialled if int(number[-4:]) < 60]
        assert len(first) > 0.9 * len(field.dialled)
        await field.desk.stop(SALE, by="admin")
        await field.settle(60.0)
        assert any(int(number[-4:]) >= 60 for number in field.dialled)
        await field.kill()

    run(story())


def test_operators_who_sign_in_and_vanish_leave_nobody_stuck() -> None:
    async def story() -> None:
        field = Field(contacts=400, subscriber=lambda _: Subscriber(after_s=3.0, patience_s=30.0))
        await field.start()
        for _ in range(20):
            await field.settle(3.5)
            field.operators_are(S.SIGNED_OUT)
            await field.settle(1.0)
            field.operators_are(S.AVAILABLE)
        await field.desk.stop(SALE, by="admin")
        await field.settle(200.0)
        assert field.exchange.sessions == {}
        assert field.network.lines == {}
        assert all(attempt.result is not None for attempt in field.store.attempts.values())
        await field.kill()

    run(story())


def test_X4_a_pbx_that_dies_resolves_every_attempt_and_dials_nobody_twice() -> None:
    async def story() -> None:
        field = Field(contacts=50)
        await field.start()
        await field.settle(6.0)
        await asyncio.sleep(0)
        field.network.restart()
        await field.kill()
        await field.start()
        await field.settle(120.0)
        await field.desk.stop(SALE, by="admin")
        await field.settle(120.0)
        assert field.network.broken == []
        assert all(attempt.result is not None for attempt in field.store.attempts.values())
        await field.kill()

    run(story())
