"""The fallback queue's members follow who is signed in, and calls do not make us ask the PBX for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ari_app.asterisk import fallback
from ari_app.asterisk.ami import Ami, AmiSettings
from ari_app.asterisk.fallback import FallbackSync
from ari_app.model.ids import OperatorId
from pbx.patience import PATIENCE_S
from tests.fakes.ami_server import FakeAmi, Fields, error, success


class Pbx(FakeAmi):
    """Keeps one queue's members: interface → paused."""

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[str, str] = {}
        self.replies |= {"QueueStatus": self._status, "QueueAdd": self._add, "QueuePause": self._pause}
        self.replies["QueueRemove"] = self._remove

    def _status(self, fields: Fields) -> str:
        action = f"ActionID: {fields['ActionID']}\r\n"
        found = "".join(
            f"Event: QueueMember\r\n{action}Queue: q\r\nLocation: {interface}\r\nPaused: {paused}\r\n\r\n"
            for interface, paused in self.members.items()
        )
        end = f"Event: QueueStatusComplete\r\n{action}EventList: Complete\r\n\r\n"
        return success(fields, "Queue status will follow", EventList="start") + found + end

    def _add(self, fields: Fields) -> str:
        self.members[fields["Interface"]] = "1" if fields.get("Paused") == "true" else "0"
        return success(fields)

    def _pause(self, fields: Fields) -> str:
        self.members[fields["Interface"]] = "1" if fields["Paused"] == "true" else "0"
        return success(fields)

    def _remove(self, fields: Fields) -> str:
        del self.members[fields["Interface"]]
        return success(fields)

    def asked(self) -> int:
        return self.names().count("QueueStatus")


async def until(check: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while not check():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.005)


@asynccontextmanager
async def syncing(server: Pbx, wanted: dict[OperatorId, bool]) -> AsyncIterator[FallbackSync]:
    sync = FallbackSync(lambda: wanted)
    settings = AmiSettings("127.0.0.1", server.port, "ramal", server.secret, deadline_s=PATIENCE_S)
    ami = Ami(settings, on_news=sync.on_news, seed=1)
    async with asyncio.TaskGroup() as tasks:
        connection, keeper = tasks.create_task(ami.run()), tasks.create_task(sync.run(ami))
        yield sync
        keeper.cancel()
        ami.close()
        await connection


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "QUIET_S", 0.01)


async def test_X3_members_follow_and_calls_cost_nothing() -> None:
    wanted = {OperatorId("1001"): False}
    async with Pbx() as server, syncing(server, wanted) as sync:
        await until(lambda: server.members == {"PJSIP/1001": "0"})
        asked = server.asked()
        for _ in range(5):  # what a call changes: reserved, ringing, talking, available
            sync.changed()
            await until(lambda: not sync._dirty.is_set())
        assert server.asked() == asked, "nobody came or went, so the PBX is not asked"
        wanted[OperatorId("1002")] = True
        sync.changed()
        await until(lambda: server.members == {"PJSIP/1001": "0", "PJSIP/1002": "1"})
        del wanted[OperatorId("1001")]
        sync.changed()
        await until(lambda: server.members == {"PJSIP/1002": "1"})


async def test_X3_what_the_pbx_lost_is_there_again_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "AGAIN_S", 0.1)
    async with Pbx() as server, syncing(server, {OperatorId("1001"): False}):
        await until(lambda: bool(server.members))
        server.members.clear()
        await until(lambda: server.members == {"PJSIP/1001": "0"})


async def test_X3_what_was_refused_is_tried_at_the_next_change() -> None:
    async with Pbx() as server:
        add = server.replies["QueueAdd"]
        server.replies["QueueAdd"] = lambda fields: error(fields, "No such thing today")
        async with syncing(server, {OperatorId("1001"): False}) as sync:
            await until(lambda: "QueueAdd" in server.names())
            server.replies["QueueAdd"] = add
            sync.changed()
            await until(lambda: server.members == {"PJSIP/1001": "0"})
