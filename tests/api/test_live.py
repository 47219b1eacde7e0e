"""The live feed: snapshot, facts after a cursor, resuming, staleness, slow readers, revoked access."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import msgspec
import pytest

from ari_app.model.facts import DigitPressed, OfferMade
from ari_app.model.ids import CallId, ClientId, OfferId, OperatorId, QueueId
from ari_app.model.operator import Operator
from ari_app.ports import Stamped
from ari_app.web.api.live import LiveApi
from pbx.patience import PATIENCE_S
from tests.api.house import ACME, BETA, House


def digit(number: int, client: ClientId = ACME) -> Stamped:
    return Stamped(1_700_000_000.0 + number, DigitPressed(str(number)), CallId("c1"), client)


async def heard(socket: aiohttp.ClientWebSocketResponse, kind: str | None = None) -> dict[str, Any]:
    """The next message (of a kind)."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message: dict[str, Any] = msgspec.json.decode((await socket.receive_str()).encode())
            if kind in {None, message["type"]}:
                return message


def connect(house: House, token: str, query: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return house.http.ws_connect(f"{house.url}/api/v1/live{query}", headers=headers)


async def test_S1_a_page_gets_a_snapshot_then_facts_as_they_come(house: House) -> None:
    await house.given_call("c1")
    house.given_queue("support")
    await house.desk.create(Operator(OperatorId("1001"), "Ana", {}, client=ACME), by="test")
    house.journal.put_facts([digit(0)])
    await house.journal.flush()
    async with connect(house, await house.token("supervisor")) as socket:
        snapshot = await heard(socket)
        assert snapshot["type"] == "snapshot"
        assert [call["id"] for call in snapshot["calls"]] == ["c1"]
        assert [operator["extension"] for operator in snapshot["operators"]] == ["1001"]
        assert [queue["id"] for queue in snapshot["queues"]] == ["support"]
        assert snapshot["at"] == "2023-11-14T22:13:20.000Z"
        house.journal.put_facts([digit(1), digit(2)])
        first, second = await heard(socket, "fact"), await heard(socket, "fact")
        assert (first["fact"]["digit"], second["fact"]["digit"]) == ("1", "2")
        assert first["seq"] == snapshot["seq"] + 1
        ping = await heard(socket, "ping")
        assert (ping["seq"], ping["healthy"]) == (second["seq"], True)


async def test_a_page_resumes_by_its_cursor_without_gap_or_repeat(house: House) -> None:
    house.journal.put_facts([digit(n) for n in range(700)])
    await house.journal.flush()
    token = await house.token("supervisor")
    async with connect(house, token, "?after=0") as socket:
        seen = [await heard(socket, "fact") for _ in range(300)]
    async with connect(house, token, f"?after={seen[-1]['seq']}") as socket:
        seen += [await heard(socket, "fact") for _ in range(400)]
        house.journal.put_facts([digit(700)])
        seen.append(await heard(socket, "fact"))
    assert [int(message["fact"]["digit"]) for message in seen] == list(range(701))


async def test_a_cursor_of_another_database_is_answered_with_a_snapshot(house: House) -> None:
    async with connect(house, await house.token("supervisor"), "?after=999999") as socket:
        assert (await heard(socket))["type"] == "snapshot"


async def test_T1_the_feed_tells_only_the_own_clients_facts(house: House) -> None:
    async with connect(house, await house.token("supervisor", BETA)) as socket:
        await heard(socket, "snapshot")
        house.journal.put_facts([digit(1), digit(2, BETA), digit(3)])
        assert (await heard(socket, "fact"))["fact"]["digit"] == "2"
        assert (await heard(socket))["type"] == "ping"


async def test_an_operator_hears_only_of_the_own_offers(house: House) -> None:
    def offer(operator: str) -> Stamped:
        made = OfferMade(OfferId("o"), OperatorId(operator), QueueId("q"), 1.0, 0)
        return Stamped(1.0, made, CallId("c1"), ACME)

    async with connect(house, await house.token("operator", ACME, "1002")) as socket:
        assert (await heard(socket, "snapshot"))["queues"] == []
        house.journal.put_facts([offer("1001"), digit(1), offer("1002")])
        assert (await heard(socket, "fact"))["fact"]["operator"] == "1002"


async def test_revoked_access_closes_the_page(house: House) -> None:
    token = await house.token("supervisor")
    async with connect(house, token) as socket:
        await heard(socket, "snapshot")
        (known,) = (await house.tokens.page()).items
        await house.tokens.revoke(known.id)
        house.clock.advance(10)
        async with asyncio.timeout(PATIENCE_S):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert message.data == 4401


async def test_a_reader_that_takes_nothing_is_dropped_and_blocks_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.web.api.live.SEND_S", 4.0)
    token = await house.token("supervisor")
    big = [Stamped(1.0, DigitPressed("x" * 20_000), CallId("c1"), ACME) for _ in range(600)]
    async with connect(house, token) as slow, connect(house, token) as good:
        await heard(slow, "snapshot")
        await heard(good, "snapshot")
        assert slow._conn is not None
        assert slow._conn.transport is not None
        slow._conn.transport.pause_reading()
        house.journal.put_facts([*big, digit(1)])
        async with asyncio.timeout(PATIENCE_S):
            while (await heard(good, "fact"))["fact"]["digit"] != "1":
                pass
            (live,) = [resource for resource in house.resources if isinstance(resource, LiveApi)]
            while len(live._sockets) > 1:
                await asyncio.sleep(0.02)
        slow._conn.transport.resume_reading()


async def test_live_speaks_websocket_only_and_not_to_other_sites(house: House) -> None:
    token = await house.token("supervisor")
    assert (await house.ask("GET", "/live", token)).status == 400
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.http.ws_connect(
            f"{house.url}/api/v1/live",
            headers={"Authorization": f"Bearer {token}", "Origin": "http://evil.example"},
        )
    assert refused.value.status == 403
