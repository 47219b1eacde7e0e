"""Messages to be heard and cases to be answered: what calls left, read and changed by people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import func, select, update

from ari_app.model.ids import CallId, ClientId, Protocol, QueueId, WorkItemId
from ari_app.model.work import Case, CaseState, WorkItem, WorkState
from ari_app.ports import AlreadyExists, IllegalTransition, Page
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.paging import newest_first, page_of
from ari_app.storage.rows import fields_of, insert_once, row_of, storable

_I = schema.work_items.c
_P = schema.cases.c


class WorkStore:
    """Work items and cases. `client` given: of that client only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine = database.durable

    async def _do(self, statement: Any) -> int:
        async with self._engine.begin() as connection:
            return int((await connection.execute(statement)).rowcount)

    async def _rows(self, query: Any) -> list[dict[str, Any]]:
        async with self._database.engine.connect() as connection:
            return [fields_of(dict(row)) for row in (await connection.execute(query)).mappings()]

    # --- work items -------------------------------------------------------------------------------------

    async def add_item(self, item: WorkItem) -> None:
        """Insert; one that is there already stays as it is."""
        await self._do(insert_once(schema.work_items, self._database.dialect).values(row_of(item)))

    async def pending_items(self) -> list[WorkItem]:
        """Those whose audio is still on the PBX, oldest first."""
        query = select(schema.work_items).where(_I.audio == "pending").order_by(_I.created_at)
        return msgspec.convert(await self._rows(query), list[WorkItem])

    async def audio_stored(self, ident: WorkItemId, file: str, duration_s: float, sha256: str) -> None:
        """The audio is in the recordings folder."""
        change = {"audio": "stored", "file": file, "duration_s": duration_s, "sha256": sha256}
        await self._do(update(schema.work_items).where(_I.id == ident).values(change))

    async def audio_missing(self, ident: WorkItemId) -> None:
        """The audio is lost; the item stays."""
        await self._do(update(schema.work_items).where(_I.id == ident).values(audio="missing"))

    async def drop_item(self, ident: WorkItemId) -> None:
        """Nothing was said: there is no work."""
        await self._do(schema.work_items.delete().where(_I.id == ident, _I.state == "new"))

    async def items(  # noqa: PLR0913 - a filter each
        self,
        *,
        client: ClientId | None = None,
        queues: Collection[QueueId] | None = None,
        kind: str | None = None,
        state: str | None = None,
        owner: str | None = None,
        call: CallId | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[WorkItem]:
        """Newest first; `queues`: only theirs. Raises `CursorRefused`."""
        wanted = {_I.client_id: client, _I.kind: kind, _I.state: state, _I.owner: owner, _I.call_id: call}
        query = select(schema.work_items).where(*(c == value for c, value in wanted.items() if value))
        if queues is not None:
            query = query.where(_I.queue.in_(queues))
        found = await self._rows(newest_first(query, _I.created_at, _I.id, cursor, limit))
        items = msgspec.convert(found, list[WorkItem])
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.created_at, last.id) if last else None)

    async def item(self, ident: WorkItemId) -> WorkItem | None:
        """One work item."""
        rows = await self._rows(select(schema.work_items).where(_I.id == ident))
        return msgspec.convert(rows[0], WorkItem) if rows else None

    async def change_item(
        self, item: WorkItem, state: WorkState, *, owner: str | None, note: str, now: float
    ) -> WorkItem:
        """Change what was read as `item`. Raises `IllegalTransition` when another was faster."""
        change = {"state": state, "owner": owner, "note": storable(note), "changed_at": now}
        same = (_I.id == item.id, _I.state == item.state, _I.owner.is_not_distinct_from(item.owner))
        if not await self._do(update(schema.work_items).where(*same).values(change)):
            raise IllegalTransition(f"work item {item.id} was changed by somebody else meanwhile")
        return msgspec.structs.replace(item, state=state, owner=owner, note=note, changed_at=now)

    # --- cases ------------------------------------------------------------------------------------------

    async def cases(  # noqa: PLR0913 - a filter each
        self,
        *,
        client: ClientId | None = None,
        kind: str | None = None,
        state: str | None = None,
        owner: str | None = None,
        caller: str | None = None,
        call: CallId | None = None,
        queue: QueueId | None = None,
        due_before: float | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Case]:
        """Newest first; `due_before`: open ones whose deadline is earlier. Raises `CursorRefused`."""
        wanted = {
            _P.client_id: client,
            _P.kind: kind,
            _P.state: state,
            _P.owner: owner,
            _P.caller: caller,
            _P.call_id: call,
            _P.queue: queue,
        }
        query = select(schema.cases).where(*(c == value for c, value in wanted.items() if value))
        if due_before is not None:
            query = query.where(_P.deadline_at < due_before, _P.state != "closed")
        found = await self._rows(newest_first(query, _P.opened_at, _P.protocol, cursor, limit))
        cases = msgspec.convert(found, list[Case])
        last = cases[: min(limit, len(cases))][-1] if cases else None
        return page_of(cases, limit, (last.opened_at, last.protocol) if last else None)

    async def case(self, protocol: str) -> Case | None:
        """One case by the number that was spoken."""
        rows = await self._rows(select(schema.cases).where(_P.protocol == protocol))
        return msgspec.convert(rows[0], Case) if rows else None

    async def change_case(
        self, case: Case, *, state: CaseState, owner: str | None, note: str, now: float
    ) -> Case:
        """Change what was read as `case`. Raises `IllegalTransition` when it was changed meanwhile."""
        change = {"state": state, "owner": owner, "note": storable(note), "changed_at": now}
        same = (_P.protocol == case.protocol, _P.changed_at == case.changed_at)
        if not await self._do(update(schema.cases).where(*same).values(change)):
            raise IllegalTransition(f"case {case.protocol} was changed by somebody else meanwhile")
        return msgspec.structs.replace(case, state=state, owner=owner, note=note, changed_at=now)

    async def last_protocol(self) -> Protocol | None:
        """The largest number ever given: all have the same length, so that text orders as numbers do."""
        async with self._database.engine.connect() as connection:
            numbers = [
                await connection.scalar(select(func.max(column)))
                for column in (_P.protocol, schema.calls.c.protocol)
            ]
        known = [number for number in numbers if number]
        return Protocol(max(known)) if known else None

    # --- dispositions -----------------------------------------------------------------------------------

    async def put_disposition(self, row: Mapping[str, Any]) -> None:
        """One form per call. Raises `AlreadyExists`."""
        if not await self._do(insert_once(schema.dispositions, self._database.dialect).values(**row)):
            raise AlreadyExists(f"call {row['call_id']} has its disposition already")

    async def disposition(self, call: CallId) -> dict[str, Any] | None:
        """What the operator wrote down after a call."""
        table = schema.dispositions
        async with self._database.engine.connect() as connection:
            row = (await connection.execute(select(table).where(table.c.call_id == call))).mappings().first()
            return None if row is None else dict(row)
