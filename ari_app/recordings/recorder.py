"""The spool folder, where the PBX writes, and the line of finished calls on their way through `steps`."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from pathlib import Path

import msgspec
import structlog

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.recording import Recording, RecordingLeg, Tape
from ari_app.recordings import audio, jobs
from ari_app.recordings.jobs import Job
from ari_app.recordings.ring import Ring, shred
from ari_app.recordings.settling import Settling
from ari_app.recordings.steps import NotYet, Steps, frames_of
from ari_app.recordings.vault import StoreUnreachable

log = structlog.get_logger()

LEAST_FREE_BYTES = 200 * 1024 * 1024
"""Below this no recording is started: an hour of talk is 115 MB."""
AT_ONCE = 64
"""Files watched at once: 200 calls may end in a second."""
AT_ONCE_BYTES = 4_000_000
"""Two minutes of talk are overwritten in some milliseconds; more is done in a thread."""
FEW = 2
"""Worked on at once: one is coded while another is stored."""
AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
ALARM_AFTER = 3
"""Tries after which people are told that it does not work."""


class Waiting:
    """A finished call whose recording is on its way; `one` is held by who works on it.

    `anew`: it ended in this life, so there is no row of it.
    """

    __slots__ = ("anew", "job", "one")

    def __init__(self, job: Job, *, anew: bool) -> None:
        self.job, self.anew = job, anew
        self.one = asyncio.Lock()


class Recorder:
    """Owns the spool folder, where the PBX writes. `run` works off what `finish` puts in."""

    def __init__(self, steps: Steps, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        self.steps = steps
        self.folder = steps.folder
        self.ring = Ring(steps.folder)
        self._least_free_bytes = least_free_bytes
        self._jobs: asyncio.Queue[CallId] = asyncio.Queue()
        self._pending: dict[CallId, Waiting] = {}
        self._few = asyncio.Semaphore(FEW)
        self._settling = Settling()
        self._doomed: asyncio.Queue[Path] = asyncio.Queue()

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
        return frames_of(raw) / audio.RATE_HZ if raw.is_file() else None

    def throw_away(self, call: CallId) -> None:
        """No byte of it stays: it is overwritten where it lies, then removed; what is large, in a thread."""
        self.ring.hold(call, None)
        for suffix in (".raw", ".unreadable"):
            path = self.folder / f"{call}{suffix}"
            try:
                if path.is_file() and path.stat().st_size > AT_ONCE_BYTES:
                    doomed = path.with_name(f"{path.name}.shred")
                    path.replace(doomed)
                    self._doomed.put_nowait(doomed)
                else:
                    shred(path)
            except (OSError, ValueError) as error:
                self.steps.alarm(None, "not_shredded", f"{path.name}: {error}")

    def finish(self, record: CallRecord, legs: tuple[RecordingLeg, ...], tape: Tape, *, lost: bool) -> None:
        """The call is over; its recording is made whole in the background."""
        self.ring.hold(record.id, None)
        job = Job(record, legs, tape, lost)
        try:
            jobs.write_note(self.folder, job)
        except (OSError, ValueError) as error:
            log.error("recording.note_unwritten", call_id=record.id, error=str(error))  # noqa: TRY400
        self.take(job, anew=True)

    def take(self, job: Job, *, anew: bool = False) -> None:
        """Put a job in line; `anew`: its call has just ended."""
        if job.record.id not in self._pending:
            self._pending[job.record.id] = Waiting(job, anew=anew)
            self._jobs.put_nowait(job.record.id)

    async def withdraw(self, call: CallId, *, why: str, by: str) -> Recording | None:
        """Leave nothing of a recording that is on its way; its tombstone, or None: it is not (any more).

        What dies in between goes on with it. Raises `StoreUnreachable`: told again, it is gone on with.
        """
        waiting = self._pending.get(call)
        if waiting is None:
            return None
        waiting.job = msgspec.structs.replace(waiting.job, withdrawn=(why, by))
        await asyncio.to_thread(jobs.write_note, self.folder, waiting.job)
        async with waiting.one:
            if self._pending.get(call) is not waiting:
                return None  # its row was there before this was asked
            try:
                return await self.steps.undo(waiting.job, why, by)
            except NotYet as problem:
                raise StoreUnreachable(str(problem)) from problem

    def left_behind(self, live: Collection[CallId]) -> tuple[list[Job], list[CallId]]:
        """What a former life did not come to: jobs that it noted, and calls of which only the file is there.

        Files of live calls still grow. Whatever else that life left half-done is removed.
        """
        noted, bare = [], []
        for path in (*self.folder.glob("*.part"), *self.folder.glob("*.shred")):
            try:
                shred(path)
            except OSError as error:
                self.steps.alarm(None, "not_shredded", f"{path.name}: {error}")
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
            group.create_task(self._shred())
            group.create_task(self._settling.run())
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _shred(self) -> None:
        while True:
            path = await self._doomed.get()
            try:
                await asyncio.to_thread(shred, path)
            except OSError as error:
                self.steps.alarm(None, "not_shredded", f"{path.name}: {error}")

    async def _work(self) -> None:
        while True:
            call = await self._jobs.get()
            waiting = self._pending[call]
            try:
                await self._until_done(waiting)
            except Exception as error:  # our own mistake: the raw file stays, and is found at the next start
                log.exception("recording.fault", call_id=call)
                self.steps.alarm(waiting.job.record, "not_converted", f"{type(error).__name__}: {error}")
            finally:
                self._pending.pop(call, None)

    async def _until_done(self, waiting: Waiting) -> None:
        call = waiting.job.record.id
        frames = await self._settling.settled(self.folder / f"{call}.raw")
        for attempt in range(1_000_000):
            try:
                async with waiting.one, self._few:
                    await self.steps.make(
                        waiting.job,
                        frames=frames if attempt == 0 else None,
                        anew=waiting.anew and attempt == 0,
                    )
            except NotYet as problem:
                log.warning("recording.not_yet", call_id=call, kind=problem.kind, error=str(problem)[:300])
                if attempt + 1 == ALARM_AFTER:
                    self.steps.alarm(waiting.job.record, problem.kind, str(problem))
                await asyncio.sleep(AGAIN_S[min(attempt, len(AGAIN_S) - 1)])
            else:
                return
