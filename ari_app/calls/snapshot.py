"""What a restart needs to take a call up again: stored at every wait beside the call's record."""

from __future__ import annotations

import msgspec

from ari_app.calls.detour import Detour
from ari_app.calls.room import Room
from ari_app.model.ids import OfferId, OperatorId
from ari_app.model.recording import RecordingLeg, Tape
from ari_app.model.routing import QueueRequest


class Snapshot(msgspec.Struct, frozen=True):
    """A session's state besides its `CallRecord`; the flow engine's own state is opaque bytes."""

    engine: bytes | None
    request: QueueRequest | None = None
    entered_at: float | None = None
    offer: OfferId | None = None
    operator: OperatorId | None = None
    legs: tuple[RecordingLeg, ...] = ()
    mark: str | None = None
    tape: Tape = Tape()
    room: Room | None = None
    detour: Detour | None = None
    slot: str = ""
    parked_by: OperatorId | None = None


def encode(snapshot: Snapshot) -> bytes:
    """As stored beside the call."""
    return msgspec.msgpack.encode(snapshot)


def decode(data: bytes) -> Snapshot:
    """Raises `msgspec.DecodeError`, `msgspec.ValidationError` for what no release has written."""
    return msgspec.msgpack.decode(data, type=Snapshot)
