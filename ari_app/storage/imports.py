"""Contact lists on their way into the store: a chunk of rows and the import's place in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ari_app.campaigns.lists.mapping import Draft
from ari_app.campaigns.ports import StoreAway, Taken
from ari_app.model.contact_import import ContactImport
from ari_app.model.ids import CampaignId, ImportId
from ari_app.ports import Page
from ari_app.storage import campaign_schema as tables
from ari_app.storage.campaign_rows import campaign_of
from ari_app.storage.database import Database
from ari_app.storage.faults import is_refused
from ari_app.storage.intake import Intake
from ari_app.storage.paging import newest_first, page_of
from ari_app.storage.rows import insert_once, storable

_I = tables.contact_imports.c
_decode = msgspec.json.Decoder(ContactImport).decode
UNFINISHED = ("preparing", "running")


def _row(job: ContactImport) -> dict[str, Any]:
    return {
        "id": job.id,
        "client_id": job.client,
        "campaign_id": job.campaign,
        "state": job.state,
        "created_at": job.created_at,
        "body": storable(msgspec.json.encode(job).decode()),
    }


class ImportStore:
    """`campaigns.ports.ImportBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _rows(self, query: Any) -> Sequence[RowMapping]:
        async with self._database.engine.connect() as connection:
            return (await connection.execute(query)).mappings().all()

    async def add_import(self, job: ContactImport) -> None:
        """On disk when it returns."""
        values = {**_row(job), "cancel": False}
        once = insert_once(tables.contact_imports, self._database.dialect).values(values)
        await self._database.durably(lambda connection: connection.execute(once))

    async def put_import(self, job: ContactImport) -> None:
        """Replace what is known of it."""
        query = update(tables.contact_imports).where(_I.id == job.id).values(_row(job))
        await self._database.durably(lambda connection: connection.execute(query))

    async def contact_import(self, ident: ImportId) -> ContactImport | None:
        """One import."""
        rows = await self._rows(select(_I.body).where(_I.id == ident))
        return _decode(rows[0]["body"]) if rows else None

    async def imports(
        self, campaign: CampaignId, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ContactImport]:
        """Newest first. Raises `CursorRefused`."""
        query = select(_I.body, _I.created_at, _I.id).where(_I.campaign_id == campaign)
        found = await self._rows(newest_first(query, _I.created_at, _I.id, cursor, limit))
        items = [_decode(row["body"]) for row in found]
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.created_at, last.id) if last else None)

    async def unfinished_imports(self) -> list[ContactImport]:
        """Oldest first."""
        query = select(_I.body).where(_I.state.in_(UNFINISHED)).order_by(_I.created_at, _I.id)
        return [_decode(row["body"]) for row in await self._rows(query)]

    async def cancel_import(self, ident: ImportId) -> bool:
        """False: it was over."""
        over = ("done", "failed", "cancelled")
        query = update(tables.contact_imports).where(_I.id == ident, _I.state.not_in(over))
        done = await self._database.durably(lambda connection: connection.execute(query.values(cancel=True)))
        return bool(done.rowcount)

    async def cancelled(self, ident: ImportId) -> bool:
        """Whether somebody asked for its end."""
        rows = await self._rows(select(_I.cancel).where(_I.id == ident))
        return not rows or bool(rows[0]["cancel"])

    async def take_drafts(
        self,
        job: ContactImport,
        drafts: Sequence[Draft],
        now: float,
        settle: Callable[[Sequence[Taken]], ContactImport],
    ) -> ContactImport | None:
        """See `ImportBook.take_drafts`."""

        def work(connection: Connection) -> ContactImport | None:
            if connection.scalar(select(_I.cancel).where(_I.id == job.id)) is not False:
                return None
            if connection.dialect.name == "postgresql":
                # two imports of one list would see each other's people too late
                lock = text("SELECT pg_advisory_xact_lock(hashtext(:campaign))")
                connection.execute(lock, {"campaign": job.campaign})
            body = select(tables.campaigns.c.body).where(tables.campaigns.c.id == job.campaign)
            row = connection.execute(body).mappings().first()
            if row is None:
                return None
            taken = Intake(connection, campaign_of(row), job, now).take(drafts)
            settled = settle(taken)
            connection.execute(update(tables.contact_imports).where(_I.id == job.id).values(_row(settled)))
            return settled

        try:
            return await self._database.durably(work)
        except (DBAPIError, OSError, PoolTimeout) as error:
            if isinstance(error, DBAPIError) and is_refused(error):
                raise
            raise StoreAway(str(error)) from error
