"""A call's recording and its manifest (M1), and the rules by which calls are recorded (M2)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, OperatorId, RecordingId

Codec: TypeAlias = Literal["flac", "opus", "wav"]
Mode: TypeAlias = Literal["always", "never", "percent", "on_demand"]
Consent: TypeAlias = Literal["not_asked", "given", "refused"]


class RecordingStatus(enum.StrEnum):
    """Whether the audio can be trusted to be the whole conversation."""

    RECORDING = "recording"
    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REPAIRED = "repaired"
    FAILED = "failed"
    DELETED = "deleted"
    """The audio is gone on purpose: this is its tombstone."""


class RecordingPolicy(msgspec.Struct, frozen=True):
    """Which calls are recorded and what becomes of the audio; `source` says whose rule it is."""

    mode: Mode = "always"
    percent: float = 100.0
    before_s: float = 0.0
    """On demand: how much of what was said before the operator asked is kept."""
    keep_days: int = 180
    """0: for ever."""
    codec: Codec = "flac"
    pause_max_s: float = 120.0
    """A pause ends by itself after this long."""
    hold_music: bool = True
    """Whether the music that a caller on hold hears is in the recording."""
    transcribe: bool = False
    source: str = "default"

    def takes(self, call: CallId) -> bool:
        """Whether this call is recorded from its first word; always the same answer for a call."""
        if self.mode == "percent":
            return share_of(call) < self.percent
        return self.mode == "always"


def share_of(call: str) -> float:
    """A number from 0 to below 100 that depends on the call's id alone (FNV-1a)."""
    value = 2166136261
    for byte in call.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value % 10_000 / 100


class PolicyBook(msgspec.Struct, frozen=True):
    """All rules of an installation: the most particular one holds (campaign, queue, client, direction)."""

    default: RecordingPolicy = RecordingPolicy()
    directions: Mapping[str, RecordingPolicy] = {}
    clients: Mapping[str, RecordingPolicy] = {}
    queues: Mapping[str, RecordingPolicy] = {}
    campaigns: Mapping[str, RecordingPolicy] = {}

    def policy(
        self, *, direction: str, client: str, queue: str | None = None, campaign: str | None = None
    ) -> RecordingPolicy:
        """The rule for a call."""
        found = (
            self.campaigns.get(campaign or ""),
            self.queues.get(queue or ""),
            self.clients.get(client),
            self.directions.get(direction),
        )
        return next((policy for policy in found if policy is not None), self.default)

    def of_source(self, source: str) -> RecordingPolicy | None:
        """The rule that a recording was made by, as it is now; None: it is no more."""
        rules = (self.campaigns, self.queues, self.clients, self.directions)
        every = (self.default, *(policy for group in rules for policy in group.values()))
        return next((policy for policy in every if policy.source == source), None)


class RecordingLeg(msgspec.Struct, frozen=True):
    """One stretch with one operator, in seconds from the recording's start."""

    operator: OperatorId
    start_s: float
    end_s: float


class Pause(msgspec.Struct, frozen=True):
    """A stretch of silence in place of what was said, in seconds from the recording's start."""

    start_s: float
    end_s: float | None
    """None: not over."""
    by: str
    ended_by: str = ""


class Tape(msgspec.Struct, frozen=True):
    """What is being recorded of a live call: kept with the call, so that a restart goes on with it.

    Positions are seconds from the recording's start, which is not the talk's: only what is taped counts.
    """

    policy: RecordingPolicy = RecordingPolicy()
    consent: Consent = "not_asked"
    running: bool = False
    """The PBX writes, or will as soon as they talk."""
    kept: bool = False
    """Not so while only the last seconds are held for an operator who may ask."""
    kept_from_s: float = 0.0
    base_s: float = 0.0
    """Taped before `since`."""
    since: float | None = None
    """Since when (epoch seconds) it is taped; None: nobody talks."""
    pauses: tuple[Pause, ...] = ()
    pause_until: float | None = None
    """When the present pause ends by itself."""
    stale: bool = False
    """A pause outlasted a talk: the PBX must be told anew when it ends."""
    withdrawn: bool = False
    unseen: bool = False
    """Its end was not seen: the length is what was found on the disk."""
    from_operator: bool = False
    """The operator's phone is taped, because it was there first: the sides change places in the end."""

    @property
    def paused(self) -> bool:
        """Whether silence is written now."""
        return bool(self.pauses) and self.pauses[-1].end_s is None

    def position(self, now: float) -> float:
        """Seconds taped so far."""
        return self.base_s + (max(0.0, now - self.since) if self.since is not None else 0.0)


class Recording(msgspec.Struct, frozen=True):
    """One logical recording of a call: left channel the caller, right the operator side."""

    id: RecordingId
    call: CallId
    status: RecordingStatus
    started_at: float
    client: ClientId = DEFAULT_CLIENT
    file: str = ""
    """Its key in the store: a path relative to the recordings folder where that is the store."""
    store: str = ""
    """Where that key lies: `file:///folder` or `s3://bucket/prefix`; empty: from before stores were named."""
    rate_hz: int = 8000
    samples: int = 0
    """Per channel."""
    duration_s: float = 0.0
    sha256: str = ""
    """Of the samples as a WAV file: what `/recordings/{id}/audio` gives unless the codec is lossy."""
    legs: tuple[RecordingLeg, ...] = ()
    pauses: tuple[Pause, ...] = ()
    codec: Codec = "wav"
    sealed_key: str = ""
    """`<key id>:<the data key, sealed by that key>`; empty: the file is not encrypted."""
    plain_bytes: int = 0
    """Size of the coded audio; `stored_bytes` is what lies in the store."""
    stored_bytes: int = 0
    stored_sha256: str = ""
    policy: str = ""
    """Whose rule it was recorded by."""
    consent: Consent = "not_asked"
    expires_at: float | None = None
    """When retention deletes it; None: never."""
    hold: str = ""
    """Why it must not be deleted; empty: it may."""
    deleted_at: float | None = None
    deleted_why: str = ""
    detail: str = ""
    """What is wrong with it, for people."""
