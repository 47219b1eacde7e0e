"""What is done for each finished call: raw file in; sealed file, manifest, row out; raw file gone.

    raw + note → coded, sealed and read back (`.part`, worker process) → store: audio, then manifest
    → row committed → raw renamed `.shred`, overwritten, removed → note removed

Whatever dies between two arrows, the next start goes on from what it finds: the raw file stays until the row
is committed, and each step done twice gives the same. Nothing that is short, missing or unreadable is called
complete. A caller who withdraws in between has it undone: only a tombstone stays.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from ari_app.model.call import CallRecord
from ari_app.model.facts import RecordingAlarm, RecordingDeleted, RecordingStored
from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.ports import Clock, Journal, RecordingBook, Stamped
from ari_app.recordings import audio, jobs, manifest
from ari_app.recordings.jobs import Job
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.make import Made, Order
from ari_app.recordings.ring import shred
from ari_app.recordings.sealed import new_key
from ari_app.recordings.vault import StoreUnreachable, Vault
from ari_app.recordings.workshop import OrderFailed

log = structlog.get_logger()

LEAST_TALK_FRAMES = audio.RATE_HZ // 2
"""Less audio than half a second is no talk."""


class Maker(Protocol):
    """Who codes and seals; raises `OrderFailed`."""

    async def make(self, order: Order) -> Made: ...


class NotYet(Exception):  # noqa: N818 - tried again
    """A step could not be done now; the raw file stays."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class Steps:
    """The way of one recording; knows no queue. `alarm` tells of what somebody must look at."""

    def __init__(
        self,
        folder: Path,
        *,
        maker: Maker,
        vault: Vault,
        keys: KeyRing,
        book: RecordingBook,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self.folder = folder
        self.maker = maker
        self._vault = vault
        self._keys = keys
        self._book = book
        self._journal = journal
        self._clock = clock
        self._told: set[CallId] = set()
        """Whose fact is put, and whose row is perhaps not committed: tried again, it is not told twice."""

    async def make(self, job: Job, *, frames: int | None = None, anew: bool = False) -> Recording | None:
        """All steps for one call; None when there was no talk. Raises `NotYet`.

        `frames`: what the raw file holds, where that is known; `anew`: nobody tried before.
        """
        call = job.record.id
        raw, part = self.folder / f"{call}.raw", self.folder / f"{call}.part"
        if job.withdrawn is not None:
            return await self.undo(job, *job.withdrawn)
        known = None if anew else await self._book.find(RecordingId(call))
        if known is not None and (known.file or known.deleted_at is not None):
            await self._clear(call)  # a former life came as far as the row
            return known
        if frames is None:
            frames = await asyncio.to_thread(frames_of, raw)
        if not job.legs and frames < LEAST_TALK_FRAMES:
            await self._clear(call)
            return None
        recording, peaks = await self._coded(job, raw, part, frames)
        await self._keep(job.record, recording, peaks, part)
        await self._clear(call)
        self._told.discard(call)
        return recording

    async def _coded(self, job: Job, raw: Path, part: Path, frames: int) -> tuple[Recording, bytes]:
        """The recording, its audio sealed in `part`; without audio it has failed, and says so."""
        recording = jobs.outline(job)
        status, detail = jobs.status_of(frames / audio.RATE_HZ, job)
        failed = msgspec.structs.replace(recording, detail=detail or "there is no audio")
        if frames <= job.first_frame:
            return failed, b""
        key = new_key()
        order = Order(
            recording.id,
            str(raw),
            str(part),
            recording.codec,
            key,
            job.first_frame,
            frames,
            swapped=job.tape.from_operator,
        )
        try:
            made = await self.maker.make(order)
        except OrderFailed as failure:
            if not failure.final:
                raise NotYet("not_converted", str(failure)) from failure
            await asyncio.to_thread(raw.replace, raw.with_suffix(".unreadable"))
            return msgspec.structs.replace(failed, detail=str(failure)), b""
        coded = msgspec.structs.replace(
            recording,
            status=status,
            detail=detail,
            file=manifest.audio_key(recording),
            store=self._vault.name,
            samples=made.frames,
            duration_s=made.frames / audio.RATE_HZ,
            sha256=made.sha256,
            sealed_key=self._keys.seal(key, recording.id),
            plain_bytes=made.plain_bytes,
            stored_bytes=made.stored_bytes,
            stored_sha256=made.stored_sha256,
        )
        return coded, made.peaks

    async def _keep(self, record: CallRecord, recording: Recording, peaks: bytes, part: Path) -> None:
        """Into the store, then into the database: a row never points to what is not there."""
        told = manifest.manifest_key(recording), manifest.encode(recording)
        try:
            if recording.file:
                await self._vault.keep(recording.file, part, told)
            else:
                await self._vault.put(*told)
        except StoreUnreachable as error:
            raise NotYet("store_away", str(error)) from error
        self._journal.put_recording(recording, peaks)
        if record.id not in self._told:  # with the row, so that one commit does for both
            self._told.add(record.id)
            self._tell(record, recording)
        if not await self._journal.flush(hurry=False):
            raise NotYet("database_away", "the row is not committed yet")

    async def undo(self, job: Job, why: str, by: str) -> Recording:
        """Nothing of it stays but a tombstone. Raises `NotYet`."""
        recording, call = jobs.outline(job), job.record.id
        await self._clear(call, note=False)
        try:
            for key in (manifest.manifest_key(recording), manifest.audio_key(recording)):
                await self._vault.delete(key)
        except StoreUnreachable as error:
            raise NotYet("store_away", str(error)) from error
        now = self._clock.now()
        tombstone = msgspec.structs.replace(
            recording, status=RecordingStatus.DELETED, deleted_at=now, deleted_why=why
        )
        known = await self._book.find(recording.id)
        if known is not None and known.deleted_at is not None:
            tombstone = known  # undone in a former life
        else:
            self._journal.put_recording(tombstone)
            fact = RecordingDeleted(recording.id, why, by)
            self._journal.put_facts([Stamped(now, fact, call, recording.client)])
        if not await self._journal.flush():
            raise NotYet("database_away", "the row is not committed yet")
        await asyncio.to_thread(jobs.note_of(self.folder, call).unlink, missing_ok=True)
        self._told.discard(call)
        return tombstone

    async def _clear(self, call: CallId, *, note: bool = True) -> None:
        """Nothing plain stays. The new name comes first: a half-overwritten file is never taken for audio."""
        raw = self.folder / f"{call}.raw"
        doomed = raw.with_suffix(".shred")

        def clear() -> None:
            if raw.is_dir():  # what the PBX could not write to
                raw.rmdir()
            elif raw.is_symlink() or raw.exists():
                raw.replace(doomed)
            shred(doomed)
            raw.with_suffix(".part").unlink(missing_ok=True)
            if note:
                jobs.note_of(self.folder, call).unlink(missing_ok=True)

        try:
            await asyncio.to_thread(clear)
        except OSError as error:
            self.alarm(None, "not_shredded", f"{call}: {error}")

    def _tell(self, record: CallRecord, recording: Recording) -> None:
        fact = RecordingStored(recording.id, recording.status, recording.duration_s)
        self._journal.put_facts([Stamped(self._clock.now(), fact, record.id, record.client)])
        if recording.status is not RecordingStatus.COMPLETE:
            self.alarm(record, "incomplete", f"{recording.status.value}: {recording.detail}")

    def alarm(self, record: CallRecord | None, kind: str, detail: str) -> None:
        """Somebody must look at this: log, metric, webhook."""
        log.error("recording.alarm", kind=kind, detail=detail, call_id=record.id if record else None)
        fact = RecordingAlarm(kind, detail[:500])
        stamped = (
            Stamped(self._clock.now(), fact, record.id, record.client)
            if record is not None
            else Stamped(self._clock.now(), fact)
        )
        self._journal.put_facts([stamped])


def frames_of(raw: Path) -> int:
    """How many frames the PBX has written; none where there is no file."""
    try:
        return raw.stat().st_size // audio.FRAME_BYTES if raw.is_file() else 0
    except OSError:
        return 0
