"""ari-py's own examples with `await` added (github.com/asterisk/ari-py, README and examples/)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ari_app.asterisk import ari
from tests.contract.bench import DEADLINE_S, Bench, Listener, until, value


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[ari.Client]:
    connected = await ari.connect(bench.base_url, bench.user, bench.password)
    yield connected
    await connected.close()


async def test_the_readme_example_runs(bench: Bench, client: ari.Client) -> None:
    played: list[str] = []

    async def on_dtmf(channel: Any, event: Any) -> None:
        digit = event["digit"]
        if digit == "#":
            await channel.play(media="sound:goodbye")
            await channel.continueInDialplan()
        elif digit == "*":
            await channel.play(media="sound:asterisk-friend")
        else:
            await channel.play(media=f"sound:digits/{digit}")

    async def on_start(channel: Any, event: Any) -> None:
        channel.on_event("ChannelDtmfReceived", on_dtmf)
        await channel.answer()
        await channel.play(media="sound:hello-world")

    client.on_channel_event("StasisStart", on_start)
    client.on_playback_event(
        "PlaybackFinished", lambda playback, _: played.append(playback.json["media_uri"])
    )
    client.on_playback_event("PlaybackStarted", lambda playback, _: playback.stop())
    running = asyncio.create_task(client.run(apps="hello"))
    async with Listener(bench, "watch") as watch:
        applications = watch.ops.applications

        async def is_registered() -> bool:
            return isinstance(await applications.get("hello"), ari.Ok)

        await until(is_registered, "the client is connected")
        await bench.arrive("c1", "hello")

        async def has_played(what: str) -> bool:
            return what in played

        await until(lambda: has_played("sound:hello-world"), "hello-world was played")
        await bench.press("c1", "5")
        await until(lambda: has_played("sound:digits/5"), "the digit was played back")
        await bench.press("c1", "#")

        async def has_left() -> bool:
            return not value(await applications.get("hello")).channel_ids

        await until(has_left, "the channel went on in the dialplan")
    await client.close()
    await asyncio.wait_for(running, DEADLINE_S)


async def test_the_bridge_and_cleanup_examples_read_the_same(bench: Bench, client: ari.Client) -> None:
    entered: list[str] = []
    failed: list[BaseException] = []
    client.exception_handler = failed.append
    bridge = await client.bridges.create(type="holding")
    assert bridge.json["bridge_type"] == "holding"
    assert bridge.id in [each.id for each in await client.bridges.list()]

    def on_enter(_bridge: Any, ev: Any) -> None:
        entered.append(ev["channel"]["id"])
        raise RuntimeError("a handler's fault ends nothing")

    handle = bridge.on_event("ChannelEnteredBridge", on_enter)

    async def stasis_start_cb(objects: Any, _ev: Any) -> None:
        channel = objects.get("channel")
        await channel.answer()
        await bridge.addChannel(channel=channel.id)

    client.on_channel_event("StasisStart", stasis_start_cb)
    running = asyncio.create_task(client.run(apps=["hello"]))

    async def is_registered() -> bool:
        return "hello" in [app["name"] for app in await client.applications.list()]

    await until(is_registered, "the client is connected")
    await bench.arrive("c1", "hello")

    async def both_seen() -> bool:
        return entered == ["c1"] and len(failed) == 1

    await until(both_seen, "the channel entered the bridge and the fault was reported")
    handle.close()
    handle.close()
    await bridge.destroy()

    async def is_gone() -> bool:  # the PBX takes the bridge down once its channels have left it
        try:
            await bridge.get()
        except ari.HTTPError as error:
            return error.response.status_code == 404
        return False

    await until(is_gone, "the bridge is gone")
    with pytest.raises(TypeError, match="missing"):
        await client.channels.get(channel="c1")
    with pytest.raises(AttributeError):
        _ = client.channels.nonsense
    with pytest.raises(ValueError, match="no Channel"):
        client.on_channel_event("PlaybackStarted", print)
    await client.close()
    await asyncio.wait_for(running, DEADLINE_S)


async def test_connect_says_what_is_wrong(bench: Bench) -> None:
    with pytest.raises(ari.HTTPError) as told:
        await ari.connect(bench.base_url, bench.user, "wrong")
    assert told.value.response.status_code == 401
    with pytest.raises(ari.HTTPError) as away:
        await ari.connect("http://127.0.0.1:9", bench.user, bench.password)
    assert away.value.response.status_code == 503
