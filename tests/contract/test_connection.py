"""How a connection lives and dies, the same on the fake and on a real Asterisk."""

from __future__ import annotations

import pytest

from ari_app.asterisk import ari
from ari_app.asterisk.ari import Ok, Refused, Replaced, Unauthorized, Unavailable
from ari_app.asterisk.ari.backoff import Backoff
from ari_app.asterisk.ari.events import ChannelStateChange, ChannelVarset, StasisEnd, StasisStart
from ari_app.asterisk.ari.news import Connected, Disconnected
from tests.contract.bench import Bench, Listener, value


async def test_a_second_process_takes_the_name_and_the_first_stops(bench: Bench) -> None:
    first = Listener(bench, "alpha")
    async with first:
        await bench.arrive("c1", "alpha")
        await first.next(StasisStart)
        async with Listener(bench, "alpha") as second:
            assert (await first.next(Replaced)).app == "alpha"
            told = await first.ops.channels.get("c1")
            assert isinstance(told, Unavailable)
            assert told.reason == "replaced"
            assert not told.in_doubt
            assert "Disconnected" not in first.names()
            assert value(await second.ops.channels.get("c1")).id == "c1"


async def test_the_default_filter_drops_what_nobody_reads(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        await app.ops.channels.set_variable("c1", "A", "1")
        await app.ops.channels.hangup("c1")
        await app.next(StasisEnd)
        assert not [event for event in app.seen if isinstance(event, ChannelVarset)]


async def test_an_allowed_list_still_lets_replies_through(bench: Bench) -> None:
    async with Listener(bench, "alpha", events_allowed=("StasisStart",), events_dropped=()) as app:
        await bench.arrive("c1", "alpha")
        await app.next(StasisStart)
        mine = value(await app.ops.applications.get("alpha"))
        assert {"type": "RESTResponse"} in mine.events_allowed
        assert not [event for event in app.seen if isinstance(event, ChannelStateChange)]


async def test_filter_and_subscriptions_of_an_earlier_life_are_reset(bench: Bench) -> None:
    async with Listener(bench, "setup") as other:
        for extension in ("1801", "1802"):
            fields = {"context": "x", "disallow": "all", "allow": "ulaw"}
            made = await other.ops.asterisk.put_config("res_pjsip", "endpoint", extension, fields)
            assert isinstance(made, Ok)
        first = Listener(bench, "alpha", events_dropped=("ChannelHold",))
        first.connection.plan_subscriptions("endpoint:PJSIP/1801")
        async with first:
            mine = value(await first.ops.applications.get("alpha"))
            assert mine.endpoint_ids == ["PJSIP/1801"]
        second = Listener(bench, "alpha", events_dropped=())
        second.connection.plan_subscriptions("endpoint:PJSIP/1802", "endpoint:PJSIP/1999")
        async with second:
            mine = value(await second.ops.applications.get("alpha"))
            assert mine.endpoint_ids == ["PJSIP/1802"]
            assert mine.events_disallowed == []
            news = await second.next(Connected)
            assert len(news.problems) == 1
            assert "PJSIP/1999" in news.problems[0]
        for extension in ("1801", "1802"):
            assert isinstance(await other.ops.asterisk.delete_config("res_pjsip", "endpoint", extension), Ok)


async def test_a_wrong_password_is_told_once_and_tried_slowly(bench: Bench) -> None:
    wrong = Listener(bench, "alpha", password="wrong", backoff=Backoff(0.01, 0.02), refused_retry_s=0.05)
    wrong.start()
    told = await wrong.next(Unauthorized)
    assert told.status == 401
    answer = await wrong.ops.asterisk.info()
    assert isinstance(answer, Unavailable)
    assert not answer.in_doubt
    assert wrong.names() == ["Unauthorized"]
    await wrong.stop()


async def test_a_request_too_large_for_the_socket_is_refused_here(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        refused = await app.ops.asterisk.set_global_variable("BIG", "x" * 70_000)
        assert isinstance(refused, Refused)
        assert refused.status == 413
        assert isinstance(await app.ops.asterisk.info(), Ok)
        assert "Disconnected" not in app.names()


async def test_plain_http_gives_the_same_answers(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        http = ari.Operations(app.connection.http)
        assert value(await http.asterisk.info()).system.version.startswith("22.")
        assert isinstance(await http.channels.get("no/bo dy"), ari.Gone)
        assert isinstance(await app.connection.http.download("recordings/stored/none/file", print), ari.Gone)


async def test_stopping_is_quiet(bench: Bench) -> None:
    async with Listener(bench, "alpha") as app:
        pass
    assert [type(item) for item in app.seen] == [Connected]
    answer = await app.ops.asterisk.info()
    assert isinstance(answer, Unavailable)
    with pytest.raises(RuntimeError, match="not running"):
        _ = app.connection.http
    assert not [item for item in app.seen if isinstance(item, Disconnected)]


async def test_a_socket_that_follows_another_at_once_is_never_deaf(bench: Bench) -> None:
    for _ in range(10):
        async with Listener(bench, "alpha") as app:
            assert isinstance(await app.ops.channels.list(), Ok)
