"""What is recorded of a call, in jumping time: policies, pauses, crashes, a PBX that refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ari_app.app.site_values import policies_of
from ari_app.calls.recording_desk import RecordingDesk
from ari_app.flow.problems import Problems
from ari_app.flow.site import parse_site
from ari_app.model.ids import CallId
from ari_app.model.recording import PolicyBook, RecordingPolicy, share_of
from ari_app.ports import IllegalTransition, NotFound, Outcome, PbxRefused
from tests.fakes.loop import LoopClock, run
from tests.unit.calls.world import World

Story = Callable[[World, RecordingDesk, CallId], Awaitable[None]]


def told(
    story: Story,
    policy: RecordingPolicy | None = None,
    clock: LoopClock | None = None,
    **world_has: object,
) -> World:
    """A caller talks with an operator, then the story; afterwards the call ends."""
    world = World()
    world.clock = clock or world.clock
    world.policy = policy or RecordingPolicy()
    for name, value in world_has.items():
        setattr(world.recorder, name, value)

    async def tell() -> None:
        await world.start()
        call = world.telephone.caller_dials()
        await world.settle(1.0)
        world.telephone.caller_presses("1")
        await world.settle(1.0)
        world.telephone.phone_answers()
        await world.settle(5.0)
        await story(world, RecordingDesk(world.exchange), call)
        world.telephone.all_hang_up()
        await world.settle(5.0)
        await world.kill()

    run(tell())
    return world


def kinds(world: World) -> list[str]:
    return [type(stamped.fact).__name__ for stamped in world.journal.facts]


def test_M3_paused_app_killed_and_still_paused_for_the_rest_of_the_time() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        await desk.act(call, "pause", by="1001", max_s=60)
        await world.kill()
        await world.start()
        desk = RecordingDesk(world.exchange)
        tape = desk.tape(call)
        assert tape is not None
        assert tape.paused
        await world.settle(30.0)
        assert world.deck.told == ["mute", "mute"]
        await world.settle(40.0)
        assert world.deck.told == ["mute", "mute", "unmute"]

    world = told(story)
    assert world.recorder.tapes[0].pauses[0].ended_by == "time limit"


def test_M3_a_resumption_is_believed_only_when_the_pbx_did_it_and_is_tried_again() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        await desk.act(call, "pause", by="1001")
        world.deck.answer = Outcome.UNKNOWN
        with pytest.raises(PbxRefused, match="asked again"):
            await desk.act(call, "resume", by="1001")
        tape = desk.tape(call)
        assert tape is not None
        assert tape.paused
        world.deck.answer = Outcome.DONE
        await world.settle(3.0)
        tape = desk.tape(call)
        assert tape is not None
        assert not tape.paused

    assert "RecordingAlarm" in kinds(told(story))


def test_M3_a_pause_that_the_pbx_refuses_is_told_at_once() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        world.deck.answer = Outcome.REFUSED
        with pytest.raises(PbxRefused, match="what is said now is recorded"):
            await desk.act(call, "pause", by="1001")
        tape = desk.tape(call)
        assert tape is not None
        assert not tape.paused

    world = told(story)
    assert world.recorder.tapes[0].pauses == ()
    assert "RecordingAlarm" in kinds(world)


def test_M3_pause_and_resume_in_quick_succession_and_at_the_hang_up_leave_closed_pauses() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        for _ in range(5):
            await desk.act(call, "pause", by="a")
            await desk.act(call, "pause", by="b")
            await desk.act(call, "resume", by="a")
        await desk.act(call, "pause", by="a")

    world = told(story)
    pauses = world.recorder.tapes[0].pauses
    assert len(pauses) == 6
    assert [pause.end_s is None for pause in pauses] == [False] * 5 + [True]
    assert world.deck.told == ["mute", "unmute"] * 5 + ["mute"]


def test_M2_on_demand_holds_the_last_seconds_and_starts_from_there() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        await world.settle(35.0)
        tape = await desk.act(call, "start", by="1001")
        assert tape.kept_from_s == pytest.approx(tape.position(world.clock.now()) - 30.0, abs=0.5)

    world = told(story, RecordingPolicy("on_demand", before_s=30.0))
    assert world.recorder.held == [30.0, None]
    assert world.deck.told == []
    assert len(world.recorder.tapes) == 1


def test_M2_on_demand_without_a_start_leaves_nothing() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        del world, desk, call

    world = told(story, RecordingPolicy("on_demand", before_s=30.0))
    assert world.recorder.finished == []
    assert len(world.recorder.thrown) == 1


def test_M2_a_policy_of_never_refuses_a_start_and_an_unknown_call_is_told() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        with pytest.raises(IllegalTransition, match="does not allow"):
            await desk.act(call, "start", by="1001")
        with pytest.raises(IllegalTransition, match="not being recorded"):
            await desk.act(call, "pause", by="1001")
        with pytest.raises(NotFound):
            await desk.act(CallId("../../etc/passwd"), "pause", by="1001")

    world = told(story, RecordingPolicy("never"))
    assert world.recorder.finished == world.recorder.thrown == []


def test_M5_without_room_the_call_goes_on_unrecorded_and_that_is_told() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        del world
        tape = desk.tape(call)
        assert tape is not None
        assert not tape.running

    world = told(story, has_room=False)
    assert "RecordingAlarm" in kinds(world)
    (record, _), *_ = world.journal.calls.values()
    assert record.recording_id is not None  # a gap, not an oversight
    assert record.final_state is not None


def test_M4_withdrawn_leaves_nothing_and_is_not_recorded_again() -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        await desk.act(call, "withdraw", by="ana")
        assert world.deck.told == ["stop"]
        with pytest.raises(IllegalTransition, match="does not want"):
            await desk.act(call, "start", by="1001")

    world = told(story)
    assert set(world.recorder.thrown) == {"call-1"}
    assert world.recorder.finished == []


def test_M2_the_most_particular_rule_holds() -> None:
    rules = PolicyBook(
        directions={"outbound": RecordingPolicy(source="direction")},
        clients={"acme": RecordingPolicy(source="client")},
        queues={"sales": RecordingPolicy(source="queue")},
        campaigns={"spring": RecordingPolicy(source="campaign")},
    )
    asked = [
        ("inbound", "default", None, None, "default"),
        ("outbound", "default", None, None, "direction"),
        ("outbound", "acme", None, None, "client"),
        ("outbound", "acme", "sales", None, "queue"),
        ("outbound", "acme", "sales", "spring", "campaign"),
    ]
    for direction, client, queue, campaign, source in asked:
        found = rules.policy(direction=direction, client=client, queue=queue, campaign=campaign)
        assert found.source == source


def test_M2_rules_name_campaigns_and_clients_by_the_ids_they_have() -> None:
    """Ids of campaigns are random: ten of sixteen begin with a digit, some look like a number."""
    ids = ("821e9d1f7a16", "493000000000", "12e400000000", "acme")
    rules = ", ".join(f"{ident}: {{policy: never}}" for ident in ids)
    text = f"""
default_queue: sales
queues: {{sales: {{name: Sales}}}}
recordings: {{campaigns: {{{rules}}}, clients: {{{rules}}}}}
"""
    problems = Problems("site.yaml")
    site = parse_site(text, problems)
    assert site is not None, problems.found
    book = policies_of(site)
    for ident in ids:
        assert book.policy(direction="outbound", client="x", campaign=ident).source == f"campaign {ident}"
        assert book.policy(direction="inbound", client=ident).source == f"client {ident}"


def test_M2_a_percentage_takes_that_share_of_calls_and_always_the_same_ones() -> None:
    calls = [CallId(f"9f96f986-7ecf-4af7-8e8e-{number:012d}") for number in range(20_000)]
    for percent in (0.0, 1.5, 20.0, 100.0):
        policy = RecordingPolicy("percent", percent)
        taken = [policy.takes(call) for call in calls]
        assert abs(sum(taken) / 200 - percent) < 1.0
        assert taken == [policy.takes(call) for call in calls]
    assert all(0 <= share_of(call) < 100 for call in calls)


class SetClock(LoopClock):
    """A machine whose clock somebody sets."""

    off_s = 0.0

    def now(self) -> float:
        return super().now() + self.off_s


@pytest.mark.parametrize("off_s", [3600.0, -3600.0])
def test_M5_a_clock_that_is_set_in_a_call_changes_no_length(off_s: float) -> None:
    clock = SetClock()

    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        del world, desk, call
        clock.off_s = off_s
        await asyncio.sleep(20.0)

    world = told(story, clock=clock)
    (record, _), *_ = world.journal.calls.values()
    assert record.talk_s == pytest.approx(25.0, abs=1.0)
    assert world.recorder.tapes[0].base_s == pytest.approx(25.0, abs=1.0)
    assert record.ended_at is not None
    assert record.connected_at is not None
    assert record.ended_at > record.connected_at


@pytest.mark.parametrize("taped_s", [9.0, None])
def test_M5_hung_up_while_we_were_away_is_as_long_as_what_was_taped(taped_s: float | None) -> None:
    async def story(world: World, desk: RecordingDesk, call: CallId) -> None:
        del desk, call
        await world.kill()
        world.recorder.taped = taped_s
        world.telephone.all_hang_up()
        await world.settle(600.0)
        await world.start()

    world = told(story)
    (record, _), *_ = world.journal.calls.values()
    if taped_s is None:
        assert not world.recorder.tapes[0].unseen
    else:
        assert world.recorder.tapes[0].unseen
        assert world.recorder.tapes[0].base_s == pytest.approx(taped_s)
        assert record.talk_s == pytest.approx(taped_s, abs=0.5)
        assert record.ended_at == pytest.approx((record.connected_at or 0) + taped_s, abs=0.5)
