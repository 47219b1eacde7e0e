"""Webhooks and what is on its way to them: the outbox that outlives a restart (X10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from ari_app.model.ids import ClientId
from ari_app.model.webhook import Delivery, DeliveryState, Webhook
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import insert_once, storable
from ari_app.storage.secrets import SecretBox

_W = schema.webhooks.c
_D = schema.webhook_deliveries.c


class WebhookStore:
    """Receivers, their sealed secrets, their deliveries. `client` given: of that client only."""

    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database = database
        self._box = box
        self._once = insert_once(schema.webhook_deliveries, database.dialect)
        self.added = 0
        """Receivers that were added by this process."""

    async def _do(self, *statements: Any) -> int:
        """All in one transaction; gives how many rows the last one touched."""
        count = 0
        async with self._database.engine.begin() as connection:
            for statement in statements:
                count = int((await connection.execute(statement)).rowcount)
        return count

    async def _rows(self, query: Any) -> list[dict[str, Any]]:
        async with self._database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    # --- receivers --------------------------------------------------------------------------------------

    async def add(self, webhook: Webhook, secret: str) -> None:
        """From the newest fact on: what was before is not told."""
        newest = func.coalesce(select(func.max(schema.facts.c.seq)).scalar_subquery(), 0)
        await self._do(
            insert(schema.webhooks).values(
                id=webhook.id,
                client_id=webhook.client,
                url=storable(webhook.url),
                events=" ".join(webhook.events),
                secret=self._box.seal(f"webhook:{webhook.id}", secret),
                private=webhook.private,
                enabled=webhook.enabled,
                cursor=newest,
                created_at=webhook.created_at,
            )
        )
        self.added += 1

    async def change(self, webhook: Webhook, *, resumed: bool = False) -> None:
        """Write what may change; `resumed`: go on from the newest fact."""
        values: dict[str, Any] = {
            "url": storable(webhook.url),
            "events": " ".join(webhook.events),
            "private": webhook.private,
            "enabled": webhook.enabled,
        }
        if resumed:
            newest = select(func.max(schema.facts.c.seq)).scalar_subquery()
            values["cursor"] = func.coalesce(newest, 0)
        await self._do(update(schema.webhooks).where(_W.id == webhook.id).values(**values))

    async def put_secret(self, ident: str, secret: str) -> None:
        sealed = self._box.seal(f"webhook:{ident}", secret)
        await self._do(update(schema.webhooks).where(_W.id == ident).values(secret=sealed))

    async def secret(self, ident: str) -> str | None:
        """Raises `WrongKeyError`."""
        rows = await self._rows(select(_W.secret).where(_W.id == ident))
        return self._box.open(f"webhook:{ident}", rows[0]["secret"]) if rows else None

    async def drop(self, ident: str) -> None:
        """With everything that was on its way to it."""
        await self._do(
            delete(schema.webhook_deliveries).where(_D.webhook_id == ident),
            delete(schema.webhooks).where(_W.id == ident),
        )

    async def find(self, ident: str) -> Webhook | None:
        rows = await self._rows(select(schema.webhooks).where(_W.id == ident))
        return _webhook_of(rows[0]) if rows else None

    async def all(self, client: ClientId | None = None) -> list[Webhook]:
        query = select(schema.webhooks).order_by(_W.created_at, _W.id)
        if client is not None:
            query = query.where(_W.client_id == client)
        return [_webhook_of(row) for row in await self._rows(query)]

    # --- deliveries -------------------------------------------------------------------------------------

    async def put(self, webhook: str, deliveries: Sequence[Delivery], cursor: int | None) -> None:
        """Deliveries and how far was looked, together; what is there already stays as it is."""
        async with self._database.engine.begin() as connection:
            if deliveries:
                await connection.execute(self._once, [_delivery_row(one) for one in deliveries])
            if cursor is not None:
                await connection.execute(
                    update(schema.webhooks).where(_W.id == webhook, _W.cursor < cursor).values(cursor=cursor)
                )

    async def due(self, now: float) -> set[str]:
        """Receivers for which something is to be sent now."""
        query = select(_D.webhook_id).where(_D.state == "pending", _D.next_at <= now).distinct()
        return {row["webhook_id"] for row in await self._rows(query)}

    async def next_for(self, webhook: str, now: float, *, limit: int) -> list[Delivery]:
        """What is to be sent to it now, longest due first."""
        query = select(schema.webhook_deliveries).where(
            _D.webhook_id == webhook, _D.state == "pending", _D.next_at <= now
        )
        rows = await self._rows(query.order_by(_D.next_at, _D.seq).limit(limit))
        return [_delivery_of(row) for row in rows]

    async def mark(self, delivery: Delivery) -> None:
        """How the last try went."""
        await self._do(
            update(schema.webhook_deliveries)
            .where(_D.id == delivery.id)
            .values(
                state=delivery.state,
                attempts=delivery.attempts,
                next_at=delivery.next_at,
                status=delivery.status,
                error=storable(delivery.error),
            )
        )

    async def deliveries(
        self, webhook: str, *, state: DeliveryState | None = None, before: int | None = None, limit: int = 50
    ) -> list[Delivery]:
        """Newest first; `before`: only older than this `seq`."""
        query = select(schema.webhook_deliveries).where(_D.webhook_id == webhook)
        if state is not None:
            query = query.where(_D.state == state)
        if before is not None:
            query = query.where(_D.seq < before)
        rows = await self._rows(query.order_by(_D.seq.desc()).limit(limit))
        return [_delivery_of(row) for row in rows]

    async def again(self, webhook: str, *, now: float, delivery: str | None = None) -> int:
        """Send once more what was given up (or, named, anything); gives how many."""
        query = update(schema.webhook_deliveries).where(_D.webhook_id == webhook)
        query = query.where(_D.state == "dead") if delivery is None else query.where(_D.id == delivery)
        return await self._do(query.values(state="pending", attempts=0, next_at=now))

    async def counts(self) -> dict[str, int]:
        """How many stand in which state."""
        query = select(_D.state, func.count().label("number")).group_by(_D.state)
        return {row["state"]: row["number"] for row in await self._rows(query)}

    async def prune(self, *, delivered_before: float, dead_before: float) -> None:
        """Forget what was told long ago."""
        table = schema.webhook_deliveries
        await self._do(
            delete(table).where(_D.state == "delivered", _D.created_at < delivered_before),
            delete(table).where(_D.state == "dead", _D.created_at < dead_before),
        )


def _webhook_of(row: dict[str, Any]) -> Webhook:
    return Webhook(
        id=row["id"],
        url=row["url"],
        events=tuple(row["events"].split()),
        created_at=row["created_at"],
        client=row["client_id"],
        private=row["private"],
        enabled=row["enabled"],
        cursor=row["cursor"],
    )


def _delivery_row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "client_id": delivery.client,
        "webhook_id": delivery.webhook,
        "seq": delivery.seq,
        "event": delivery.event,
        "body": storable(delivery.body),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_at": delivery.next_at,
        "status": delivery.status,
        "error": delivery.error,
        "created_at": delivery.created_at,
    }


def _delivery_of(row: dict[str, Any]) -> Delivery:
    row = dict(row)
    return Delivery(client=row.pop("client_id"), webhook=row.pop("webhook_id"), **row)
