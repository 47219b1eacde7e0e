"""Queues that were closed, or given an announcement, at once (C20)."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from ari_app.model.queue import QueueState
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import fields_of, row_of, upsert


class QueueStates:
    """`ports.QueueStateBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_queue_state(self, state: QueueState) -> None:
        async with self._database.durable.begin() as connection:
            await connection.execute(upsert(schema.queue_states, self._database.dialect), row_of(state))

    async def queue_states(self) -> list[QueueState]:
        async with self._database.engine.connect() as connection:
            rows = (await connection.execute(select(schema.queue_states))).mappings().all()
        return msgspec.convert([fields_of(dict(row)) for row in rows], list[QueueState], strict=False)
