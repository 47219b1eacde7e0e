"""Reads calls, their facts and recordings back: for the pages, and for taking calls up after a restart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId, ClientId, OperatorId, RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.ports import CallFilter, Page, RecordingFilter, StoredCall, StoredFact
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.paging import newest_first, page_of
from ari_app.storage.rows import call_of, fact_of, recording_of
from ari_app.storage.transcripts import prepare, spoken

LAST_OPERATOR_S = 30 * 86_400.0
"""Who has not called for so long is no returning caller."""
_NO_GAP = (RecordingStatus.COMPLETE, RecordingStatus.REPAIRED, RecordingStatus.DELETED)
_C = schema.calls.c
_R = schema.recordings.c
_F = schema.facts.c


def _call_conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    equal: list[tuple[ColumnElement[Any], Any]] = [
        (_C.client_id, wanted.client),
        (_C.final_state, wanted.final_state),
        (_C.caller, wanted.caller),
        (_C.operator, wanted.operator),
        (_C.queue, wanted.queue),
        (_C.protocol, wanted.protocol),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.live is not None:
        conditions.append(_C.final_state.is_(None) if wanted.live else _C.final_state.is_not(None))
    if wanted.since is not None:
        conditions.append(_C.started_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_C.started_at < wanted.until)
    return conditions


def _recording_conditions(wanted: RecordingFilter) -> list[ColumnElement[bool]]:
    equal: list[tuple[ColumnElement[Any], Any]] = [
        (_R.client_id, wanted.client),
        (_R.call_id, wanted.call),
        (_R.status, wanted.status),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.status is None:
        conditions.append(_R.status != RecordingStatus.DELETED)
    if wanted.since is not None:
        conditions.append(_R.started_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_R.started_at < wanted.until)
    if wanted.operator is not None:
        legs = schema.recording_legs.c
        heard = _R.id.in_(select(legs.recording_id).where(legs.operator == wanted.operator))
        had = _R.call_id.in_(select(_C.id).where(_C.operator == wanted.operator))
        conditions.append(heard | had)
    return conditions


class CallArchive:
    """Everything ever written about calls. `client` given: of that client only."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._dialect = database.dialect

    async def _rows(self, query: Select[Any]) -> Sequence[Mapping[str, Any]]:
        async with self._engine.connect() as connection:
            rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
            return rows

    async def calls(
        self, wanted: CallFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[CallRecord]:
        """Calls from the newest to the oldest. Raises `CursorRefused`."""
        query = select(schema.calls).where(*_call_conditions(wanted))
        rows = await self._rows(newest_first(query, _C.started_at, _C.id, cursor, limit))
        items = [call_of(row) for row in rows]
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.started_at, last.id) if last else None)

    async def call(self, call: CallId) -> CallRecord | None:
        rows = await self._rows(select(schema.calls).where(_C.id == call))
        return call_of(rows[0]) if rows else None

    async def last_operator(self, record: CallRecord) -> OperatorId | None:
        """Who talked with the caller of this call last, within the last month; None for a hidden number."""
        if not any(character.isdigit() for character in record.caller):
            return None
        query = (
            select(_C.operator)
            .where(_C.caller == record.caller, _C.client_id == record.client, _C.connected_at.is_not(None))
            .where(_C.id != record.id, _C.started_at > record.started_at - LAST_OPERATOR_S)
            .order_by(_C.started_at.desc())
            .limit(1)
        )
        rows = await self._rows(query)
        return OperatorId(rows[0]["operator"]) if rows and rows[0]["operator"] else None

    async def live(self) -> list[StoredCall]:
        """Calls without a final state, oldest first, with their engine state: what a restart takes up."""
        states = schema.call_states
        query = (
            select(schema.calls, states.c.state)
            .outerjoin(states, states.c.call_id == _C.id)
            .where(_C.final_state.is_(None))
            .order_by(_C.started_at, _C.id)
        )
        return [StoredCall(call_of(row), row["state"]) for row in await self._rows(query)]

    async def facts_of(
        self, call: CallId, *, after: int = 0, limit: int = 1000, kinds: Collection[str] | None = None
    ) -> list[StoredFact]:
        """A call's facts in order; `kinds`: only those."""
        query = select(schema.facts).where(_F.call_id == call, _F.seq > after)
        if kinds is not None:
            query = query.where(_F.kind.in_(kinds))
        return [fact_of(row) for row in await self._rows(query.order_by(_F.seq).limit(limit))]

    async def facts_after(
        self, seq: int, *, limit: int = 500, kinds: Collection[str] | None = None
    ) -> list[StoredFact]:
        """All facts after a cursor, in order; `kinds`: only those."""
        query = select(schema.facts).where(_F.seq > seq)
        if kinds is not None:
            query = query.where(_F.kind.in_(kinds))
        return [fact_of(row) for row in await self._rows(query.order_by(_F.seq).limit(limit))]

    async def last_seq(self) -> int:
        """The cursor of the newest fact; 0: there is none."""
        async with self._engine.connect() as connection:
            return (await connection.scalar(select(func.max(_F.seq)))) or 0

    # --- recordings -------------------------------------------------------------------------------------

    async def recordings(
        self, wanted: RecordingFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Recording]:
        """Recordings whose call fits, from the newest to the oldest (M8). Raises `CursorRefused`."""
        of_calls = CallFilter(caller=wanted.caller, queue=wanted.queue, protocol=wanted.protocol)
        conditions = _call_conditions(of_calls)
        query = select(schema.recordings).where(*_recording_conditions(wanted))
        if conditions:
            query = query.join(schema.calls, _R.call_id == _C.id).where(*conditions)
        if wanted.disposition is not None:
            forms = schema.dispositions.c
            query = query.join(schema.dispositions, _R.call_id == forms.call_id)
            query = query.where(forms.form == wanted.disposition)
        if wanted.text is not None:
            await prepare(self._engine)
            query = query.where(spoken(self._dialect, wanted.text))
        rows = await self._rows(newest_first(query, _R.started_at, _R.id, cursor, limit))
        items = [recording_of(row) for row in rows]
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.started_at, last.id) if last else None)

    async def recording(self, recording: RecordingId) -> Recording | None:
        rows = await self._rows(select(schema.recordings).where(_R.id == recording))
        return recording_of(rows[0]) if rows else None

    async def gaps(
        self,
        pending: Collection[CallId] = (),
        *,
        ended_before: float,
        client: ClientId | None = None,
        since: float = 0.0,
        limit: int = 500,
    ) -> list[CallRecord]:
        """Answered calls that were to be recorded and have no whole recording: should be none.

        `pending` are those whose recording is being made whole. One that was deleted on purpose is no gap.
        """
        whole = select(_R.call_id).where(_R.call_id == _C.id, _R.status.in_(_NO_GAP)).exists()
        query = select(schema.calls).where(
            _C.connected_at.is_not(None),
            _C.recording_id.is_not(None),
            _C.ended_at < ended_before,
            _C.started_at >= since,
            ~whole,
        )
        if client is not None:
            query = query.where(_C.client_id == client)
        rows = await self._rows(query.order_by(_C.started_at.desc()).limit(limit + len(pending)))
        return [record for row in rows if (record := call_of(row)).id not in set(pending)][:limit]
