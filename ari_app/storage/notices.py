"""What operators were told, until their shift is over: a restart forgets nothing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, insert, select

from ari_app.model.ids import OperatorId
from ari_app.model.notice import Notice
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import fields_of, row_of

_N = schema.notices.c


class NoticeStore:
    """Written before anybody is told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, notices: Sequence[Notice], *, forget_before: float) -> None:
        """All or none; what is older than `forget_before` goes."""
        async with self._database.engine.begin() as connection:
            await connection.execute(delete(schema.notices).where(_N.at < forget_before))
            await connection.execute(insert(schema.notices), [row_of(notice) for notice in notices])

    async def told(self, operator: OperatorId, *, since: float, limit: int) -> list[Notice]:
        """The newest so many, oldest first."""
        query = select(schema.notices).where(_N.operator == operator, _N.at > since)
        async with self._database.engine.connect() as connection:
            found = await connection.execute(query.order_by(_N.at.desc(), _N.id.desc()).limit(limit))
            rows = [fields_of(dict(row)) for row in found.mappings()]
        return msgspec.convert(rows[::-1], list[Notice])
