"""Notes at a second, and listening lists."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from ari_app.model.ids import ClientId, RecordingId
from ari_app.model.listening import ListeningItem, ListeningList, RecordingNote
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import storable

_N = schema.recording_notes.c
_L = schema.listening_lists.c


class ListeningStore:
    """`client` given: of that client only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _do(self, statement: Any) -> int:
        async with self._database.engine.begin() as connection:
            return int((await connection.execute(statement)).rowcount)

    async def _rows(self, query: Any) -> list[dict[str, Any]]:
        async with self._database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    # --- notes ------------------------------------------------------------------------------------------

    async def add_note(self, note: RecordingNote) -> None:
        await self._do(
            insert(schema.recording_notes).values(
                id=note.id,
                client_id=note.client,
                recording_id=note.recording,
                at_s=note.at_s,
                text=storable(note.text),
                by=note.by,
                created_at=note.created_at,
            )
        )

    async def notes(self, recording: RecordingId) -> list[RecordingNote]:
        """In the recording's order."""
        query = select(schema.recording_notes).where(_N.recording_id == recording)
        return [
            RecordingNote(
                row["id"],
                row["recording_id"],
                row["at_s"],
                row["text"],
                row["by"],
                row["created_at"],
                row["client_id"],
            )
            for row in await self._rows(query.order_by(_N.at_s, _N.created_at))
        ]

    async def drop_note(self, recording: RecordingId, ident: str) -> bool:
        """False: there is none."""
        table = schema.recording_notes
        return bool(await self._do(delete(table).where(_N.id == ident, _N.recording_id == recording)))

    # --- lists ------------------------------------------------------------------------------------------

    async def put_list(self, made: ListeningList) -> None:
        """Insert, or replace name, purpose, items and whether it is shared."""
        row = {
            "name": storable(made.name),
            "purpose": storable(made.purpose),
            "shared": made.shared,
            "items": msgspec.json.encode(made.items).decode(),
            "changed_at": made.changed_at,
        }
        if not await self._do(update(schema.listening_lists).where(_L.id == made.id).values(row)):
            fixed = {"id": made.id, "client_id": made.client, "by": made.by, "created_at": made.created_at}
            await self._do(insert(schema.listening_lists).values(row | fixed))

    async def lists(
        self, client: ClientId | None = None, *, shared_only: bool = False
    ) -> list[ListeningList]:
        """By name."""
        query = select(schema.listening_lists).order_by(_L.name, _L.id).limit(1000)
        if client is not None:
            query = query.where(_L.client_id == client)
        if shared_only:
            query = query.where(_L.shared)
        return [_list_of(row) for row in await self._rows(query)]

    async def list(self, ident: str) -> ListeningList | None:
        rows = await self._rows(select(schema.listening_lists).where(_L.id == ident))
        return _list_of(rows[0]) if rows else None

    async def drop_list(self, ident: str) -> None:
        await self._do(delete(schema.listening_lists).where(_L.id == ident))


def _list_of(row: dict[str, Any]) -> ListeningList:
    items = msgspec.json.decode(row["items"], type=tuple[ListeningItem, ...])
    return ListeningList(
        id=row["id"],
        name=row["name"],
        by=row["by"],
        created_at=row["created_at"],
        client=row["client_id"],
        purpose=row["purpose"],
        shared=bool(row["shared"]),
        items=items,
        changed_at=row["changed_at"],
    )
