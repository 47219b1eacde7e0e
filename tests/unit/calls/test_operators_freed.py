"""Whatever goes wrong around a call, its operator is free afterwards, its caller not left in silence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ari_app.calls.messages import Found, TimerDue
from ari_app.calls.reconcile import Reconciler
from ari_app.model.call import FinalState, Phase
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.model.operator import OperatorState
from ari_app.model.telephony import OperatorLegEnded, OperatorLegRinging
from ari_app.ports import LivePbx, Outcome
from tests.fakes.loop import run
from tests.fakes.telephone import Leg
from tests.unit.calls.test_crashes import story
from tests.unit.calls.world import World


async def ringing(world: World) -> CallId:
    """A caller for whom a phone rings, all of it on disk."""
    call = world.telephone.caller_dials()
    await world.settle(0.1)
    world.telephone.caller_presses("2")
    await world.settle(0.1)
    assert world.exchange.sessions[call].record.phase is Phase.OFFERED
    return call


async def talking(world: World) -> CallId:
    call = await ringing(world)
    world.telephone.phone_answers()
    await world.settle(0.1)
    assert world.exchange.sessions[call].record.phase is Phase.TALKING
    return call


def phase_of(world: World, call: CallId) -> Phase:
    return world.exchange.sessions[call].record.phase


def states(world: World) -> set[OperatorState]:
    return {presence.state for presence in world.dispatcher.operators.values()}


def in_a_world(story: Callable[[World], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = World()
        await world.start()
        await story(world)
        await world.kill()

    run(whole())


def test_X2_answer_lost_in_a_crash_still_frees_the_operator() -> None:
    async def story(world: World) -> None:
        await ringing(world)
        world.telephone.phone_answers()
        await world.settle(0.01, lambda: False)
        await world.kill()
        await world.start()
        await world.settle(1.0)
        assert OperatorState.TALKING in states(world)
        world.telephone.operator_hangs_up()
        await world.settle(30.0)
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_P7_longest_talk_reached_ends_the_talk_and_frees_the_operator() -> None:
    async def story(world: World) -> None:
        call = await talking(world)
        [line] = world.telephone.lines.values()
        world.telephone._leg_ends(line, 16)  # as the dialplan's `T` does
        world.telephone._back(line, "TIMEUP", 0)
        await world.settle(3.0)
        assert states(world) == {OperatorState.AVAILABLE}
        assert world.exchange.sessions.get(call) is None
        assert world.journal.calls[call][0].final_state is FinalState.ANSWERED

    in_a_world(story)


def test_R7_waiting_time_over_while_the_phone_rings_does_not_tear_the_call_from_the_phone() -> None:
    async def story(world: World) -> None:
        call = await ringing(world)
        session = world.exchange.sessions[call]
        assert session.engine is not None
        wait = next(timer for timer in session.engine.timers if timer.name == "wait")
        session.timers.start(wait.unique, 0.5)
        await world.settle(1.0)
        assert phase_of(world, call) is Phase.OFFERED
        world.telephone.phone_answers()
        await world.settle(0.1)
        assert phase_of(world, call) is Phase.TALKING
        world.telephone.operator_hangs_up()
        await world.settle(3.0)
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_X2_a_fault_that_cannot_be_handled_harms_no_other_call() -> None:
    async def story(world: World) -> None:
        broken = await talking(world)
        other = world.telephone.caller_dials()
        await world.settle(0.1)

        def fail() -> None:
            raise RuntimeError("disk on fire")

        world.exchange.sessions[broken].write = fail  # type: ignore[method-assign]
        world.telephone.operator_hangs_up()
        await world.settle(5.0)
        assert set(world.exchange.sessions) == {other}
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_P7_an_own_call_that_ended_out_of_sight_does_not_keep_the_operator_busy() -> None:
    async def story(world: World) -> None:
        one = world.dispatcher.operators[OperatorId("1001")]
        world.dispatcher.act(one.operator.id, lambda p, now: p.took_phone("own-1", now))  # type: ignore[arg-type]
        assert OperatorState.TALKING in states(world)
        await Reconciler(world.exchange, world.telephone, []).run()
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_X2_a_talk_that_ended_while_we_were_away_keeps_its_length_and_its_leg() -> None:
    async def story(world: World) -> None:
        call = await talking(world)
        await world.settle(10.0)
        await world.kill()
        world.telephone.all_hang_up()
        await world.start()
        await world.settle(1.0)
        record, _ = world.journal.calls[call]
        assert record.final_state is FinalState.ANSWERED
        assert record.talk_s is not None
        assert 10.0 <= record.talk_s < 12.0

    in_a_world(story)


def test_R6_after_a_crash_no_operator_who_talks_is_given_another_call() -> None:
    run(story([("dial", 0), ("rush", 1), ("rush", 1), ("miss", 0), ("kill", 0)]))


def test_X2_a_missed_offer_of_a_former_life_brings_the_caller_back_in_line() -> None:
    run(story([("rush", 1), ("kill", 0), ("miss", 0)]))


@pytest.mark.parametrize("knock_s", [0.0, 0.01, 1.0])
def test_X2_whose_ring_ended_while_we_were_dead_is_offered_again_and_keeps_his_place(knock_s: float) -> None:
    """The dialplan tries to tell how it ended for a while; whether before or after the PBX was asked."""

    async def story(world: World) -> None:
        world.telephone.knock_s = knock_s
        call = await ringing(world)
        place = world.exchange.sessions[call].entered_at
        assert place is not None
        await world.settle(2.0)
        await world.kill()
        world.telephone.phone_refuses("BUSY", 17)
        await world.start()
        await world.settle(5.0)
        assert phase_of(world, call) is Phase.OFFERED
        assert world.exchange.sessions[call].entered_at == place
        assert world.telephone.in_fallback == set()

    in_a_world(story)


def test_X2_whom_the_dialplan_took_for_good_while_he_was_offered_is_told_as_served_by_it() -> None:
    async def story(world: World) -> None:
        call = await ringing(world)
        await world.settle(2.0)
        await world.kill()
        world.telephone.phone_refuses("NOANSWER", 0)
        world.telephone.patience_ends()
        await world.start()
        await world.settle(1.0)
        assert phase_of(world, call) is Phase.TRANSFERRING
        assert states(world) == {OperatorState.AVAILABLE}
        world.telephone.all_hang_up()
        await world.settle(1.0)
        assert world.journal.calls[call][0].final_state is FinalState.FALLBACK

    in_a_world(story)


def test_X2_a_call_that_comes_while_the_pbx_is_asked_is_not_ended() -> None:
    async def story(world: World) -> None:
        ask = world.telephone.live

        async def slow() -> LivePbx | None:
            answer = await ask()
            world.telephone.caller_dials()
            await world.settle(0.1)
            return answer

        world.telephone.live = slow  # type: ignore[method-assign]
        await Reconciler(world.exchange, world.telephone, []).run()
        await world.settle(0.1)
        assert len(world.exchange.sessions) == 1

    in_a_world(story)


def test_X2_an_end_heard_while_the_pbx_is_asked_is_not_forgotten() -> None:
    async def story(world: World) -> None:
        await talking(world)
        await world.kill()
        ask = world.telephone.live

        async def stale() -> LivePbx | None:
            answer = await ask()
            world.telephone.all_hang_up()
            return answer

        world.telephone.live = stale  # type: ignore[method-assign]
        await world.start()
        await world.settle(5.0)
        assert world.exchange.sessions == {}
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_X2_an_answer_older_than_the_offer_does_not_withdraw_it() -> None:
    async def story(world: World) -> None:
        ask = world.telephone.live
        call = world.telephone.caller_dials()
        await world.settle(0.1)

        async def stale() -> LivePbx | None:
            answer = await ask()
            world.telephone.caller_presses("2")
            await world.settle(0.1)
            return answer

        world.telephone.live = stale  # type: ignore[method-assign]
        await Reconciler(world.exchange, world.telephone, []).run()
        await world.settle(0.1)
        assert phase_of(world, call) is Phase.OFFERED

    in_a_world(story)


def test_X3_a_caller_whom_the_dialplan_took_costs_no_operator_and_is_left_alone() -> None:
    async def story(world: World) -> None:
        for operator in ("1001", "1002"):
            world.dispatcher.act(OperatorId(operator), lambda p, now: p.pause(now, "meal", "test"))
        call = world.telephone.caller_dials()
        await world.settle(0.1)
        world.telephone.caller_presses("1")
        await world.settle(0.1)
        [line] = world.telephone.lines.values()
        world.telephone._into_fallback(line)  # we were frozen: the dead-man's switch went off
        for operator in ("1001", "1002"):
            world.dispatcher.act(OperatorId(operator), lambda p, now: p.ready(now, "test"))
        await world.settle(200.0)
        assert states(world) == {OperatorState.AVAILABLE}
        assert call in {line.call for line in world.telephone.lines.values()}
        world.telephone.all_hang_up()
        await world.settle(1.0)
        assert world.journal.calls[call][0].final_state is FinalState.FALLBACK

    in_a_world(story)


def test_P7_a_return_from_dial_that_nobody_heard_is_noticed() -> None:
    async def story(world: World) -> None:
        call = await talking(world)
        [line] = world.telephone.lines.values()
        world.telephone._leg_ends(line, 16)
        line.in_stasis = True
        await world.settle(15.0)
        assert call not in world.exchange.sessions
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_P7_a_phone_that_failed_once_and_is_there_is_tried_again() -> None:
    async def story(world: World) -> None:
        call = await ringing(world)
        world.telephone.phone_refuses("CHANUNAVAIL", 38)
        await world.settle(0.1)
        world.telephone.caller_hangs_up(0)
        await world.settle(0.1)
        assert OperatorState.UNREACHABLE in states(world)
        assert call not in world.exchange.sessions
        await world.settle(25.0)
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_X3_a_caller_who_comes_back_to_a_closed_call_reaches_the_fallback() -> None:
    async def story(world: World) -> None:
        call = await talking(world)
        session = world.exchange.sessions[call]

        async def fail(*_: object) -> None:
            raise RuntimeError("disk on fire")

        session.signal = fail  # type: ignore[method-assign, assignment]
        session.mailbox.put(TimerDue("any"))
        await world.settle(0.1)
        assert call not in world.exchange.sessions
        world.telephone.operator_hangs_up()
        await world.settle(0.1)
        assert call in world.telephone.in_fallback

    in_a_world(story)


def test_C1_a_hang_up_that_the_pbx_did_not_hear_is_said_again() -> None:
    async def story(world: World) -> None:
        hang_up = world.telephone.hang_up

        async def deaf(channel: ChannelId, cause: int) -> Outcome:
            del channel, cause
            return Outcome.REFUSED

        await talking(world)
        world.telephone.hang_up = deaf  # type: ignore[method-assign]
        world.telephone.operator_hangs_up()
        await world.settle(1.0)
        assert world.telephone.lines
        world.telephone.hang_up = hang_up  # type: ignore[method-assign]
        await world.settle(6.0)
        assert world.telephone.lines == {}
        assert world.exchange.sessions == {}

    in_a_world(story)


def leg_of(world: World) -> Leg:
    [line] = world.telephone.lines.values()
    assert line.leg is not None
    return line.leg


def test_P7_an_operator_whom_the_dialplan_rang_while_we_were_away_is_busy_until_that_talk_ends() -> None:
    async def story(world: World) -> None:
        for operator in ("1001", "1002"):
            world.dispatcher.act(OperatorId(operator), lambda p, now: p.pause(now, "meal", "test"))
        await world.settle(0.1)
        await world.kill()
        call = world.telephone.caller_dials()  # Stasis() fails: the fallback queue has him
        [line] = world.telephone.lines.values()
        line.leg = Leg(ChannelId("fallback-leg"), OperatorId("1001"), up=True)
        await world.start()
        await world.settle(0.1)
        assert world.dispatcher.operators[OperatorId("1001")].state is OperatorState.TALKING
        assert call in world.telephone.in_fallback
        await world.settle(60.0)
        assert world.dispatcher.operators[OperatorId("1001")].state is OperatorState.TALKING
        world.telephone.all_hang_up()
        await world.settle(0.1)
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_P7_an_operator_whom_the_dialplan_rings_while_we_run_is_offered_nothing() -> None:
    async def story(world: World) -> None:
        stray = CallId("taken-by-fallback")
        world.exchange.on_event(OperatorLegRinging(stray, OperatorId("1001"), ChannelId("q-1")))
        assert world.dispatcher.operators[OperatorId("1001")].state is OperatorState.TALKING
        await ringing(world)
        assert leg_of(world).operator == "1002"
        world.exchange.on_event(OperatorLegEnded(stray, OperatorId("1001"), ChannelId("q-1"), 16))
        assert world.dispatcher.operators[OperatorId("1001")].state is OperatorState.AVAILABLE

    in_a_world(story)


def test_P7_an_own_call_whose_end_was_never_told_is_asked_for() -> None:
    async def story(world: World) -> None:
        world.exchange.busy_elsewhere(OperatorId("1001"), ChannelId("never-was"))
        assert OperatorState.TALKING in states(world)
        await world.settle(25.0)
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_P7_a_fault_of_ours_in_a_talk_frees_the_operator_only_when_the_phone_is_down() -> None:
    async def story(world: World) -> None:
        call = await talking(world)
        busy = leg_of(world).operator

        async def fail(*_: object) -> None:
            raise RuntimeError("disk on fire")

        session = world.exchange.sessions[call]
        session._handle = fail  # type: ignore[method-assign, assignment]
        session.mailbox.put(TimerDue("any"))
        await world.settle(15.0)
        assert call not in world.exchange.sessions
        assert world.dispatcher.operators[busy].state is OperatorState.TALKING
        other = world.telephone.caller_dials()
        await world.settle(0.1)
        world.telephone.caller_presses("2")
        await world.settle(0.1)
        assert world.exchange.sessions[other].operator() != busy
        world.telephone.operator_hangs_up()
        await world.settle(30.0)
        assert world.dispatcher.operators[busy].state is OperatorState.AVAILABLE

    in_a_world(story)


def test_P7_nobody_is_offered_a_call_while_the_pbx_is_out_of_sight_and_all_wait_in_order() -> None:
    async def story(world: World) -> None:
        world.dispatcher.freeze(frozen=True)
        calls = []
        for _ in range(3):
            calls.append(world.telephone.caller_dials())
            await world.settle(0.1)
        world.telephone.caller_presses("2")
        await world.settle(30.0)
        assert [phase_of(world, call) for call in calls] == [Phase.WAITING] * 3
        assert states(world) == {OperatorState.AVAILABLE}
        world.dispatcher.freeze(frozen=False)
        await world.settle(0.1)
        assert [phase_of(world, call) for call in calls] == [Phase.OFFERED, Phase.OFFERED, Phase.WAITING]

    in_a_world(story)


def test_C19_a_talk_under_which_the_pbx_died_is_told_to_who_calls_back() -> None:
    async def story(world: World) -> None:
        talked = await talking(world)
        world.telephone.restart()
        world.exchange.found(talked, Found(alive=False, lost=True))
        await world.settle(30.0)
        assert world.callbacks.broken_off == [talked]
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_P7_a_phone_that_answers_and_drops_ten_times_leaves_nothing_behind() -> None:
    async def story(world: World) -> None:
        for _ in range(10):
            call = await talking(world)
            world.telephone.operator_hangs_up()
            await world.settle(40.0)
            assert world.exchange.sessions.get(call) is None
        assert states(world) == {OperatorState.AVAILABLE}
        assert world.telephone.lines == {}
        ends = [record.final_state for record, _ in world.journal.calls.values()]
        assert ends == [FinalState.ANSWERED] * 10

    in_a_world(story)


def test_P7_an_operator_deleted_in_a_call_ends_neither_the_talk_nor_leaves_anything() -> None:
    async def story(world: World) -> None:
        call = await talking(world)
        who = world.exchange.sessions[call].operator()
        assert who is not None
        world.dispatcher.remove_operator(who)
        await world.settle(5.0)
        assert phase_of(world, call) is Phase.TALKING
        world.telephone.operator_hangs_up()
        await world.settle(5.0)
        assert world.exchange.sessions.get(call) is None
        assert who not in world.dispatcher.operators
        assert world.dispatcher.offers == {}

    in_a_world(story)


def asks_for_a_key(world: World) -> None:
    """From now on who answers the phone of 1001 or 1002 has to press a key."""
    for operator in ("1001", "1002"):
        presence = world.dispatcher.presence(OperatorId(operator))
        world.dispatcher.change_operator(msgspec.structs.replace(presence.operator, confirm=True))


def test_R7_an_answer_without_a_key_is_told_apart_and_pauses_after_so_many() -> None:
    async def story(world: World) -> None:
        asks_for_a_key(world)
        call = await ringing(world)
        [line] = world.telephone.lines.values()
        assert line.leg is not None
        assert line.leg.asked
        entered_at = world.exchange.sessions[call].entered_at
        for _ in range(4):  # twice each: that is the limit
            world.telephone.phone_refuses("UNCONFIRMED", 16)
            await world.settle(6.0, lambda: False)
        reasons = {(one.state, one.reason) for one in world.dispatcher.operators.values()}
        assert reasons == {(OperatorState.PAUSED, "unconfirmed")}
        assert phase_of(world, call) is Phase.WAITING
        assert world.exchange.sessions[call].entered_at == entered_at
        world.telephone.all_hang_up()

    in_a_world(story)


def test_R7_a_caller_who_gave_up_while_the_key_was_waited_for_was_not_answered() -> None:
    async def story(world: World) -> None:
        asks_for_a_key(world)
        call = await ringing(world)
        session = world.exchange.sessions[call]
        world.telephone.hung.add(session.record.channel)
        world.telephone.phone_answers()
        await world.settle(0.1)
        assert phase_of(world, call) is Phase.OFFERED
        world.telephone.all_hang_up()
        await world.settle(2.0, lambda: False)
        assert session.record.final_state is FinalState.ABANDONED
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)


def test_R7_a_caller_who_was_gone_before_we_heard_of_the_key_was_not_answered() -> None:
    async def story(world: World) -> None:
        asks_for_a_key(world)
        call = await ringing(world)
        session = world.exchange.sessions[call]
        world.telephone.phone_answers()
        world.telephone.all_hang_up()
        await world.settle(2.0, lambda: False)
        assert session.record.final_state is FinalState.ABANDONED
        assert session.record.connected_at is None
        assert states(world) == {OperatorState.AVAILABLE}

    in_a_world(story)
