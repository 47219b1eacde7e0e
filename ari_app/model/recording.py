"""A call's recording and its manifest (M1)."""

from __future__ import annotations

import enum

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, OperatorId, RecordingId


class RecordingStatus(enum.StrEnum):
    """Whether the audio can be trusted to be the whole conversation."""

    RECORDING = "recording"
    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REPAIRED = "repaired"
    FAILED = "failed"


class RecordingLeg(msgspec.Struct, frozen=True):
    """One stretch with one operator, in seconds from the recording's start."""

    operator: OperatorId
    start_s: float
    end_s: float


class Recording(msgspec.Struct, frozen=True):
    """One logical recording of a call: left channel the caller, right the operator side."""

    id: RecordingId
    call: CallId
    status: RecordingStatus
    started_at: float
    client: ClientId = DEFAULT_CLIENT
    file: str = ""
    """Path relative to the recordings folder."""
    rate_hz: int = 8000
    samples: int = 0
    duration_s: float = 0.0
    sha256: str = ""
    legs: tuple[RecordingLeg, ...] = ()
