"""The time clock in the store: appended under the database's own lock, so that the chain never forks."""

from __future__ import annotations

from typing import Any

import msgspec
import msgspec.structs
from sqlalchemy import insert, select, text

from ari_app.model.ids import ClientId, OperatorId, PunchId
from ari_app.model.punch import FIRST, Punch, first_broken, sealed
from ari_app.ports import NotFound, StoreAway
from ari_app.storage import schema
from ari_app.storage.database import Database

_P = schema.punches.c
_LOCK = 0x50554E43


class PunchStore:
    """`ports.PunchBook`; on disk when `append` returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, punch: Punch) -> Punch:
        """Give it its number and hash. Raises `NotFound` for a correction of nothing, `StoreAway`."""
        try:
            return await self._append(punch)
        except NotFound:
            raise
        except Exception as error:
            raise StoreAway("the time clock cannot be written now") from error

    async def _append(self, punch: Punch) -> Punch:
        async with self._database.durable.connect() as connection:
            if self._database.dialect == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            else:  # take the write lock before reading: the end of the chain must not move in between
                await connection.exec_driver_sql("UPDATE punches SET number = number WHERE id = ''")
            if punch.corrects is not None:
                known = select(_P.operator_id).where(_P.id == punch.corrects, _P.client_id == punch.client)
                if await connection.scalar(known) != punch.operator:
                    raise NotFound(f"operator {punch.operator} has no punch {punch.corrects}")
            last = select(_P.number, _P.hash).where(_P.client_id == punch.client)
            row = (await connection.execute(last.order_by(_P.number.desc()).limit(1))).first()
            number, before = (row.number + 1, row.hash) if row is not None else (1, FIRST)
            ident = PunchId(f"{punch.client}-{number}")
            done = sealed(msgspec.structs.replace(punch, id=ident, number=number), before)
            await connection.execute(insert(schema.punches).values(_row_of(done)))
            await connection.commit()
        return done

    async def punches(self, operator: OperatorId) -> list[Punch]:
        """One operator's, in the order of writing."""
        return await self._read(select(schema.punches).where(_P.operator_id == operator).order_by(_P.number))

    async def first_broken(self, client: ClientId) -> Punch | None:
        """The first punch of a client that is not as it was written; None: the chain is whole."""
        query = select(schema.punches).where(_P.client_id == client).order_by(_P.number)
        return first_broken(await self._read(query))

    async def _read(self, query: Any) -> list[Punch]:
        async with self._database.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_punch_of(dict(row)) for row in rows]


def _row_of(punch: Punch) -> dict[str, Any]:
    row = msgspec.structs.asdict(punch)
    return {"client_id": row.pop("client"), "operator_id": row.pop("operator"), **row}


def _punch_of(row: dict[str, Any]) -> Punch:
    return Punch(client=row.pop("client_id"), operator=row.pop("operator_id"), **row)
