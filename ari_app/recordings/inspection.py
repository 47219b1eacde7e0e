"""Compare calls, rows and files in both directions, at the start and on schedule (M5).

A call that was to be recorded and has nothing: `missing`. A row whose file is gone or of another size: it
has failed. A manifest in the store without a row (the database was set back): its row is written again. A
file that nobody knows: told, never deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime

import msgspec
import structlog

from ari_app.model.call import CallRecord
from ari_app.model.facts import RecordingAlarm
from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.ports import Clock, Journal, RecordingBook, Stamped
from ari_app.recordings import manifest
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.places import Places
from ari_app.recordings.sealed import Damaged, SealedReader
from ari_app.recordings.vault import Vault

log = structlog.get_logger()

DAY_S = 86_400.0
AT_START_DAYS = 30
ON_SCHEDULE_DAYS = 3
EVERY_S = 3600.0
GRACE_S = 120.0
"""What ended this recently may still be on its way."""

Gaps = Callable[[float, float], Awaitable[Collection[CallRecord]]]
"""Calls that started after the first time and ended before the second without a whole recording."""


class Found(msgspec.Struct, frozen=True):
    """What an inspection found."""

    rows: int = 0
    files: int = 0
    missing: tuple[str, ...] = ()
    """Calls without anything."""
    failed: tuple[str, ...] = ()
    """Recordings whose file is gone or of another size."""
    restored: tuple[str, ...] = ()
    """Rows written again from manifests."""
    orphans: tuple[str, ...] = ()
    """Files that nobody knows."""


class Inspection:
    """Looks, repairs what can be, tells of the rest once."""

    def __init__(
        self,
        *,
        book: RecordingBook,
        vault: Vault,
        keys: KeyRing,
        gaps: Gaps,
        journal: Journal,
        clock: Clock,
        places: Places,
    ) -> None:
        self._places = places
        self._book = book
        self._vault = vault
        self._keys = keys
        self._gaps = gaps
        self._journal = journal
        self._clock = clock
        self._told: set[str] = set()

    async def run(self) -> None:
        """Look until cancelled; a store that is away is looked at the next time."""
        days = AT_START_DAYS
        while True:
            try:
                if days == AT_START_DAYS:
                    await self._places.check_keys()
                    await self._places.settle()
                found = await self.look(days)
                log.info("recording.inspected", rows=found.rows, files=found.files)
                days = ON_SCHEDULE_DAYS
            except Exception as error:  # noqa: BLE001 - store or database away: the next look tells
                log.warning("recording.not_inspected", error=str(error)[:300])
            await asyncio.sleep(EVERY_S)

    async def look(self, days: int) -> Found:
        """Inspect so many days back. Raises `StoreUnreachable`."""
        now = self._clock.now()
        since = (now // DAY_S - days) * DAY_S
        rows = {row.id: row for row in await self._book.between(since, now + DAY_S)}
        files = await self._files(rows.values(), since, now)
        failed = [row.id for row in rows.values() if await self._row(row, files)]
        restored, orphans = await self._unknown(rows, files)
        await self._journal.flush()  # what is on its way to the database is no gap
        gaps = [gap for gap in await self._gaps(since, now - GRACE_S) if gap.id not in restored]
        missing = [gap.id for gap in gaps if await self._missing(gap, rows)]
        return Found(len(rows), len(files), tuple(missing), tuple(failed), tuple(restored), tuple(orphans))

    async def _files(self, rows: Collection[Recording], since: float, now: float) -> dict[str, int]:
        """What lies in the store for these days: key → size. Clients are those that the store knows."""
        found: dict[str, int] = {}
        clients = {manifest.safe(row.client) for row in rows} | {"default"}
        for client in sorted(clients):
            for number in range(int((now - since) // DAY_S) + 2):
                day = datetime.fromtimestamp(since + number * DAY_S, UTC)
                folder = f"{client}/{day:%Y/%m/%d}"
                found |= {key: size async for key, size in self._vault.keys(folder)}
        return found

    async def _row(self, row: Recording, files: dict[str, int]) -> bool:
        """Whether the file of a row is not what it should be."""
        if not row.file or not row.sealed_key or row.deleted_at is not None:
            return False
        size = files.get(row.file)
        if size is None:
            size = await self._vault.size(row.file)
        if size == row.stored_bytes or row.store not in {"", self._vault.name}:
            return False  # what lies in another store is told of by `Places`
        detail = _wrong_size(size, row)
        await self._book.mark(row.id, RecordingStatus.FAILED, detail)
        self._alarm("missing" if size is None else "corrupt", row.id, detail, row)
        return True

    async def _unknown(
        self, rows: dict[RecordingId, Recording], files: dict[str, int]
    ) -> tuple[list[str], list[str]]:
        """Files of which no row tells: rows from manifests, the rest by name."""
        restored: list[str] = []
        orphans: list[str] = []
        known = {row.file for row in rows.values()} | {manifest.manifest_key(row) for row in rows.values()}
        strangers = [key for key in files if key not in known]
        told = set()
        for key in sorted(strangers, reverse=True):
            data = await self._vault.get(key) if key.endswith(".json") else None
            recording = manifest.decode(data) if data is not None else None
            if recording is None or manifest.manifest_key(recording) != key:
                continue
            told |= {key, recording.file}
            if recording.id in rows or await self._book.find(recording.id) is not None:
                continue
            if recording.file and files.get(recording.file) != recording.stored_bytes:
                continue
            self._journal.put_recording(msgspec.structs.replace(recording, store=self._vault.name))
            restored.append(recording.id)
            self._alarm("restored", recording.id, "its row was written again from its manifest", recording)
        for key in strangers:
            if key not in told and not await self._rowed(key):
                orphans.append(key)
                self._alarm("orphan", key, f"nobody knows the file {key}", None)
        return restored, orphans

    async def _rowed(self, key: str) -> bool:
        """Whether a row of another day points to this file."""
        ident = key.rsplit("/", 1)[-1].split(".", 1)[0]
        row = await self._book.find(RecordingId(ident))
        return row is not None and row.file == key

    async def _missing(self, gap: CallRecord, rows: dict[RecordingId, Recording]) -> bool:
        """A gap of which no row tells is written down as failed."""
        if any(row.call == gap.id for row in rows.values()) or await self._book.of_call(gap.id):
            return False
        recording = Recording(
            id=RecordingId(gap.id),
            call=gap.id,
            status=RecordingStatus.FAILED,
            started_at=gap.connected_at or gap.started_at,
            client=gap.client,
            detail="the call was to be recorded, and there is no audio",
        )
        self._journal.put_recording(recording)
        self._alarm("missing", gap.id, recording.detail, recording)
        return True

    async def verify(self, recording: Recording) -> str:
        """Read a whole file and compare hashes; what is wrong, or nothing. Marks what is damaged.

        A file that was put back has its status again. Raises `StoreUnreachable`, which says nothing of it.
        """
        if not recording.file or recording.deleted_at is not None:
            return "it has no file"
        size = await self._vault.size(recording.file)
        if size is None and recording.store not in {"", self._vault.name}:
            return f"it lies in {recording.store}, and the store is {self._vault.name}"
        if recording.sealed_key and size != recording.stored_bytes:
            wrong = _wrong_size(size, recording)
        else:
            wrong = await asyncio.to_thread(self._verify, recording)
        if wrong:
            await self._book.mark(recording.id, RecordingStatus.FAILED, wrong)
            self._alarm("corrupt", recording.id, wrong, recording)
        elif recording.status is RecordingStatus.FAILED:
            await self._found_again(recording)
        return wrong

    async def _found_again(self, recording: Recording) -> None:
        """Its file is whole: what its manifest said of it when it was made holds again."""
        data = await self._vault.get(manifest.manifest_key(recording))
        told = manifest.decode(data) if data is not None else None
        if told is not None and told.id == recording.id and told.status is not RecordingStatus.FAILED:
            await self._book.mark(recording.id, told.status, told.detail)
        else:
            detail = "its file was found again; its manifest is gone"
            await self._book.mark(recording.id, RecordingStatus.REPAIRED, detail)

    def _verify(self, recording: Recording) -> str:
        digest = hashlib.sha256()

        def fetch(start: int, stop: int) -> bytes:
            data = self._vault.fetch(recording.file, start, stop)
            digest.update(data)
            return data

        try:
            key = self._keys.open(recording.sealed_key, recording.id)
            reader = SealedReader(fetch, recording.stored_bytes, key, recording.id)
            while reader.read(1 << 20):
                pass
        except Damaged as error:
            return str(error)
        return (
            "" if digest.hexdigest() == recording.stored_sha256 else "its file is not the one that was stored"
        )

    def _alarm(self, kind: str, what: str, detail: str, recording: Recording | None) -> None:
        """Once per life of ours."""
        if f"{kind} {what}" in self._told:
            return
        self._told.add(f"{kind} {what}")
        log.error("recording.alarm", kind=kind, what=what, detail=detail)
        fact = RecordingAlarm(kind, f"{what}: {detail}"[:500])
        call: CallId | None = recording.call if recording is not None else None
        stamped = Stamped(self._clock.now(), fact, call)
        if recording is not None:
            stamped = msgspec.structs.replace(stamped, client=recording.client)
        self._journal.put_facts([stamped])


def _wrong_size(size: int | None, row: Recording) -> str:
    return "its file is gone" if size is None else f"its file has {size} of {row.stored_bytes} bytes"
