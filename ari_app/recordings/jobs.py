"""What is to be done for one finished call, noted before it is begun, and what may be said of the result."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from ari_app.model.call import CallRecord, FinalState
from ari_app.model.ids import RecordingId
from ari_app.model.recording import Pause, Recording, RecordingLeg, RecordingStatus, Tape
from ari_app.recordings import audio

TOLERANCE_S = 2.0
"""A recording may be this much shorter than the talk before it counts as truncated (plus 2 %)."""
DAY_S = 86_400.0


class Job(msgspec.Struct, frozen=True):
    """A finished call whose raw file is to be made a recording; `lost`: the PBX died under it."""

    record: CallRecord
    legs: tuple[RecordingLeg, ...] = ()
    tape: Tape = Tape()
    lost: bool = False
    withdrawn: tuple[str, str] | None = None
    """Why and by whom: nothing of it may stay."""

    @property
    def expected_s(self) -> float:
        """How long the raw file should be."""
        return self.tape.base_s or sum(leg.end_s - leg.start_s for leg in self.legs)

    @property
    def first_frame(self) -> int:
        """Where what is kept begins."""
        return int(self.tape.kept_from_s * audio.RATE_HZ)


def of_record(record: CallRecord) -> Job:
    """For a raw file of which only the call's record is known: a former life of ours did not come to it."""
    talked, operator = record.talk_s or 0.0, record.operator
    legs = (RecordingLeg(operator, 0.0, talked),) if operator is not None and talked > 0 else ()
    tape = Tape(from_operator=operator is not None and record.caller == operator)  # who called by himself
    return Job(record, legs, tape, lost=record.final_state is FinalState.LOST_MEDIA)


def note_of(folder: Path, call: str) -> Path:
    """Where a job is noted while it waits."""
    return folder / f"{call}.note"


def write_note(folder: Path, job: Job) -> None:
    """So that a restart knows what this life knew. Raises `OSError`."""
    path = note_of(folder, job.record.id)
    part = path.with_suffix(".note-part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.msgpack.encode(job))
    part.replace(path)


def read_note(path: Path) -> Job | None:
    """None: it is torn, or of another release."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Job)
    except (OSError, msgspec.MsgspecError):
        return None


def outline(job: Job) -> Recording:
    """The recording before anything is known of its audio: failed."""
    record, tape = job.record, job.tape
    started = record.connected_at or record.started_at
    policy = tape.policy
    return Recording(
        id=RecordingId(record.id),
        call=record.id,
        client=record.client,
        status=RecordingStatus.FAILED,
        started_at=started + tape.kept_from_s,
        rate_hz=audio.RATE_HZ,
        legs=tuple(_moved_leg(leg, tape.kept_from_s) for leg in job.legs),
        pauses=tuple(_moved_pause(pause, tape) for pause in tape.pauses),
        codec=policy.codec,
        policy=policy.source,
        consent=tape.consent,
        expires_at=started + policy.keep_days * DAY_S if policy.keep_days else None,
    )


def _moved_leg(leg: RecordingLeg, by_s: float) -> RecordingLeg:
    return RecordingLeg(leg.operator, max(0.0, leg.start_s - by_s), max(0.0, leg.end_s - by_s))


def _moved_pause(pause: Pause, tape: Tape) -> Pause:
    end = tape.base_s if pause.end_s is None else pause.end_s
    by_s = tape.kept_from_s
    ended_by = pause.ended_by or "the call's end"
    return Pause(max(0.0, pause.start_s - by_s), max(0.0, end - by_s), pause.by, ended_by)


def status_of(got_s: float, job: Job) -> tuple[RecordingStatus, str]:
    """What may be said of a raw file of `got_s` seconds, and why."""
    expected_s = job.expected_s
    if got_s <= 0 < expected_s:
        return RecordingStatus.FAILED, f"there is no audio of a talk of {expected_s:.1f} s"
    if job.lost:
        return RecordingStatus.TRUNCATED, "the PBX died under the call"
    if got_s < expected_s - TOLERANCE_S - 0.02 * expected_s:
        return RecordingStatus.TRUNCATED, f"{got_s:.1f} s of a talk of {expected_s:.1f} s"
    if job.tape.unseen:
        return RecordingStatus.REPAIRED, "its end was not seen: this is all that was taped"
    if not job.legs:
        return RecordingStatus.REPAIRED, "a talk that was not seen"
    return RecordingStatus.COMPLETE, ""
