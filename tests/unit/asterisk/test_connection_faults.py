"""What the connection does when the network or Asterisk fails under it, on the fake."""

from __future__ import annotations

import asyncio
import json

import pytest

from ari_app.asterisk.ari import Ok, Settings, Unavailable, UnknownEvent
from ari_app.asterisk.ari.backoff import Backoff
from ari_app.asterisk.ari.events import ChannelDtmfReceived, StasisStart
from ari_app.asterisk.ari.news import Connected, Disconnected
from tests.contract.bench import Listener, until
from tests.fakes.ari_server import FakeAri

QUICK = {"backoff": Backoff(first_s=0.01, cap_s=0.05)}


async def test_a_dropped_socket_is_told_and_made_again() -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", **QUICK) as app:
        await fake.arrive("c1", "alpha")
        await app.next(StasisStart)
        await fake.cut("alpha")
        await app.next(Disconnected)
        again = await app.next(Connected, lambda news: news.number == 2)
        assert again.problems == ()
        assert app.names().count("StasisStart") == 1
        await fake.press("c1", "1")
        await app.next(ChannelDtmfReceived)


async def test_asterisk_goes_and_comes_back() -> None:
    fake = FakeAri()
    await fake.open()
    async with Listener(fake, "alpha", **QUICK) as app:
        await fake.shut()
        await app.next(Disconnected)
        away = await app.ops.channels.get("c1")
        assert isinstance(away, Unavailable)
        assert not away.in_doubt
        fake.world.apps.clear()
        await fake.open()
        await app.next(Connected, lambda news: news.number == 2)
        assert isinstance(await app.ops.asterisk.info(), Ok)
        assert app.names().count("Disconnected") == 1
    await fake.shut()


async def test_a_lost_socket_fails_what_is_pending_at_once_and_in_doubt() -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", rest_sockets=1, **QUICK) as app:
        fake.is_frozen = True
        asking = [asyncio.create_task(app.ops.channels.answer(f"c{n}")) for n in range(3)]

        async def are_sent() -> bool:
            return app.connection._links[0].in_flight == 3

        await until(are_sent, "all requests are under way")
        fake.is_frozen = False
        await fake.cut("alpha-rest-1")
        for answer in await asyncio.gather(*asking):
            assert isinstance(answer, Unavailable)
            assert (answer.reason, answer.in_doubt) == ("disconnected", True)
        # The events' socket is another one, and the lost one is back for the next request.
        assert isinstance(await app.ops.asterisk.info(), Ok)
        assert "Disconnected" not in app.names()


async def test_a_request_without_answer_ends_at_its_deadline() -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", **QUICK) as app:
        fake.is_frozen = True
        answer = await app.ops.requester.request("GET", "asterisk/info", deadline_s=0.05)
        assert isinstance(answer, Unavailable)
        assert (answer.reason, answer.in_doubt) == ("timeout", True)
        assert app.ops.requester.in_flight == 0  # type: ignore[attr-defined]
        fake.is_frozen = False


async def test_a_dead_peer_is_noticed_by_heartbeat() -> None:
    """The fake reads no more, pings included, as a stopped process does."""
    async with FakeAri() as fake, Listener(fake, "alpha", heartbeat_s=0.1, **QUICK) as app:
        for socket in fake.sockets["alpha"]:
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.pause_reading()
        told = await app.next(Disconnected)
        assert told.reason
        await app.next(Connected, lambda news: news.number == 2)


async def test_one_calls_requests_keep_their_order() -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", **QUICK) as app:
        for call in range(20):
            fake.world.new_leg(f"c{call}", app="alpha")
        await asyncio.gather(
            *(
                app.connection.shard(f"c{call}").channels.set_variable(f"c{call}", "STEP", str(step))
                for step in range(20)
                for call in range(20)
            )
        )
        for call in range(20):
            steps = [q["value"] for _, uri, q in fake.world.requests if uri == f"channels/c{call}/variable"]
            assert steps == [str(step) for step in range(20)]
        used = {id(app.connection.shard(f"c{call}")) for call in range(20)}
        assert len(used) == app.connection.settings.rest_sockets


async def test_events_wait_for_the_owner_and_connected_comes_first() -> None:
    async with FakeAri() as fake:
        app = Listener(fake, "alpha", **QUICK)
        running = asyncio.create_task(app.connection.run())

        async def is_up() -> bool:
            return app.connection.is_connected

        await until(is_up, "connected")
        await fake.arrive("c1", "alpha")
        for _ in range(5000):
            await fake.press("c1", "1")

        async def has_all() -> bool:
            return app.connection.backlog == 5002

        await until(has_all, "all events are queued")
        app.connection.close()
        await running
        items = [item async for item in app.connection]
        assert isinstance(items[0], Connected)
        assert isinstance(items[1], StasisStart)
        assert len(items) == 5002


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"NobodyKnows","x":1}',
        '{"type":"StasisStart"}',
        '{"type":"StasisStart","channel":7,"args":null}',
        '{"type":"RESTResponse","request_id":"999","status_code":200}',
        '{"type":"RESTResponse","request_id":["x"],"status_code":"a"}',
        '{"x":"RESTResponse","y":"ApplicationReplaced"}',
        "[]",
        "null",
        "not json",
        "",
        '{"type":"ChannelDtmfReceived","digit":"\\ud800","channel":{"id":"x"}}',
    ],
)
async def test_a_strange_frame_never_ends_the_stream(frame: str) -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", **QUICK) as app:
        fake.say("alpha", frame)
        await fake.arrive("c1", "alpha")
        await app.next(StasisStart, lambda event: event.channel.id == "c1")
        assert "Disconnected" not in app.names()


async def test_a_callers_name_cannot_pass_for_another_frame() -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", **QUICK) as app:
        leg = fake.world.new_leg("c1")
        leg.caller = {"name": '"RESTResponse" "ApplicationReplaced"', "number": "ApplicationReplaced"}
        fake.world.enter(leg, "alpha")
        start = await app.next(StasisStart)
        assert start.channel.caller.number == "ApplicationReplaced"
        assert app.connection.is_connected


async def test_unknown_events_carry_their_text() -> None:
    async with FakeAri() as fake, Listener(fake, "alpha", **QUICK) as app:
        fake.say("alpha", json.dumps({"type": "Novelty", "detail": 1}))
        unknown = await app.next(UnknownEvent)
        assert (unknown.type, json.loads(unknown.raw)["detail"]) == ("Novelty", 1)


@pytest.mark.parametrize(
    ("field", "wrong"), [("base_url", "ws://x"), ("app", ""), ("app", "a,b"), ("rest_sockets", 0)]
)
def test_settings_name_the_field_that_is_wrong(field: str, wrong: object) -> None:
    good: dict[str, object] = {"base_url": "http://x", "user": "u", "password": "p", "app": "a"}
    with pytest.raises(ValueError, match=field):
        Settings(**(good | {field: wrong}))  # type: ignore[arg-type]


def test_a_password_is_never_shown() -> None:
    assert "hush" not in repr(Settings("http://x", "u", "hush", app="a"))
