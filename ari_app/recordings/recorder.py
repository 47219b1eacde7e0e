"""Make the recording of each finished call whole: raw file in; sealed file, manifest, row out; raw file gone.

    raw + note → coded, sealed and read back (`.part`, worker process) → store: audio, then manifest
    → row committed → raw renamed `.shred`, overwritten, removed → note removed

Whatever dies between two arrows, the next start goes on from what it finds: the raw file stays until the row
is committed, and each step done twice gives the same. Nothing that is short, missing or unreadable is called
complete.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from ari_app.model.call import CallRecord
from ari_app.model.facts import RecordingAlarm, RecordingStored
from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Recording, RecordingLeg, RecordingStatus, Tape
from ari_app.ports import Clock, Journal, RecordingBook, Stamped
from ari_app.recordings import audio, jobs, manifest
from ari_app.recordings.jobs import Job
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.make import Made, Order
from ari_app.recordings.ring import Ring, shred
from ari_app.recordings.sealed import new_key
from ari_app.recordings.vault import StoreUnreachable, Vault
from ari_app.recordings.workshop import OrderFailed

log = structlog.get_logger()

LEAST_FREE_BYTES = 200 * 1024 * 1024
"""Below this no recording is started: an hour of talk is 115 MB."""
LEAST_TALK_FRAMES = audio.RATE_HZ // 2
"""Less audio than half a second is no talk."""
SETTLE_S = 0.1
SETTLE_TRIES = 50
AT_ONCE = 64
"""Files watched at once: 200 calls may end in a second."""
FEW = 2
"""Worked on at once: one is coded while another is stored."""
AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
ALARM_AFTER = 3
"""Tries after which people are told that it does not work."""


class Maker(Protocol):
    """Who codes and seals; raises `OrderFailed`."""

    async def make(self, order: Order) -> Made: ...


class NotYet(Exception):  # noqa: N818 - tried again
    """A step could not be done now; the raw file stays."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class Recorder:
    """Owns the spool folder, where the PBX writes. `run` works off what `finish` puts in."""

    def __init__(  # noqa: PLR0913 - its whole world
        self,
        folder: Path,
        *,
        maker: Maker,
        vault: Vault,
        keys: KeyRing,
        book: RecordingBook,
        journal: Journal,
        clock: Clock,
        least_free_bytes: int = LEAST_FREE_BYTES,
    ) -> None:
        self.folder = folder
        self.ring = Ring(folder)
        self._maker = maker
        self._vault = vault
        self._keys = keys
        self._book = book
        self._journal = journal
        self._clock = clock
        self._least_free_bytes = least_free_bytes
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._pending: set[CallId] = set()
        self._few = asyncio.Semaphore(FEW)

    # --- while calls live -------------------------------------------------------------------------------

    @property
    def backlog(self) -> int:
        """Recordings that are being made whole."""
        return len(self._pending)

    def pending(self) -> set[CallId]:
        """The calls they are of."""
        return set(self._pending)

    def room(self) -> bool:
        """Whether there is space for one more; a folder that cannot be asked has none."""
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            log.error("recording.folder_unusable", error=str(error))  # noqa: TRY400 - expected, not a bug
            return False
        if free < self._least_free_bytes:
            log.error("recording.disk_full", free_bytes=free, least_bytes=self._least_free_bytes)
        return free >= self._least_free_bytes

    def hold_last(self, call: CallId, seconds: float | None) -> None:
        """See `calls.services`: only the last seconds of this call's file are kept from now on."""
        self.ring.hold(call, seconds)

    def taped_s(self, call: CallId) -> float | None:
        """How much of it lies in the raw file, in seconds."""
        raw = self.folder / f"{call}.raw"
        return _frames(raw) / audio.RATE_HZ if raw.is_file() else None

    def throw_away(self, call: CallId) -> None:
        """No byte of it stays: the file is overwritten where it lies, then removed."""
        self.ring.hold(call, None)
        try:
            shred(self.folder / f"{call}.raw")
        except (OSError, ValueError) as error:
            self._alarm(None, "not_shredded", f"{call}.raw: {error}")

    def finish(self, record: CallRecord, legs: tuple[RecordingLeg, ...], tape: Tape, *, lost: bool) -> None:
        """The call is over; its recording is made whole in the background."""
        self.ring.hold(record.id, None)
        job = Job(record, legs, tape, lost)
        try:
            jobs.write_note(self.folder, job)
        except (OSError, ValueError) as error:
            log.error("recording.note_unwritten", call_id=record.id, error=str(error))  # noqa: TRY400
        self.take(job)

    def take(self, job: Job) -> None:
        """Put a job in line."""
        self._pending.add(job.record.id)
        self._jobs.put_nowait(job)

    def left_behind(self, live: Collection[CallId]) -> tuple[list[Job], list[CallId]]:
        """What a former life did not come to: jobs that it noted, and calls of which only the file is there.

        Files of live calls still grow. Whatever else that life left half-done is removed.
        """
        noted, bare = [], []
        for path in (*self.folder.glob("*.part"), *self.folder.glob("*.shred")):
            try:
                shred(path)
            except OSError as error:
                self._alarm(None, "not_shredded", f"{path.name}: {error}")
        for path in self.folder.glob("*.note"):
            job = jobs.read_note(path)
            if job is not None and job.record.id not in live:
                noted.append(job)
        known = {job.record.id for job in noted}
        for raw in self.folder.glob("*.raw"):
            call = CallId(raw.stem)
            if call not in live and call not in known:
                bare.append(call)
        return noted, bare

    # --- afterwards -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work off finished calls until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ring.run())
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            try:
                await self._until_done(job)
            except Exception as error:  # our own mistake: the raw file stays, and is found at the next start
                log.exception("recording.fault", call_id=job.record.id)
                self._alarm(job.record, "not_converted", f"{type(error).__name__}: {error}")
            finally:
                self._pending.discard(job.record.id)

    async def _until_done(self, job: Job) -> None:
        await _settled(self.folder / f"{job.record.id}.raw")
        for attempt in range(1_000_000):
            try:
                async with self._few:
                    await self.make(job)
            except NotYet as problem:
                log.warning(
                    "recording.not_yet", call_id=job.record.id, kind=problem.kind, error=str(problem)[:300]
                )
                if attempt + 1 == ALARM_AFTER:
                    self._alarm(job.record, problem.kind, str(problem))
                await asyncio.sleep(AGAIN_S[min(attempt, len(AGAIN_S) - 1)])
            else:
                return

    async def make(self, job: Job) -> Recording | None:
        """All steps for one call; None when there was no talk. Raises `NotYet`."""
        call = job.record.id
        raw, part = self.folder / f"{call}.raw", self.folder / f"{call}.part"
        known = await self._book.find(RecordingId(call))
        if known is not None and (known.file or known.deleted_at is not None):
            await self._clear(call)  # a former life came as far as the row
            return known
        frames = await asyncio.to_thread(_frames, raw)
        if not job.legs and frames < LEAST_TALK_FRAMES:
            await self._clear(call)
            return None
        recording, peaks = await self._coded(job, raw, part, frames)
        await self._keep(recording, peaks, part)
        await self._clear(call)
        self._tell(job.record, recording)
        return recording

    async def _coded(self, job: Job, raw: Path, part: Path, frames: int) -> tuple[Recording, bytes]:
        """The recording, its audio sealed in `part`; without audio it has failed, and says so."""
        recording = jobs.outline(job)
        status, detail = jobs.status_of(frames / audio.RATE_HZ, job)
        failed = msgspec.structs.replace(recording, detail=detail or "there is no audio")
        if frames <= job.first_frame:
            return failed, b""
        key = new_key()
        order = Order(recording.id, str(raw), str(part), recording.codec, key, job.first_frame)
        try:
            made = await self._maker.make(order)
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
            samples=made.frames,
            duration_s=made.frames / audio.RATE_HZ,
            sha256=made.sha256,
            sealed_key=self._keys.seal(key, recording.id),
            plain_bytes=made.plain_bytes,
            stored_bytes=made.stored_bytes,
            stored_sha256=made.stored_sha256,
        )
        return coded, made.peaks

    async def _keep(self, recording: Recording, peaks: bytes, part: Path) -> None:
        """Into the store, then into the database: a row never points to what is not there."""
        try:
            if recording.file:
                await self._vault.put(recording.file, part)
            await self._vault.put(manifest.manifest_key(recording), manifest.encode(recording))
        except StoreUnreachable as error:
            raise NotYet("store_away", str(error)) from error
        if peaks:
            await self._book.put_peaks(recording, peaks)
        self._journal.put_recording(recording)
        if not await self._journal.flush():
            raise NotYet("database_away", "the row is not committed yet")

    async def _clear(self, call: CallId) -> None:
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
            jobs.note_of(self.folder, call).unlink(missing_ok=True)

        try:
            await asyncio.to_thread(clear)
        except OSError as error:
            self._alarm(None, "not_shredded", f"{call}: {error}")

    def _tell(self, record: CallRecord, recording: Recording) -> None:
        fact = RecordingStored(recording.id, recording.status, recording.duration_s)
        self._journal.put_facts([Stamped(self._clock.now(), fact, record.id, record.client)])
        if recording.status is not RecordingStatus.COMPLETE:
            self._alarm(record, "incomplete", f"{recording.status.value}: {recording.detail}")

    def _alarm(self, record: CallRecord | None, kind: str, detail: str) -> None:
        log.error("recording.alarm", kind=kind, detail=detail, call_id=record.id if record else None)
        fact = RecordingAlarm(kind, detail[:500])
        stamped = (
            Stamped(self._clock.now(), fact, record.id, record.client)
            if record is not None
            else Stamped(self._clock.now(), fact)
        )
        self._journal.put_facts([stamped])


def _frames(raw: Path) -> int:
    try:
        return raw.stat().st_size // audio.FRAME_BYTES if raw.is_file() else 0
    except OSError:
        return 0


async def _settled(raw: Path) -> None:
    """The PBX closes the file a moment after it tells of the channel's end: wait until it stops growing."""
    size, steady = -1, 0
    for _ in range(SETTLE_TRIES):
        now = await asyncio.to_thread(_frames, raw)
        steady = steady + 1 if now == size else 0
        if steady >= 2:
            return
        size = now
        await asyncio.sleep(SETTLE_S)
