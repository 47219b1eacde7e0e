"""The audit log: who did what to what, append-only; each row's hash covers the one before it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from sqlalchemy import insert, select, text

from ari_app.model.account import AuditEntry, AuditRow
from ari_app.model.ids import ClientId
from ari_app.storage import schema
from ari_app.storage.database import Database

_A = schema.audit.c
_LOCK = 0x41554449
_FIRST = "0" * 64


def _chained(before: str, row: dict[str, Any]) -> str:
    body = msgspec.json.encode(row, order="deterministic")
    return hashlib.sha256(before.encode() + body).hexdigest()


class AuditLog:
    """Appends and proves. Appending is serialised by the database, so that the chain never forks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        row = {
            "client_id": entry.client,
            "at": entry.at,
            "who": entry.who,
            "role": entry.role,
            "address": entry.address,
            "action": entry.action,
            "target": entry.target,
            "status": entry.status,
            "detail": msgspec.json.encode(entry.detail).decode(),
        }
        async with self._database.engine.connect() as connection:
            if self._database.dialect == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            else:  # take the write lock before reading: the end of the chain must not move in between
                await connection.exec_driver_sql("UPDATE audit SET seq = seq WHERE seq = -1")
            before = await connection.scalar(select(_A.hash).order_by(_A.seq.desc()).limit(1))
            await connection.execute(
                insert(schema.audit).values(row | {"hash": _chained(before or _FIRST, row)})
            )
            await connection.commit()

    async def entries(
        self,
        *,
        before: int | None = None,
        client: ClientId | None = None,
        target: str | None = None,
        limit: int = 100,
    ) -> list[AuditRow]:
        """Newest first; `before`: only older than this `seq`; `target`: only what was done to it."""
        query = select(schema.audit).order_by(_A.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(_A.seq < before)
        if client is not None:
            query = query.where(_A.client_id == client)
        if target is not None:
            query = query.where(_A.target == target)
        async with self._database.engine.connect() as connection:
            return [_row_of(row) for row in (await connection.execute(query)).mappings()]

    async def first_broken(self) -> int | None:
        """The `seq` of the first row that was changed or whose predecessor is missing; None: all is whole."""
        before = _FIRST
        async with self._database.engine.connect() as connection:
            result = await connection.stream(select(schema.audit).order_by(_A.seq))
            async for mapping in result.mappings():
                row = dict(mapping)
                seq, known = row.pop("seq"), row.pop("hash")
                before = _chained(before, row)
                if known != before:
                    return int(seq)
        return None


def _row_of(row: Any) -> AuditRow:
    entry = AuditEntry(
        row["at"],
        row["who"],
        row["role"],
        row["address"],
        row["action"],
        row["target"],
        row["status"],
        msgspec.json.decode(row["detail"]),
        row["client_id"],
    )
    return AuditRow(row["seq"], entry, row["hash"])
