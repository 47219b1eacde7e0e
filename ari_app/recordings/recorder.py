"""Make the recording of each finished call whole: raw file in, WAV and manifest out, status told truly.

A call that the PBX recorded leaves `<call>.raw` in the folder. Conversion runs beside the calls, a few
at a time, in threads. Nothing that is short, missing or unreadable is ever called complete.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec
import structlog

from ari_app.model.call import CallRecord, FinalState
from ari_app.model.facts import RecordingStored
from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Recording, RecordingLeg, RecordingStatus, Tape
from ari_app.ports import Clock, Journal, Stamped
from ari_app.recordings import audio
from ari_app.recordings.ring import Ring, shred

log = structlog.get_logger()

LEAST_FREE_BYTES = 200 * 1024 * 1024
"""Below this no recording is started: an hour of talk is 115 MB."""
TOLERANCE_S = 2.0
"""A recording may be this much shorter than the talk before it counts as truncated (plus 2 %)."""

LEAST_TALK_BYTES = audio.RATE_HZ * audio.FRAME_BYTES // 2
"""Less audio than half a second is no talk."""
SETTLE_S = 0.1
SETTLE_TRIES = 50
SETTLING = 64
"""Files watched at once: a worker needs 0.3 s per call, so that 200 calls may end in a second."""
CONVERSIONS = 2


class Recorder:
    """Owns the recordings folder. `run` works off what `finish` puts in."""

    def __init__(
        self,
        folder: Path,
        *,
        journal: Journal,
        clock: Clock,
        on_failure: Callable[[Recording], None] = lambda _recording: None,
    ) -> None:
        self.folder = folder
        self._journal = journal
        self._clock = clock
        self._on_failure = on_failure
        self._jobs: asyncio.Queue[tuple[CallRecord, tuple[RecordingLeg, ...], bool]] = asyncio.Queue()
        self.ring = Ring(folder)
        self._pending: set[CallId] = set()

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
        if free < LEAST_FREE_BYTES:
            log.error("recording.disk_full", free_bytes=free, least_bytes=LEAST_FREE_BYTES)
        return free >= LEAST_FREE_BYTES

    def hold_last(self, call: CallId, seconds: float | None) -> None:
        """See `ports`: only the last seconds of this call's file are kept from now on."""
        self.ring.hold(call, seconds)

    def throw_away(self, call: CallId) -> None:
        """No byte of it stays: the file is overwritten where it lies, then removed."""
        self.ring.hold(call, None)
        try:
            shred(self.folder / f"{call}.raw")
        except OSError as error:
            log.error("recording.not_shredded", call_id=call, error=str(error))  # noqa: TRY400

    def finish(self, record: CallRecord, legs: tuple[RecordingLeg, ...], tape: Tape, *, lost: bool) -> None:
        """The call is over; its recording is made whole in the background."""
        del tape
        self.ring.hold(record.id, None)
        self._pending.add(record.id)
        self._jobs.put_nowait((record, legs, lost))

    async def run(self) -> None:
        """Work off finished calls until cancelled: many files settle at once, few are converted at once."""
        converting = asyncio.Semaphore(CONVERSIONS)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ring.run())
            for _ in range(SETTLING):
                group.create_task(self._work(converting))

    async def _work(self, converting: asyncio.Semaphore) -> None:
        while True:
            record, legs, lost = await self._jobs.get()
            try:
                await _settled(self.folder / f"{record.id}.raw")
                async with converting:
                    recording = await asyncio.to_thread(self.make, record, legs, lost=lost)
                if recording is not None:
                    self._keep(record, recording)
            except Exception:  # the raw file stays, and is found at the next start
                log.exception("recording.fault", call_id=record.id)
            finally:
                self._pending.discard(record.id)

    def _keep(self, record: CallRecord, recording: Recording) -> None:
        self._journal.put_recording(recording)
        fact = RecordingStored(recording.id, recording.status, recording.duration_s)
        self._journal.put_facts([Stamped(self._clock.now(), fact, record.id, record.client)])
        if recording.status is not RecordingStatus.COMPLETE:
            log.error("recording.not_complete", call_id=record.id, status=recording.status.value)
            self._on_failure(recording)

    def left_behind(self, live: Collection[CallId]) -> list[CallId]:
        """Calls whose raw files a former life of ours did not come to; those of live calls still grow."""
        return [call for raw in self.folder.glob("*.raw") if (call := CallId(raw.stem)) not in live]

    def finish_left_behind(self, record: CallRecord) -> None:
        """Make whole what `left_behind` found; of the talk only its length is known any more."""
        talked, operator = record.talk_s or 0.0, record.operator
        legs = (RecordingLeg(operator, 0.0, talked),) if operator is not None and talked > 0 else ()
        self.finish(record, legs, Tape(), lost=record.final_state is FinalState.LOST_MEDIA)

    def make(self, record: CallRecord, legs: tuple[RecordingLeg, ...], *, lost: bool) -> Recording | None:
        """Convert one call's raw file; None when the call was offered but never talked.

        A talk of which we know nothing (it began and ended while we were away) leaves audio all the same.
        """
        raw, wav = self.folder / f"{record.id}.raw", self.folder / f"{record.id}.wav"
        expected_s = sum(leg.end_s - leg.start_s for leg in legs)
        if not legs and _size(raw) < LEAST_TALK_BYTES:
            raw.unlink(missing_ok=True)
            return None
        recording = Recording(
            id=RecordingId(record.id),
            call=record.id,
            client=record.client,
            status=RecordingStatus.FAILED,
            started_at=record.connected_at or record.started_at,
            file=wav.name,
            rate_hz=audio.RATE_HZ,
            legs=legs,
        )
        try:
            written = audio.raw_to_wav(raw, wav)
        except OSError as error:
            log.error("recording.unreadable", call_id=record.id, error=str(error))  # noqa: TRY400
            return self._manifest(recording)
        status = _status(written.duration_s, expected_s, lost=lost) if legs else RecordingStatus.REPAIRED
        recording = msgspec.structs.replace(
            recording,
            status=status,
            samples=written.samples,
            duration_s=written.duration_s,
            sha256=written.sha256,
        )
        self._manifest(recording)
        raw.unlink(missing_ok=True)
        return recording

    def _manifest(self, recording: Recording) -> Recording:
        """The manifest lies beside the audio, so that a folder alone can be checked against itself."""
        path = self.folder / f"{recording.id}.json"
        part = path.with_suffix(".json.part")
        try:
            part.write_bytes(msgspec.json.format(msgspec.json.encode(recording)))
            part.replace(path)
        except OSError as error:
            log.error("recording.manifest_unwritten", call_id=recording.call, error=str(error))  # noqa: TRY400
            return msgspec.structs.replace(recording, status=RecordingStatus.FAILED)
        return recording


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


async def _settled(raw: Path) -> None:
    """The PBX closes the file a moment after it tells of the channel's end: wait until it stops growing."""
    size, steady = -1, 0
    for _ in range(SETTLE_TRIES):
        now = await asyncio.to_thread(_size, raw)
        steady = steady + 1 if now == size else 0
        if steady >= 2:
            return
        size = now
        await asyncio.sleep(SETTLE_S)


def _status(got_s: float, expected_s: float, *, lost: bool) -> RecordingStatus:
    """What may be said of `got_s` seconds of audio of a talk of `expected_s`."""
    if got_s <= 0 < expected_s:
        return RecordingStatus.FAILED
    if lost or got_s < expected_s - TOLERANCE_S - 0.02 * expected_s:
        return RecordingStatus.TRUNCATED
    return RecordingStatus.COMPLETE
