"""Each defect of panoramisk 1.4 that was measured is shown to be gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ari_app.asterisk.ami import (
    Ami,
    AmiConnected,
    AmiDisconnected,
    AmiNews,
    AmiOperations,
    AmiSettings,
    AmiUnauthorized,
)
from ari_app.asterisk.ari import Conflict, Gone, Ok, Refused, Unavailable
from ari_app.asterisk.ari.backoff import Backoff
from pbx.patience import PATIENCE_S
from tests.fakes.ami_server import FakeAmi, error, silence, success

QUICK = Backoff(first_s=0.01, cap_s=0.05)


class Desk:
    """A running AMI client and what it told."""

    def __init__(self, server: FakeAmi, **settings: Any) -> None:
        given: dict[str, Any] = {
            "secret": server.secret,
            "deadline_s": PATIENCE_S,
            "backoff": QUICK,
            "refused_retry_s": 0.05,
        }
        self.news: list[AmiNews] = []
        self.events: list[dict[str, str]] = []
        self.fault: Exception | None = None
        account = AmiSettings("127.0.0.1", server.port, "ramal", **(given | settings))
        self.ami = Ami(account, on_event=self._take, on_news=self.news.append, seed=1)
        self.ops = AmiOperations(self.ami)

    def _take(self, event: dict[str, str]) -> None:
        self.events.append(event)
        if self.fault is not None:
            raise self.fault


async def until(check: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while not check():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.005)


@asynccontextmanager
async def running(server: FakeAmi, **settings: Any) -> AsyncIterator[Desk]:
    desk = Desk(server, **settings)
    task = asyncio.create_task(desk.ami.run())
    yield desk
    desk.ami.close()
    await asyncio.wait_for(task, PATIENCE_S)


@asynccontextmanager
async def connected(server: FakeAmi, **settings: Any) -> AsyncIterator[Desk]:
    async with running(server, **settings) as desk:
        await until(lambda: desk.ami.is_connected)
        yield desk


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\rb", "a\x00b", "x" * 901])
async def test_a_value_cannot_smuggle_in_an_action(value: str) -> None:
    async with FakeAmi() as server, connected(server) as desk:
        with pytest.raises(ValueError, match="Interface"):
            await desk.ops.add_to_queue("q", value, name="n")
        with pytest.raises(ValueError, match="not the name"):
            await desk.ami.action("Ping", {"X\r\nAction": "Originate"})
        assert server.names() == ["Login"]


async def test_originate_cannot_be_sent() -> None:
    async with FakeAmi() as server, connected(server) as desk:
        for name in ("Originate", "Command", "AGI", "originate", "DBPut"):
            with pytest.raises(ValueError, match="not one that is used"):
                await desk.ami.action(name, {})
        assert server.names() == ["Login"]


@pytest.mark.parametrize(
    ("file", "options"),
    [("a.raw,b,rm -rf", ""), ("a.raw", "D,rm"), ("a b.raw", ""), ("${X}.raw", ""), ("", ""), ("a|b.raw", "")],
)
async def test_a_recording_cannot_name_a_command(file: str, options: str) -> None:
    async with FakeAmi() as server, connected(server) as desk:
        with pytest.raises(ValueError, match="MixMonitor"):
            await desk.ops.start_mix_monitor("PJSIP/1-1", file, options=options)


async def test_an_action_without_answer_ends_in_time_and_is_not_sent_again() -> None:
    async with FakeAmi() as server, connected(server, deadline_s=0.3) as desk:
        server.replies["Redirect"] = silence
        answer = await desk.ops.redirect("PJSIP/1-1", context="c", extension="s")
        assert isinstance(answer, Unavailable)
        assert (answer.reason, answer.in_doubt) == ("timeout", True)
        assert desk.ami._manager is not None
        assert desk.ami._manager.protocol.responses == {}


async def test_a_lost_reply_and_a_reconnect_send_nothing_twice() -> None:
    async with FakeAmi() as server, connected(server) as desk:

        def drop(_: dict[str, str]) -> str:
            server.cut()
            return ""

        server.replies["QueueAdd"] = drop
        answer = await desk.ops.add_to_queue("q", "PJSIP/1")
        assert isinstance(answer, Unavailable)
        assert (answer.reason, answer.in_doubt) == ("disconnected", True)
        await until(lambda: server.connections == 2 and desk.ami.is_connected)
        assert isinstance(await desk.ami.action("Ping", {}), Ok)
        assert server.names().count("QueueAdd") == 1
        kinds = [type(item) for item in desk.news]
        assert kinds == [AmiConnected, AmiDisconnected, AmiConnected]


async def test_a_raising_handler_does_not_drop_the_connection() -> None:
    async with FakeAmi() as server, connected(server, events="call") as desk:
        desk.fault = RuntimeError("handler")
        server.say("Event: Newchannel\r\nChannel: PJSIP/1-1\r\n\r\n")
        await until(lambda: any(event.get("Event") == "Newchannel" for event in desk.events))
        assert isinstance(await desk.ami.action("Ping", {}), Ok)
        assert server.connections == 1


async def test_a_dead_peer_is_noticed_by_ping() -> None:
    async with FakeAmi() as server, connected(server, ping_every_s=0.02, ping_deadline_s=0.05) as desk:
        server.replies["Ping"] = silence
        await until(lambda: any(isinstance(item, AmiDisconnected) for item in desk.news))
        server.replies["Ping"] = success
        await until(lambda: server.connections >= 2 and desk.ami.is_connected)


async def test_a_bad_secret_is_told_once_tried_slowly_and_ended_by_close() -> None:
    async with FakeAmi() as server:
        async with running(server, secret="wrong") as desk:
            await until(lambda: server.connections >= 3)
            assert desk.news == [AmiUnauthorized("Authentication failed")]
            answer = await desk.ami.action("Ping", {})
            assert isinstance(answer, Unavailable)
        most = server.connections + 1  # one may be on its way
        await asyncio.wait_for(_stays(lambda: server.connections <= most, 0.2), PATIENCE_S)


async def _stays(check: Callable[[], bool], seconds: float) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        assert check()
        await asyncio.sleep(0.01)


async def test_a_corrected_secret_lets_us_in() -> None:
    async with FakeAmi("new") as server, running(server, secret="old") as desk:
        await until(lambda: len(desk.news) == 1)
        server.secret = "old"
        await until(lambda: desk.ami.is_connected)
        assert [type(item) for item in desk.news] == [AmiUnauthorized, AmiConnected]


async def test_actions_before_connect_are_unavailable() -> None:
    async with FakeAmi() as server:
        desk = Desk(server)
        answer = await desk.ami.action("Ping", {})
        assert isinstance(answer, Unavailable)
        assert not answer.in_doubt


async def test_an_asterisk_that_is_not_there_yet_is_waited_for() -> None:
    server = FakeAmi()
    async with server:
        port = server.port
    server.port = port
    desk = Desk(server)
    task = asyncio.create_task(desk.ami.run())
    async with server:
        await until(lambda: desk.ami.is_connected)
        desk.ami.close()
        await asyncio.wait_for(task, PATIENCE_S)


async def test_added_interface_is_one_answer_and_errors_end_lists() -> None:
    async with FakeAmi() as server, connected(server) as desk:
        server.replies["QueueAdd"] = lambda f: success(f, "Added interface to queue")
        assert isinstance(await desk.ops.add_to_queue("q", "PJSIP/1"), Ok)
        server.replies["QueueAdd"] = lambda f: error(f, "Unable to add interface: Already there")
        assert isinstance(await desk.ops.add_to_queue("q", "PJSIP/1"), Conflict)
        server.replies["QueueRemove"] = lambda f: error(f, "Unable to remove interface: Not there")
        assert isinstance(await desk.ops.remove_from_queue("q", "PJSIP/1"), Gone)
        server.replies["QueueStatus"] = lambda f: error(f, "Permission denied")
        refused = await desk.ops.queue_members("q")
        assert isinstance(refused, Refused)
        assert refused.status == 403


async def test_a_list_is_collected_to_its_end() -> None:
    def members(fields: dict[str, str]) -> str:
        action = f"ActionID: {fields['ActionID']}\r\n"
        one = f"Event: QueueMember\r\n{action}Queue: q\r\nName: Ana\r\nLocation: PJSIP/1\r\nPaused: 1\r\n\r\n"
        end = f"Event: QueueStatusComplete\r\n{action}EventList: Complete\r\n\r\n"
        return success(fields, "Queue status will follow", EventList="start") + one + end

    async with FakeAmi() as server, connected(server) as desk:
        server.replies["QueueStatus"] = members
        answer = await desk.ops.queue_members("q")
        assert isinstance(answer, Ok)
        (member,) = answer.value
        assert (member.interface, member.name, member.is_paused) == ("PJSIP/1", "Ana", True)


async def test_nonsense_from_the_server_does_not_end_the_client() -> None:
    async with FakeAmi() as server, connected(server) as desk:
        server.say("\r\n\r\nnonsense\r\n\r\n: :\r\n\r\nEvent:\r\n\r\n\xff\xfe\r\n\r\n")
        assert isinstance(await desk.ami.action("Ping", {}), Ok)
