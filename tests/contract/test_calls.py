"""What happens to a call under ARI, the same on the fake and on a real Asterisk."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from ari_app.asterisk.ari import Conflict, Gone, Ok, Refused, Unavailable
from ari_app.asterisk.ari.events import (
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelLeftBridge,
    PlaybackFinished,
    PlaybackStarted,
    StasisEnd,
    StasisStart,
)
from ari_app.asterisk.ari.news import Connected
from tests.contract.bench import Bench, Listener, until, value


def _is_of(leg: str, event: StasisStart | ChannelEnteredBridge) -> bool:
    return event.channel is not None and event.channel.id == leg


async def _heard(bench: Bench, app: Listener, digit: str) -> None:
    """One digit may be lost while the far phone's sound is not up yet: it is pressed until it is heard."""

    async def is_heard() -> bool:
        await bench.press("c1", digit)
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                await app.next(ChannelDtmfReceived)
        return "ChannelDtmfReceived" in app.names()

    await until(is_heard, "the digit is heard")


async def test_a_call_enters_with_arguments_and_caller(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha", "hello", "world")
        start = await app.next(StasisStart)
        assert start.channel.id == "c1"
        assert start.args == ["hello", "world"]
        assert start.channel.state == "Up"
        assert start.application == "alpha"
        assert value(await app.ops.channels.get("c1")).id == "c1"
        assert "c1" in value(await app.ops.applications.get("alpha")).channel_ids
        assert isinstance(await app.ops.channels.answer("c1"), Ok)


async def test_a_channel_that_is_not_there_is_gone(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        ops = app.ops
        assert isinstance(await ops.channels.get("nobody"), Gone)
        assert isinstance(await ops.channels.answer("nobody"), Gone)
        assert isinstance(await ops.channels.hangup("nobody"), Gone)
        assert isinstance(await ops.channels.get_variable("nobody", "CHANNEL(checkhangup)"), Gone)
        assert isinstance(await ops.playbacks.stop("nothing"), Gone)
        assert isinstance(await ops.bridges.destroy("nowhere"), Gone)
        assert isinstance(await ops.recordings.stop("nothing"), Gone)


async def test_what_is_posted_is_done_before_what_is_asked_afterwards(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        await app.ops.channels.play("c1", ["tone:ring"], "p1")
        await app.next(PlaybackStarted)
        assert isinstance(await app.ops.playbacks.stop_soon("p1"), Ok)
        assert isinstance(await app.ops.channels.continue_in_dialplan("c1", "nowhere", "s"), Ok)
        await app.next(StasisEnd)  # an endless tone that went on would hold it up for ever
        assert isinstance(await app.ops.playbacks.stop_soon("p1"), Ok), "nobody waits for the answer"


async def test_digits_come_one_by_one(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        await _heard(bench, app, "4")
        await bench.press("c1", "7#")
        await app.next(ChannelDtmfReceived, lambda e: e.digit == "#")
        digits = [e.digit for e in app.seen if isinstance(e, ChannelDtmfReceived)]
        assert digits[-2:] == ["7", "#"]
        assert set(digits[:-2]) == {"4"}


async def test_a_playback_tells_its_start_and_end(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        playback = value(await app.ops.channels.play("c1", ["sound:beep"], "p1"))
        assert (playback.id, playback.target_uri) == ("p1", "channel:c1")
        await app.next(PlaybackStarted, lambda e: e.playback.id == "p1")
        done = await app.next(PlaybackFinished, lambda e: e.playback.id == "p1")
        assert done.playback.state == "done"

        async def gone() -> bool:
            return isinstance(await app.ops.playbacks.stop("p1"), Gone)

        await until(gone, "the playback is gone")


async def test_a_playback_can_be_stopped(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        value(await app.ops.channels.play("c1", ["tone:ring"], "endless"))
        await app.next(PlaybackStarted)

        async def is_stopped() -> bool:
            return isinstance(await app.ops.playbacks.stop("endless"), Ok)

        # Asterisk tells of the start a moment before the sound can be stopped (`controllable`, 22.10).
        await until(is_stopped, "the playback is stopped")
        assert (await app.next(PlaybackFinished)).playback.id == "endless"


async def test_a_prompt_that_is_missing_fails_in_its_end(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        value(await app.ops.channels.play("c1", ["sound:no-such-prompt"], "p1"))
        assert (await app.next(PlaybackFinished)).playback.state == "failed"


async def test_variables_are_kept_whatever_they_contain(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        odd = 'x=1&y=é,+%41 ${EXTEN} "quoted" /?#'
        assert isinstance(await app.ops.channels.set_variable("c1", "ODD", odd), Ok)
        assert value(await app.ops.channels.get_variable("c1", "ODD")).value == odd
        assert isinstance(await app.ops.channels.get_variable("c1", "UNSET"), Gone)


async def test_continue_hands_the_channel_to_the_dialplan(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        channels = app.ops.channels
        assert isinstance(await channels.continue_in_dialplan("c1", "contract", "after"), Ok)
        await app.next(StasisEnd)

        async def is_there() -> bool:
            return value(await channels.get("c1")).dialplan.exten == "after"

        await until(is_there, "the channel is in the dialplan")
        assert isinstance(await channels.set_variable("c1", "A", "1"), Conflict)
        assert isinstance(await channels.play("c1", ["sound:beep"], "p1"), Conflict)
        assert isinstance(await channels.continue_in_dialplan("c1", "contract", "after"), Conflict)
        assert isinstance(await channels.hangup("c1"), Ok)

        async def is_gone() -> bool:
            return isinstance(await channels.hangup("c1"), Gone)

        await until(is_gone, "the channel is gone")


async def test_the_caller_hangs_up(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        await bench.hang_up("c1")
        await app.next(ChannelHangupRequest)
        await app.next(StasisEnd)

        async def is_gone() -> bool:
            return isinstance(await app.ops.channels.get("c1"), Gone)

        await until(is_gone, "the channel is gone")
        assert app.names().index("ChannelHangupRequest") < app.names().index("StasisEnd")


async def test_we_hang_up(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        assert isinstance(await app.ops.channels.hangup("c1", "busy"), Ok)
        await app.next(StasisEnd)


async def test_an_id_in_use_is_a_conflict_and_free_after_the_end(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        legs, channels = app.ops.legs, app.ops.channels
        again = await legs.originate("c1", "Local/ring@contract", context="contract", extension="after")
        assert isinstance(again, Conflict)
        await channels.hangup("c1")

        async def is_free() -> bool:
            made = await legs.originate("c1", "Local/ring@contract", context="contract", extension="after")
            return isinstance(made, Ok)

        await until(is_free, "the id can be used again")


async def test_an_unreachable_phone_is_told_at_once(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        legs = app.ops.legs
        for _ in range(2):
            # The first Conflict leaves its errno behind in Asterisk's thread: the next failure lies.
            await legs.originate("c1", "Local/ring@contract", context="contract", extension="after")
            failed = await legs.originate("x1", "PJSIP/9999", context="contract", extension="after")
            assert isinstance(failed, Unavailable)
            assert failed.reason == "server_error"
            assert not failed.in_doubt
        assert isinstance(await app.ops.channels.get("x1"), Gone)


async def test_two_legs_meet_in_a_bridge(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        for leg in ("c1", "c2"):
            await bench.arrive(leg, "alpha")
            await app.next(StasisStart, partial(_is_of, leg))
        bridges = app.ops.bridges
        assert value(await bridges.create("b1")).id == "b1"
        assert isinstance(await bridges.create("b1"), Conflict)
        assert isinstance(await bridges.add_channel("b1", ["c1", "c2"]), Ok)
        for leg in ("c1", "c2"):
            await app.next(ChannelEnteredBridge, partial(_is_of, leg))
        assert sorted(value(await bridges.get("b1")).channels) == ["c1", "c2"]
        assert isinstance(await bridges.add_channel("b1", ["nobody"]), Gone)
        assert isinstance(await bridges.add_channel("nowhere", ["c1"]), Gone)
        assert isinstance(await bridges.remove_channel("b1", ["c2"]), Ok)
        await app.next(ChannelLeftBridge, lambda e: e.channel.id == "c2")
        await app.ops.channels.continue_in_dialplan("c2", "contract", "after")
        await app.next(StasisEnd, lambda e: e.channel.id == "c2")
        assert isinstance(await bridges.add_channel("b1", ["c2"]), Conflict)
        assert isinstance(await bridges.destroy("b1"), Ok)

        async def is_gone() -> bool:  # once its channels have left it
            return isinstance(await bridges.get("b1"), Gone)

        await until(is_gone, "the bridge is gone")
        assert value(await app.ops.channels.get("c1")).id == "c1"


async def test_a_channel_moves_to_another_application(bench: Bench) -> None:
    async with Listener(bench, "alpha") as old, Listener(bench, "beta") as new:
        await bench.arrive("c1", "alpha")
        await old.next(StasisStart)
        assert isinstance(await old.ops.channels.move("c1", "beta", ["moved"]), Ok)
        await old.next(StasisEnd)
        assert (await new.next(StasisStart)).args == ["moved"]
        assert value(await new.ops.applications.get("beta")).channel_ids == ["c1"]


async def test_snoop_reaches_a_channel_outside_stasis(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        await app.ops.channels.continue_in_dialplan("c1", "contract", "after")
        await app.next(StasisEnd)
        value(await app.ops.channels.snoop("c1", "s1", "alpha", args=["spy"]))
        assert (await app.next(StasisStart, lambda e: e.channel.id == "s1")).args == ["spy"]
        assert isinstance(await app.ops.channels.hangup("s1"), Ok)


async def test_music_hold_mute_and_ring_are_obeyed(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        c = app.ops.channels
        for done in (
            await c.start_moh("c1"),
            await c.stop_moh("c1"),
            await c.hold("c1"),
            await c.unhold("c1"),
            await c.mute("c1", "in"),
            await c.unmute("c1", "in"),
            await c.ring("c1"),
            await c.stop_ring("c1"),
            await c.send_dtmf("c1", "1"),
            await c.set_variable("c1", "TIMEOUT(absolute)", "20"),
        ):
            assert isinstance(done, Ok), done


async def test_nonsense_is_refused(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        ops = app.ops
        refused = await ops.channels.hangup("c1", "nonsense")  # type: ignore[arg-type]
        assert isinstance(refused, Refused)
        assert refused.status == 400
        assert isinstance(await app.connection.subscribe("endpoint:PJSIP/9999"), Refused)
        assert isinstance(await app.connection.subscribe("nonsense:x"), Refused)
        assert isinstance(await app.connection.unsubscribe("endpoint:PJSIP/9999"), Ok)
        assert isinstance(await ops.device_states.put("PJSIP/1", "INUSE"), Conflict)


async def test_an_absent_application_lets_the_dialplan_go_on(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "nobody-home")

        async def failed() -> bool:
            status = await app.ops.channels.get_variable("c1", "CONTRACT_STATUS")
            return isinstance(status, Ok) and status.value.value == "FAILED"

        await until(failed, "STASISSTATUS is FAILED")


async def test_a_call_survives_the_application_and_is_not_announced_again(bench: Bench) -> None:
    async with Listener(bench, "alpha") as first:
        await bench.arrive("c1", "alpha")
        await first.next(StasisStart)
    async with Listener(bench, "alpha") as second:
        assert value(await second.ops.applications.get("alpha")).channel_ids == ["c1"]
        assert isinstance(await second.ops.channels.set_variable("c1", "MINE", "1"), Ok)
        await _heard(bench, second, "7")
        assert "StasisStart" not in second.names()
        assert isinstance(second.seen[0], Connected)


async def test_dynamic_configuration_is_written_read_and_removed(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        pbx = app.ops.asterisk
        made = value(await pbx.put_config("res_pjsip", "aor", "1999", {"max_contacts": "3"}))
        assert {"max_contacts": "3"}.items() <= {t.attribute: t.value for t in made}.items()
        read = value(await pbx.get_config("res_pjsip", "aor", "1999"))
        assert {"max_contacts": "3"}.items() <= {t.attribute: t.value for t in read}.items()
        assert isinstance(await pbx.put_config("res_pjsip", "aor", "1999", {"nonsense": "1"}), Refused)
        assert isinstance(await pbx.put_config("res_pjsip", "nonsense", "1999", {}), Gone)
        assert isinstance(await pbx.delete_config("res_pjsip", "aor", "1999"), Ok)
        assert isinstance(await pbx.delete_config("res_pjsip", "aor", "1999"), Gone)
        assert isinstance(await pbx.get_config("res_pjsip", "aor", "1999"), Gone)


async def test_the_pbx_tells_its_version(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        info = value(await app.ops.asterisk.info())
        assert info.system.version.startswith("22.")
        assert info.status.startup_time
        assert isinstance(await app.ops.device_states.put("Stasis:lamp", "INUSE"), Ok)
        assert value(await app.ops.device_states.get("Stasis:lamp")).state == "INUSE"
        assert isinstance(await app.ops.device_states.delete("Stasis:lamp"), Ok)
