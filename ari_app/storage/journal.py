"""The writer of calls and facts: queued at once, group-committed in order, replayed after a stall.

`put_…` only appends to a deque in memory, so a caller never waits for a disk. One task takes what has
gathered, writes it in one transaction, and keeps it in memory until the commit is known to have happened.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
from sqlalchemy import Connection, bindparam, delete, insert, select

from ari_app.model.call import CallRecord
from ari_app.model.ids import DEFAULT_CLIENT
from ari_app.model.recording import Recording
from ari_app.model.work import Case
from ari_app.ports import Clock, Stamped
from ari_app.storage import schema
from ari_app.storage.bulk import Bulk
from ari_app.storage.database import Database
from ari_app.storage.faults import is_refused
from ari_app.storage.pending import CallPut, Entry, Pending, RecordingPut
from ari_app.storage.rows import call_row, fact_row, insert_once, leg_rows, recording_row, row_of, upsert

log = structlog.get_logger(__name__)

GATHER_S = 0.05
"""How long the writer lets entries gather before a commit, unless somebody waits for it in `flush`: what a
killed process may lose. A commit costs half a millisecond of CPU whatever is in it."""
BATCH = 2000
"""Entries per transaction at most, so that a long backlog is replayed in digestible pieces."""
FLUSH_S = 5.0
"""So long a flush waits, the last one included."""
LATE_S = 2.0
"""An entry that has waited longer makes the journal unhealthy."""
ALARM_S = 10.0
BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class SqlJournal:
    """`ports.Journal` on SQLAlchemy. Run it with `open_journal`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending = Pending()
        self._in_flight = 0
        self._written = 0
        self._alarmed_at: float | None = None
        self._oldest: float | None = None
        self._failing = False
        self._closing = False
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._committed = asyncio.Condition()
        self._writer = uuid.uuid4().hex
        self._batch = 0
        self._listeners: list[Callable[[], None]] = []
        self._hearers: list[Callable[[Sequence[Stamped]], None]] = []
        self._calls = Bulk(upsert(schema.calls, database.dialect), database.dialect)
        self._states = Bulk(upsert(schema.call_states, database.dialect), database.dialect)
        ended = delete(schema.call_states).where(schema.call_states.c.call_id == bindparam("call"))
        self._ended = Bulk(ended, database.dialect)
        self._recordings = Bulk(upsert(schema.recordings, database.dialect), database.dialect)
        self._peaks = Bulk(upsert(schema.recording_peaks, database.dialect), database.dialect)
        self._marks = Bulk(upsert(schema.journal_marks, database.dialect), database.dialect)
        self._facts = Bulk(insert(schema.facts), database.dialect)

    # --- putting: never waits ---------------------------------------------------------------------------

    def put_call(self, record: CallRecord, state: bytes | None) -> None:
        self._append(CallPut(record, state))

    def put_facts(self, facts: Sequence[Stamped]) -> None:
        for fact in facts:
            self._append(fact)
        for listener in self._hearers:
            listener(facts)

    def put_recording(self, recording: Recording, peaks: bytes = b"") -> None:
        self._append(RecordingPut(recording, peaks))

    def put_case(self, case: Case) -> None:
        self._append(case)

    def _append(self, entry: Entry) -> None:
        if self._oldest is None:
            self._oldest = self._clock.monotonic()
            self._wake.set()
        if not self._pending.append(entry):
            self._alarm()

    def _alarm(self) -> None:
        """Facts are left out: say so, every now and then."""
        now = self._clock.monotonic()
        if self._alarmed_at is None or now - self._alarmed_at > ALARM_S:
            self._alarmed_at = now
            log.error("journal.overflow", left_out=self._pending.dropped, backlog=self.backlog)

    # --- how it stands ----------------------------------------------------------------------------------

    @property
    def backlog(self) -> int:
        """Entries put and not yet on disk."""
        return len(self._pending) + self._in_flight

    @property
    def left_out(self) -> int:
        """Facts that were not kept because the store was away for too long, since the start."""
        return self._pending.dropped

    @property
    def healthy(self) -> bool:
        late = self._oldest is not None and self._clock.monotonic() - self._oldest > LATE_S
        return not self._failing and not late

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Have `listener` called (in the loop, quickly) after each commit: the live feed's wake-up."""
        self._listeners.append(listener)

    def on_facts(self, listener: Callable[[Sequence[Stamped]], None]) -> None:
        """Have `listener` told of facts as they are put (quickly, before they are stored): the counters."""
        self._hearers.append(listener)

    async def flush(self, timeout_s: float | None = None, *, hurry: bool = True) -> bool:
        """See the port; None: `FLUSH_S`."""
        target = self._pending.put
        if hurry:
            self._hurry.set()
        try:
            async with asyncio.timeout(FLUSH_S if timeout_s is None else timeout_s), self._committed:
                await self._committed.wait_for(lambda: self._written >= target)
        except TimeoutError:
            return False
        return True

    # --- writing ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write until `close`."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                if not self._closing and len(self._pending) < BATCH:
                    await self._gather()
                await self._write_next_batch()
            self._oldest = None
            if self._closing:
                return

    async def _gather(self) -> None:
        enough = asyncio.get_running_loop().call_later(GATHER_S, self._hurry.set)
        await self._hurry.wait()
        enough.cancel()
        self._hurry.clear()

    async def close(self) -> None:
        """Let `run` end once everything is written."""
        self._closing = True
        self._wake.set()
        await self.flush()

    async def _write_next_batch(self) -> None:
        started = self._clock.monotonic()
        batch, last = self._pending.take(BATCH)
        self._in_flight = len(batch)
        await self._persist(batch)
        self._in_flight = 0
        if self._failing:
            log.info("journal.recovered", backlog=self.backlog)
        self._failing = False
        self._written = last
        self._oldest = started if self._pending else None
        for listener in self._listeners:
            listener()
        async with self._committed:
            self._committed.notify_all()

    async def _persist(self, entries: Sequence[Entry]) -> None:
        """Try until it is written; content that the database refuses is found by halving, told, left out."""
        self._batch += 1
        number = self._batch
        for attempt in itertools.count():
            try:
                await self._commit(entries, number, retried=attempt > 0)
            except Exception as error:  # noqa: BLE001 - any driver's error: nothing may be lost for it
                if is_refused(error):
                    await self._leave_out_refused(entries, error)
                    return
                self._failing = True
                if attempt % 10 == 0:
                    log.warning("journal.write_failed", error=str(error)[:500], backlog=self.backlog)
            else:
                return
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])

    async def _leave_out_refused(self, entries: Sequence[Entry], error: Exception) -> None:
        if len(entries) == 1:
            log.error("journal.entry_refused", entry=repr(entries[0])[:2000], error=str(error)[:500])
            return
        middle = len(entries) // 2
        await self._persist(entries[:middle])
        await self._persist(entries[middle:])

    async def _commit(self, batch: Sequence[Entry], number: int, *, retried: bool) -> None:
        await self._database.in_transaction(partial(self._write, batch, number, retried))

    def _write(self, batch: Sequence[Entry], number: int, retried: bool, connection: Connection) -> None:  # noqa: FBT001
        """One transaction. A retry first asks whether the lost answer was a yes."""
        if retried and self._is_marked(connection, number):
            return
        self._write_calls(connection, [e for e in batch if isinstance(e, CallPut)])
        facts = [fact_row(e) for e in batch if isinstance(e, Stamped)]
        self._facts.run(connection, facts)
        self._write_recordings(connection, [e for e in batch if isinstance(e, RecordingPut)])
        cases = [row_of(e) for e in batch if isinstance(e, Case)]
        if cases:
            connection.execute(insert_once(schema.cases, self._database.dialect), cases)
        mark = {"writer": self._writer, "client_id": DEFAULT_CLIENT, "batch": number}
        self._marks.run(connection, [mark])

    def _is_marked(self, connection: Connection, number: int) -> bool:
        marks = schema.journal_marks
        found = connection.scalar(select(marks.c.batch).where(marks.c.writer == self._writer))
        return found is not None and found >= number

    def _write_recordings(self, connection: Connection, puts: Sequence[RecordingPut]) -> None:
        last = {put.recording.id: recording_row(put.recording) for put in puts}
        self._recordings.run(connection, list(last.values()))
        peaks = {
            put.recording.id: {
                "recording_id": put.recording.id,
                "client_id": put.recording.client,
                "peaks": put.peaks,
            }
            for put in puts
            if put.peaks
        }
        self._peaks.run(connection, list(peaks.values()))
        legs = [row for put in puts for row in leg_rows(put.recording)]
        if legs:
            connection.execute(insert_once(schema.recording_legs, self._database.dialect), legs)

    def _write_calls(self, connection: Connection, puts: Sequence[CallPut]) -> None:
        """Of several puts of one call in a batch only the last matters."""
        last = {put.record.id: put for put in puts}
        if not last:
            return
        self._calls.run(connection, [call_row(put.record) for put in last.values()])
        states = [
            {"call_id": put.record.id, "client_id": put.record.client, "state": put.state}
            for put in last.values()
            if put.state is not None
        ]
        self._states.run(connection, states)
        without = [put.record.id for put in last.values() if put.state is None]
        if without:
            self._ended.run(connection, [{"call": call} for call in without])


@asynccontextmanager
async def open_journal(database: Database, clock: Clock) -> AsyncIterator[SqlJournal]:
    """A running journal. On leaving, what was put is written (for `FLUSH_S` at most), then it ends.

    Open it outside the task group of the calls, so that their last words still come through.
    """
    journal = SqlJournal(database, clock)
    task = asyncio.create_task(journal.run(), name="journal")  # no group: it would wrap the body's exceptions
    try:
        yield journal
    finally:
        await journal.close()
        if journal.backlog:
            log.error("journal.lost", entries=journal.backlog)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
