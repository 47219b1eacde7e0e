"""The record of a call: what a list of calls shows and outside programs read (CONTRACT, Call fields)."""

from __future__ import annotations

import enum

import msgspec

from ari_app.model.ids import (
    DEFAULT_CLIENT,
    CallId,
    ChannelId,
    ClientId,
    FlowId,
    FlowVersion,
    Language,
    OperatorId,
    Protocol,
    QueueId,
    RecordingId,
)


class FinalState(enum.StrEnum):
    """How a call ended; exactly one per call."""

    ANSWERED = "answered"
    """An operator talked with the caller."""
    ABANDONED = "abandoned"
    """The caller hung up while waiting for an operator."""
    SELF_SERVED = "self_served"
    """The flow came to its end (or the caller hung up in the menu): no operator was asked for."""
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    TRANSFERRED = "transferred"
    LOST_MEDIA = "lost_media"
    """The PBX died under the call."""
    FALLBACK = "fallback"
    """The dialplan served the caller without us."""
    NO_ANSWER = "no_answer"
    """Whom an operator called did not answer, or was busy."""
    REJECTED = "rejected"
    """Unknown number, or refused at the door."""


class Phase(enum.StrEnum):
    """Where a live call's media is, see the table in docs/architecture.md."""

    FLOW = "flow"
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    TRANSFERRING = "transferring"
    PARKED = "parked"
    ENDED = "ended"


class CallRecord(msgspec.Struct, frozen=True, rename={"caller": "from", "called": "to"}):
    """One call; times are seconds since the epoch (UTC) inside, RFC 3339 at the API."""

    id: CallId
    channel: ChannelId
    caller: str
    called: str
    started_at: float
    direction: str = "inbound"
    client: ClientId = DEFAULT_CLIENT
    phase: Phase = Phase.FLOW
    flow: FlowId | None = None
    flow_version: FlowVersion | None = None
    language: Language | None = None
    queue: QueueId | None = None
    operator: OperatorId | None = None
    answered_at: float | None = None
    queued_at: float | None = None
    offered_at: float | None = None
    connected_at: float | None = None
    ended_at: float | None = None
    final_state: FinalState | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    digits: str = ""
    recording_id: RecordingId | None = None
    protocol: Protocol | None = None
