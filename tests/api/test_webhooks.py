"""Webhooks over real HTTP: signed, at least once, patient, and no way into our own network (X10)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ari_app.model import facts
from ari_app.model.call import FinalState
from ari_app.model.facts import CallEnded, CallStarted, DigitPressed, RecordingAlarm
from ari_app.model.ids import CallId, ClientId
from ari_app.model.webhook import EVENTS, Delivery, Webhook
from ari_app.ports import Stamped
from ari_app.storage.secrets import SecretBox
from ari_app.storage.webhooks import WebhookStore
from ari_app.webhooks.courier import AGAIN_S, WEARY, Courier, after
from ari_app.webhooks.post import Answer, Poster, fault_of, may_reach
from ari_app.webhooks.signing import sign
from pbx.patience import PATIENCE_S
from tests.api.house import ACME, BETA, House
from tests.support.receiver import Receiver, receiving


def store_of(house: House) -> WebhookStore:
    return WebhookStore(house.database, SecretBox(b"k" * 32))


@asynccontextmanager
async def working(courier: Courier) -> AsyncIterator[None]:
    task = asyncio.create_task(courier.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def subscribed(house: House, receiver: Receiver, *events: str, **fields: Any) -> str:
    token = await house.token("admin")
    body = {"url": receiver.url, "events": list(events), "private": True, **fields}
    made = await house.ask("POST", "/webhooks", token, json=body)
    assert made.status == 201, made.body
    receiver.secret = made.json["secret"]
    return str(made.json["id"])


async def alarms(house: House, *kinds: str, client: ClientId = ACME) -> None:
    told = [Stamped(1_700_000_000.5, RecordingAlarm(kind, "why"), CallId("c1"), client) for kind in kinds]
    house.journal.put_facts(told)
    assert await house.journal.flush()
    house.courier.wake()


async def listed(house: House, ident: str, state: str = "") -> list[dict[str, Any]]:
    query = f"?state={state}" if state else ""
    page = await house.ask("GET", f"/webhooks/{ident}/deliveries{query}", await house.token("admin"))
    items: list[dict[str, Any]] = page.json["items"]
    return items


async def until_state(house: House, ident: str, state: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE_S):
        while len(items := await listed(house, ident, state)) != count:
            await asyncio.sleep(0.02)
    return items


def test_X10_signatures_are_those_of_the_standard_webhooks_specification() -> None:
    """The test vector of its reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_X10_a_subscriber_is_told_of_its_events_signed_and_once_each(house: House) -> None:
    await house.given_call("c1", final_state=FinalState.ANSWERED, ended_at=1_700_000_100.0)
    async with receiving() as receiver, working(house.courier):
        await subscribed(house, receiver, "call.ended", "recording.*", client="acme")
        house.journal.put_facts(
            [
                Stamped(1.0, CallStarted("+5511", "5000", "inbound"), CallId("c1"), ACME),
                Stamped(1.0, DigitPressed("4"), CallId("c1"), ACME),
                Stamped(1_700_000_100.0, CallEnded("answered", 16), CallId("c1"), ACME),
            ]
        )
        await alarms(house, "corrupt")
        await alarms(house, "orphan", client=BETA)
        await alarms(house, "store_away")
        await receiver.until(lambda got: len(got.got) >= 3)
    assert sorted(receiver.events()) == ["call.ended", "recording.alarm", "recording.alarm"]
    ended = next(one for one in receiver.got if one["type"] == "call.ended")
    assert ended["timestamp"] == "2023-11-14T22:15:00.000Z"
    assert (ended["data"]["final_state"], ended["data"]["call_id"]) == ("answered", "c1")
    assert ended["data"]["call"]["from"] == "+5511988887777"
    assert "digits" not in ended["data"]["call"], "what callers press is never sent"
    assert {one["data"]["client"] for one in receiver.got} == {"acme"}
    assert len(set(receiver.ids)) == 3
    assert receiver.refused == 0
    assert receiver.stamps[0] == int(house.clock.now())


async def test_X10_refused_and_unanswered_deliveries_are_tried_again_under_the_same_id(house: House) -> None:
    async with receiving() as receiver, working(house.courier):
        ident = await subscribed(house, receiver, "*")
        receiver.answers = [500, 503, 302]
        await alarms(house, "corrupt")
        for tries in range(1, 4):
            await receiver.until(lambda got, tries=tries: len(got.got) == tries)  # type: ignore[misc]
            (waiting,) = await until_pending(house, ident, tries)
            house.clock.advance(AGAIN_S[tries - 1] * 0.9)
            assert ident not in await house.courier._book.due(house.clock.now()), "not before its time"
            house.clock.advance(AGAIN_S[tries - 1] * 0.3)
        (done,) = await until_state(house, ident, "delivered", 1)
    assert len(set(receiver.ids)) == 1
    assert len(set(receiver.stamps)) == 4, "each try is signed anew"
    assert (done["attempts"], done["status"]) == (4, 204)
    assert waiting["error"] == "it redirects, and redirects are not followed"


async def until_pending(house: House, ident: str, attempts: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE_S):
        while not (items := [i for i in await listed(house, ident) if i["attempts"] == attempts]):
            await asyncio.sleep(0.02)
    return items


async def test_X10_what_was_given_up_is_listed_and_sent_once_more_when_asked(house: House) -> None:
    token = await house.token("admin")
    async with receiving() as receiver, working(house.courier):
        ident = await subscribed(house, receiver, "recording.alarm")
        receiver.answers = [500] * (len(AGAIN_S) + 1)
        await alarms(house, "corrupt")
        for tries in range(1, len(AGAIN_S) + 1):
            await until_pending(house, ident, tries)
            house.clock.advance(AGAIN_S[tries - 1] * 1.2 + 61)
            house.courier.wake()
        (dead,) = await until_state(house, ident, "dead", 1)
        assert (dead["attempts"], dead["status"], dead["error"]) == (len(AGAIN_S) + 1, 500, "status 500")
        async with asyncio.timeout(PATIENCE_S):
            while house.courier.counts.get("dead") != 1:
                await asyncio.sleep(0.02)
        house.clock.advance(61)
        assert (await house.ask("POST", f"/webhooks/{ident}/retry", token)).json == {"count": 1}
        await until_state(house, ident, "delivered", 1)
        one = f"/webhooks/{ident}/deliveries/{dead['id']}/retry"
        before = len(receiver.got)
        assert (await house.ask("POST", one, token)).json == {"count": 1}
        await receiver.until(lambda got: len(got.got) == before + 1)
        none = f"/webhooks/{ident}/deliveries/none/retry"
        assert (await house.ask("POST", none, token)).status == 404


async def test_X10_killed_between_post_and_mark_the_event_is_told_again_never_lost(house: House) -> None:
    async with receiving() as receiver:
        ident = await subscribed(house, receiver, "*")
        receiver.stall = asyncio.Event()
        async with working(house.courier):
            await alarms(house, *[f"kind-{number}" for number in range(9)])
            await until_state(house, ident, "pending", 9)
            async with asyncio.timeout(PATIENCE_S):
                while not house.courier._busy:
                    await asyncio.sleep(0.01)
        receiver.stall.set()
        async with Poster() as poster:
            other = Courier(
                book=store_of(house), facts=house.kit.archive, post=poster.post, clock=house.clock
            )
            async with working(other):
                await until_state(house, ident, "delivered", 9)
    assert {one["data"]["kind"] for one in receiver.got} == {f"kind-{number}" for number in range(9)}
    assert len(set(receiver.ids)) == 9


async def test_X10_a_receiver_that_is_away_holds_up_no_other_and_is_spared(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        away = f"http://127.0.0.1:{taken.getsockname()[1]}/hook"
        async with receiving() as receiver, working(house.courier):
            dead = await house.ask(
                "POST",
                "/webhooks",
                await house.token("admin"),
                json={"url": away, "events": ["*"], "private": True},
            )
            await subscribed(house, receiver, "*")
            await alarms(house, *["corrupt"] * 30)
            await receiver.until(lambda got: len(got.got) == 30)
            async with asyncio.timeout(PATIENCE_S):
                while house.courier._busy:
                    await asyncio.sleep(0.02)
            tried = [one for one in await listed(house, dead.json["id"]) if one["attempts"]]
    assert WEARY <= len(tried) <= WEARY + 4, "then it is left in peace for a while"


async def test_X10_a_receiver_that_is_gone_is_switched_off(house: House) -> None:
    async with receiving() as receiver, working(house.courier):
        ident = await subscribed(house, receiver, "*")
        receiver.answers = [410]
        await alarms(house, "corrupt")
        await until_state(house, ident, "dead", 1)
        token = await house.token("admin")
        async with asyncio.timeout(PATIENCE_S):
            while (await house.ask("GET", f"/webhooks/{ident}", token)).json["enabled"]:
                await asyncio.sleep(0.02)
        await alarms(house, "missing")
        changed = await house.ask("PATCH", f"/webhooks/{ident}", token, json={"enabled": True})
        assert changed.json["enabled"]
        await alarms(house, "orphan")
        await receiver.until(lambda got: len(got.got) == 2)
    assert [one["data"]["kind"] for one in receiver.got] == ["corrupt", "orphan"]


async def test_X10_a_test_event_and_a_new_secret(house: House) -> None:
    token = await house.token("admin")
    async with receiving() as receiver, working(house.courier):
        ident = await subscribed(house, receiver, "call.ended")
        renewed = await house.ask("POST", f"/webhooks/{ident}/rotate", token)
        receiver.secret = renewed.json["secret"]
        assert (await house.ask("POST", f"/webhooks/{ident}/test", token)).json["event"] == "webhook.test"
        await receiver.until(lambda got: got.events() == ["webhook.test"])
        one = (await house.ask("GET", f"/webhooks/{ident}", token)).json
        assert one["secret"] is None
        everything = (await house.ask("GET", "/audit", token)).body
        assert receiver.secret.encode() not in everything
        assert (await house.ask("DELETE", f"/webhooks/{ident}", token)).status == 204
        assert (await house.ask("GET", f"/webhooks/{ident}", token)).status == 404
    assert receiver.refused == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://10.0.0.7/x",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/x",
        "http://example.com/x",
        "ftp://example.com/x",
        "https:///x",
        "https://user:secret@example.com/x",
        "https://example.com/x#y",
        "https://example.com:99999/x",
        "https://example.com/\nx",
        "javascript:alert(1)",
    ],
)
async def test_X10_addresses_that_lead_inside_or_nowhere_are_refused(house: House, url: str) -> None:
    body = {"url": url, "events": ["*"]}
    refused = await house.ask("POST", "/webhooks", await house.token("admin"), json=body)
    assert refused.status == 422, url
    assert refused.json["detail"].startswith("url: ")


async def test_X10_names_that_resolve_inside_are_not_reached_and_clouds_never(house: House) -> None:
    async with receiving() as receiver, Poster() as poster:
        port = receiver.url.split(":")[2].split("/")[0]
        for host in ("localhost", "2130706433", "0x7f.1"):
            webhook = Webhook("w", f"https://{host}:{port}/hook", ("*",), 0.0)
            delivery = Delivery("m", "w", 1, "webhook.test", "{}", 0.0, 0.0)
            answer = await poster.post(webhook, delivery, "whsec_QUFB", 1.0)
            assert answer.status == 0
            assert "private address" in answer.error or "canonical" in answer.error, (host, answer.error)
    assert receiver.got == []
    for address in ("169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"):
        assert not may_reach(address, private=True)
    assert fault_of("http://169.254.169.254/", private=True)


async def test_X10_only_the_installations_admin_has_its_own_network_told(house: House) -> None:
    bound = await house.token("admin", ACME)
    body = {"url": "http://192.168.1.9/hook", "events": ["*"], "private": True}
    assert (await house.ask("POST", "/webhooks", bound, json=body)).status == 403
    assert (
        await house.ask("POST", "/webhooks", bound, json=body | {"private": False, "client": "beta"})
    ).status == 403
    public = {"url": "https://example.com/hook", "events": ["*"]}
    made = await house.ask("POST", "/webhooks", bound, json=public)
    assert made.json["client"] == "acme"
    path = f"/webhooks/{made.json['id']}"
    assert (await house.ask("PATCH", path, bound, json={"private": True})).status == 403
    assert (await house.ask("GET", path, await house.token("admin", BETA))).status == 404
    for events in (["call.pressed"], ["*.*"], ["call"], [""]):
        wrong = await house.ask("POST", "/webhooks", bound, json=public | {"events": events})
        assert wrong.status == 422, events


def test_X10_every_event_that_is_told_is_a_fact_and_no_key_pressed_is_among_them() -> None:
    assert all(hasattr(facts, kind) for kind in EVENTS)
    assert "DigitPressed" not in EVENTS
    assert len(set(EVENTS.values())) == len(EVENTS)


def test_X10_patience_grows_and_ends_and_a_receiver_may_ask_for_more() -> None:
    delivery, now, waits = Delivery("m", "w", 1, "x", "{}", 0.0, 0.0), 0.0, []
    while delivery.state == "pending":
        delivery = after(delivery, Answer(500), now)
        waits.append(delivery.next_at - now)
        now = delivery.next_at
    assert waits[:-1] == sorted(waits[:-1])
    assert now > 86_400.0, "a receiver may be away for a day"
    asked = after(Delivery("m", "w", 1, "x", "{}", 0.0, 0.0), Answer(429, wait_s=1e9), 0.0)
    assert 3600.0 <= asked.next_at < 4000.0
