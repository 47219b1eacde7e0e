"""Callbacks and their attempts: on disk before anybody is dialled."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select, update

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallbackId, CallId, ClientId
from ari_app.model.work import Attempt, Callback
from ari_app.ports import AlreadyExists, Page
from ari_app.storage import schema
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from ari_app.storage.paging import newest_first, page_of
from ari_app.storage.rows import fields_of, insert_once, row_of

_C = schema.callbacks.c
_A = schema.callback_attempts.c
OPEN = ("waiting", "dialling", "talking")


class CallbackStore:
    """`calls.callbacks.CallbackBook`, and what the API reads of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._archive = CallArchive(database)

    async def add_callback(self, callback: Callback) -> None:
        """On disk when it returns."""
        async with self._database.durable.begin() as connection:
            once = insert_once(schema.callbacks, self._database.dialect)
            await connection.execute(once.values(row_of(callback)))

    async def put_callback(self, callback: Callback) -> None:
        """Replace what is known of it."""
        async with self._database.durable.begin() as connection:
            await connection.execute(_replaced(callback))

    async def begin_attempt(self, callback: Callback, attempt: Attempt) -> None:
        """Both or neither. Raises `AlreadyExists` for an attempt that was begun before."""
        async with self._database.durable.begin() as connection:
            once = insert_once(schema.callback_attempts, self._database.dialect)
            if not (await connection.execute(once.values(row_of(attempt)))).rowcount:
                raise AlreadyExists(f"attempt {attempt.id} was begun before")
            await connection.execute(_replaced(callback))

    async def end_attempt(self, callback: Callback, attempt: Attempt) -> None:
        """The attempt's outcome and the callback as it is now."""
        async with self._database.durable.begin() as connection:
            change = {"ended_at": attempt.ended_at, "outcome": attempt.outcome}
            await connection.execute(
                update(schema.callback_attempts).where(_A.id == attempt.id).values(change)
            )
            await connection.execute(_replaced(callback))

    async def open_callbacks(self) -> list[Callback]:
        """Promises not yet kept, oldest first."""
        query = select(schema.callbacks).where(_C.state.in_(OPEN)).order_by(_C.entered_at)
        return msgspec.convert(await self._rows(query), list[Callback])

    async def open_attempts(self) -> list[Attempt]:
        """Attempts whose end is not known."""
        query = select(schema.callback_attempts).where(_A.ended_at.is_(None)).order_by(_A.started_at)
        return msgspec.convert(await self._rows(query), list[Attempt])

    async def call(self, call: CallId) -> CallRecord | None:
        """The call that came of an attempt."""
        return await self._archive.call(call)

    async def callback(self, ident: CallbackId) -> Callback | None:
        """One callback."""
        rows = await self._rows(select(schema.callbacks).where(_C.id == ident))
        return msgspec.convert(rows[0], Callback) if rows else None

    async def attempts(self, ident: CallbackId) -> list[Attempt]:
        """A callback's attempts in order."""
        query = select(schema.callback_attempts).where(_A.callback_id == ident).order_by(_A.number)
        return msgspec.convert(await self._rows(query), list[Attempt])

    async def callbacks(
        self,
        *,
        client: ClientId | None = None,
        state: str | None = None,
        call: CallId | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Callback]:
        """Newest first. Raises `CursorRefused`."""
        wanted = {_C.client_id: client, _C.state: state, _C.call_id: call}
        query = select(schema.callbacks).where(*(c == value for c, value in wanted.items() if value))
        found = await self._rows(newest_first(query, _C.booked_at, _C.id, cursor, limit))
        items = msgspec.convert(found, list[Callback])
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.booked_at, last.id) if last else None)

    async def _rows(self, query: Any) -> list[dict[str, Any]]:
        async with self._database.engine.connect() as connection:
            return [fields_of(dict(row)) for row in (await connection.execute(query)).mappings()]


def _replaced(callback: Callback) -> Any:
    return update(schema.callbacks).where(_C.id == callback.id).values(row_of(callback))
