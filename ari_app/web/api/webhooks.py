"""`/webhooks`: who is told of what happens, what is on its way, what was given up (X10)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ari_app.model.ids import ClientId
from ari_app.model.webhook import EVENTS, TEST_EVENT, Delivery, DeliveryState, Webhook, is_pattern
from ari_app.ports import NotFound
from ari_app.web.api.inputs import Cursor, Key, Limit
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import ADMINS, AUDITORS, Ask, Principal, Route
from ari_app.web.views import Listing, Time, rfc3339

MOST = 50
"""Receivers of one client (or of the installation)."""
Url = Annotated[str, Meta(min_length=8, max_length=2000)]
Event = Annotated[str, Meta(max_length=64)]
Events = Annotated[list[Event], Meta(min_length=1, max_length=64)]


class Store(Protocol):
    """Webhooks in the store."""

    async def add(self, webhook: Webhook, secret: str) -> None: ...
    async def change(self, webhook: Webhook, *, resumed: bool = False) -> None: ...
    async def put_secret(self, ident: str, secret: str) -> None: ...
    async def drop(self, ident: str) -> None: ...
    async def find(self, ident: str) -> Webhook | None: ...
    async def all(self, client: ClientId | None = None) -> list[Webhook]: ...
    async def put(self, webhook: str, deliveries: list[Delivery], cursor: int | None) -> None: ...
    async def deliveries(
        self, webhook: str, *, state: DeliveryState | None = None, before: int | None = None, limit: int = 50
    ) -> list[Delivery]: ...
    async def again(self, webhook: str, *, now: float, delivery: str | None = None) -> int: ...


class WebhookIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new receiver; `private`: it lies in our own network (only the installation's admin may allow it)."""

    url: Url
    events: Events
    client: Key | None = None
    private: bool = False
    enabled: bool = True


class WebhookPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    private: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class WebhookOut(msgspec.Struct, frozen=True):
    """A receiver; `secret` is told when it is made or renewed, never again."""

    id: str
    url: str
    events: list[str]
    client: str | None
    private: bool
    enabled: bool
    created_at: Time
    secret: str | None = None


class DeliveryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which deliveries; `dead` is the dead-letter list."""

    state: Literal["pending", "delivered", "dead"] | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


class DeliveryOut(msgspec.Struct, frozen=True):
    """One event for one receiver; `status` is that of the last answer, 0 when there was none."""

    id: str
    event: str
    state: DeliveryState
    attempts: int
    status: int
    error: str
    created_at: Time
    next_at: Time | None
    body: str


class AgainOut(msgspec.Struct, frozen=True):
    """How many are sent once more."""

    count: int


class EventsOut(msgspec.Struct, frozen=True):
    """What can be subscribed to; also `*` and `call.*`."""

    events: list[str]


def webhook_out(webhook: Webhook, secret: str | None = None) -> WebhookOut:
    """A receiver as the API shows it."""
    return WebhookOut(
        webhook.id,
        webhook.url,
        list(webhook.events),
        webhook.client,
        webhook.private,
        webhook.enabled,
        rfc3339(webhook.created_at),
        secret,
    )


def delivery_out(delivery: Delivery) -> DeliveryOut:
    """A delivery as the API shows it."""
    return DeliveryOut(
        delivery.id,
        delivery.event,
        delivery.state,
        delivery.attempts,
        delivery.status,
        delivery.error,
        rfc3339(delivery.created_at),
        rfc3339(delivery.next_at) if delivery.state == "pending" else None,
        delivery.body,
    )


@dataclass(frozen=True, slots=True)
class WebhooksApi:
    """Receivers and deliveries.

    `wake` has the courier look at once, `fault_of` says what is wrong with a URL, `body_of` makes a body.
    """

    store: Store
    wake: Callable[[], None]
    new_secret: Callable[[], str]
    fault_of: Callable[[str, bool], str]
    body_of: Callable[[str, float, dict[str, object]], str]

    def routes(self) -> list[Route]:
        path, one, told = "/webhooks", "/webhooks/{id}", Listing[DeliveryOut]
        out, again = WebhookOut, AgainOut
        return [
            Route("GET", path, self.all, "Who is told of events", AUDITORS, answer=Listing[WebhookOut]),
            Route("GET", f"{path}/events", self.events, "What can be told", AUDITORS, answer=EventsOut),
            Route(
                "POST",
                path,
                self.add,
                "Tell somebody of events; the secret is told this once",
                ADMINS,
                body=WebhookIn,
                answer=out,
                status=201,
                problems=(409,),
            ),
            Route("GET", one, self.one, "One receiver", AUDITORS, answer=out, problems=(404,)),
            Route(
                "PATCH",
                one,
                self.change,
                "Change a receiver; one that is enabled again hears of what comes from now on",
                ADMINS,
                body=WebhookPatch,
                answer=out,
                problems=(404,),
            ),
            Route("DELETE", one, self.drop, "Tell it nothing more", ADMINS, problems=(404,)),
            Route(
                "POST",
                f"{one}/rotate",
                self.rotate,
                "A new secret, told this once; the old one ends at once",
                ADMINS,
                answer=out,
                problems=(404,),
            ),
            Route(
                "POST",
                f"{one}/test",
                self.test,
                f"Send it the event `{TEST_EVENT}`",
                ADMINS,
                answer=DeliveryOut,
                problems=(404, 409),
            ),
            Route(
                "GET",
                f"{one}/deliveries",
                self.deliveries,
                "What was told, is on its way, or was given up, newest first",
                AUDITORS,
                query=DeliveryQuery,
                answer=told,
                problems=(404,),
            ),
            Route(
                "POST",
                f"{one}/retry",
                self.retry_all,
                "Send once more all that was given up",
                ADMINS,
                answer=again,
                problems=(404,),
            ),
            Route(
                "POST",
                f"{one}/deliveries/{{delivery}}/retry",
                self.retry,
                "Send one delivery once more",
                ADMINS,
                answer=again,
                problems=(404,),
            ),
        ]

    async def events(self, ask: Ask) -> EventsOut:
        del ask
        return EventsOut(sorted(EVENTS.values()))

    async def all(self, ask: Ask) -> Listing[WebhookOut]:
        return Listing([webhook_out(one) for one in await self.store.all(ask.principal.client)])

    async def one(self, ask: Ask) -> WebhookOut:
        return webhook_out(await self._visible(ask))

    async def add(self, ask: Ask) -> WebhookOut:
        body: WebhookIn = ask.body
        client = ClientId(body.client) if body.client is not None else ask.principal.client
        if ask.principal.client is not None and client != ask.principal.client:
            raise HttpRefusal(403, "Your access is bound to another client.")
        self._check(ask.principal, body.url, body.events, private=body.private)
        if len(await self.store.all(client)) >= MOST:
            raise HttpRefusal(409, f"There are {MOST} receivers already.")
        made = Webhook(
            id=f"wh_{secrets.token_hex(8)}",
            url=body.url,
            events=tuple(dict.fromkeys(body.events)),
            created_at=ask.now,
            client=client,
            private=body.private,
            enabled=body.enabled,
        )
        secret = self.new_secret()
        await self.store.add(made, secret)
        return webhook_out(made, secret)

    async def change(self, ask: Ask) -> WebhookOut:
        before, body = await self._visible(ask), ask.body
        changes = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not UNSET}
        if "events" in changes:
            changes["events"] = tuple(dict.fromkeys(changes["events"]))
        made = msgspec.structs.replace(before, **changes)
        if {"url", "events", "private"} & changes.keys():
            self._check(ask.principal, made.url, made.events, private=made.private)
        await self.store.change(made, resumed=made.enabled and not before.enabled)
        self.wake()
        return webhook_out(made)

    async def drop(self, ask: Ask) -> None:
        await self.store.drop((await self._visible(ask)).id)

    async def rotate(self, ask: Ask) -> WebhookOut:
        webhook, secret = await self._visible(ask), self.new_secret()
        await self.store.put_secret(webhook.id, secret)
        return webhook_out(webhook, secret)

    async def test(self, ask: Ask) -> DeliveryOut:
        webhook = await self._visible(ask)
        if not webhook.enabled:
            raise HttpRefusal(409, "It is switched off.")
        seq = -int(ask.now * 1_000_000)
        delivery = Delivery(
            id=f"msg_{webhook.id}_{-seq}t",
            webhook=webhook.id,
            seq=seq,
            event=TEST_EVENT,
            body=self.body_of(TEST_EVENT, ask.now, {"by": ask.principal.name, "client": webhook.client}),
            created_at=ask.now,
            next_at=ask.now,
            client=webhook.client,
        )
        await self.store.put(webhook.id, [delivery], None)
        self.wake()
        return delivery_out(delivery)

    async def deliveries(self, ask: Ask) -> Listing[DeliveryOut]:
        webhook, query = await self._visible(ask), ask.query
        before = None
        if query.cursor is not None:
            if not (query.cursor.removeprefix("-").isascii() and query.cursor.removeprefix("-").isdigit()):
                raise HttpRefusal(400, "cursor: is not one of ours")
            before = int(query.cursor[:18])
        found = await self.store.deliveries(
            webhook.id, state=query.state, before=before, limit=query.limit + 1
        )
        following = str(found[query.limit - 1].seq) if len(found) > query.limit else None
        return Listing([delivery_out(one) for one in found[: query.limit]], following)

    async def retry_all(self, ask: Ask) -> AgainOut:
        webhook = await self._visible(ask)
        count = await self.store.again(webhook.id, now=ask.now)
        self.wake()
        return AgainOut(count)

    async def retry(self, ask: Ask) -> AgainOut:
        webhook, delivery = await self._visible(ask), ask.path["delivery"]
        count = await self.store.again(webhook.id, now=ask.now, delivery=delivery)
        if not count:
            raise NotFound(f"delivery {delivery} does not exist")
        self.wake()
        return AgainOut(count)

    def _check(
        self, principal: Principal, url: str, events: list[str] | tuple[str, ...], *, private: bool
    ) -> None:
        if private and principal.client is not None:
            raise HttpRefusal(403, "Only an admin of the installation may have its own network told.")
        if fault := self.fault_of(url, private):
            raise HttpRefusal(422, f"url: {fault}", errors=[{"path": "$.url", "message": fault}])
        for event in events:
            if not is_pattern(event):
                raise HttpRefusal(422, f"events: {event!r} is none; see GET /webhooks/events")

    async def _visible(self, ask: Ask) -> Webhook:
        ident = ask.path["id"]
        webhook = await self.store.find(ident)
        if webhook is None or ask.principal.client not in {None, webhook.client}:
            raise NotFound(f"webhook {ident} does not exist")
        return webhook
