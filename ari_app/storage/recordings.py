"""Recordings in the store beyond what the journal writes: peaks, holds, tombstones, keys, notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import recording_of, storable
from ari_app.storage.transcripts import forget

_R = schema.recordings.c


class RecordingStore:
    """`ports.RecordingBook`; writes are on disk when they return."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _do(self, *statements: Any) -> int:
        """All in one transaction; gives how many rows the first one touched."""
        async with self._database.durable.begin() as connection:
            counts = [(await connection.execute(statement)).rowcount for statement in statements]
        return int(counts[0])

    async def _find(self, query: Any) -> list[Recording]:
        async with self._database.engine.connect() as connection:
            return [recording_of(dict(row)) for row in (await connection.execute(query)).mappings()]

    async def find(self, ident: RecordingId) -> Recording | None:
        """One recording, its tombstone included."""
        found = await self._find(select(schema.recordings).where(_R.id == ident))
        return found[0] if found else None

    async def of_call(self, call: CallId) -> list[Recording]:
        """What there is of a call."""
        return await self._find(select(schema.recordings).where(_R.call_id == call))

    async def peaks(self, ident: RecordingId) -> bytes | None:
        """None: there are none (any more)."""
        table = schema.recording_peaks
        async with self._database.engine.connect() as connection:
            query = select(table.c.peaks).where(table.c.recording_id == ident)
            found: bytes | None = await connection.scalar(query)
            return found

    # --- keeping and deleting ---------------------------------------------------------------------------

    async def expired(self, now: float, *, store: str, limit: int = 100) -> list[Recording]:
        """Those that retention deletes now; a hold keeps them. Deletions that were cut short come too.

        What another store than `store` still holds of a deleted recording is not asked for again and again.
        """
        over = (_R.expires_at < now) & (_R.hold == "") & (_R.status != RecordingStatus.DELETED)
        half = (_R.status == RecordingStatus.DELETED) & (_R.file != "") & _R.store.in_(("", store))
        return await self._find(select(schema.recordings).where(over | half).limit(limit))

    async def set_hold(self, ident: RecordingId, why: str) -> None:
        """Empty: it may be deleted again."""
        await self._do(update(schema.recordings).where(_R.id == ident).values(hold=storable(why)))

    async def begin_deletion(self, ident: RecordingId, *, why: str, now: float) -> bool:
        """From here on it is a tombstone; False: it is held, or there is none.

        The sealed data key goes with it, so that no copy of the file can be opened any more.
        """
        change = {
            "status": RecordingStatus.DELETED,
            "deleted_at": now,
            "deleted_why": storable(why),
            "sealed_key": "",
        }
        doomed = update(schema.recordings).where(_R.id == ident, _R.hold == "").values(change)
        about = (schema.recording_peaks, schema.recording_notes)
        async with self._database.durable.begin() as connection:
            if not (await connection.execute(doomed)).rowcount:
                return False
            for table in about:
                await connection.execute(delete(table).where(table.c.recording_id == ident))
            await connection.run_sync(forget, ident)
        return True

    async def end_deletion(self, ident: RecordingId) -> None:
        """The file is gone."""
        await self._do(update(schema.recordings).where(_R.id == ident).values(file="", stored_bytes=0))

    # --- checking and keys ------------------------------------------------------------------------------

    async def mark(self, ident: RecordingId, status: RecordingStatus, detail: str) -> None:
        """What a check found; tombstones stay what they are."""
        change = {"status": status, "detail": storable(detail)}
        same = (_R.id == ident, _R.status != RecordingStatus.DELETED)
        await self._do(update(schema.recordings).where(*same).values(change))

    async def between(self, since: float, until: float) -> list[Recording]:
        """All of a stretch of time, oldest first, tombstones included."""
        query = select(schema.recordings).where(_R.started_at >= since, _R.started_at < until)
        return await self._find(query.order_by(_R.started_at))

    async def sealed_by(self, keys: Sequence[str], *, limit: int = 200) -> list[Recording]:
        """Recordings whose data keys are sealed by one of these."""
        by = [_R.sealed_key.startswith(f"{key}:", autoescape=True) for key in keys]
        if not by:
            return []
        condition = by[0]
        for other in by[1:]:
            condition |= other
        return await self._find(select(schema.recordings).where(condition).limit(limit))

    async def sealed_otherwise(self, keys: Sequence[str]) -> int:
        """How many recordings are sealed by none of these keys."""
        by = [~_R.sealed_key.startswith(f"{key}:", autoescape=True) for key in keys]
        query = select(func.count()).select_from(schema.recordings).where(_R.sealed_key != "", *by)
        async with self._database.engine.connect() as connection:
            return int(await connection.scalar(query) or 0)

    async def of_other_stores(self, store: str, *, after: RecordingId, limit: int = 256) -> list[Recording]:
        """Recordings with a file that name another store or none, by id."""
        other = (_R.file != "", _R.store != store, _R.status != RecordingStatus.DELETED, _R.id > after)
        return await self._find(select(schema.recordings).where(*other).order_by(_R.id).limit(limit))

    async def put_store(self, idents: Sequence[RecordingId], store: str) -> None:
        """They were found there."""
        if idents:
            await self._do(update(schema.recordings).where(_R.id.in_(idents)).values(store=store))

    async def put_key(self, ident: RecordingId, sealed_key: str, *, before: str) -> None:
        """Replace a sealed data key, if it is still the one that was read."""
        same = (_R.id == ident, _R.sealed_key == before)
        await self._do(update(schema.recordings).where(*same).values(sealed_key=sealed_key))
