"""What people write about recordings, and the lists they make of them for training (M8, S5)."""

from __future__ import annotations

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, RecordingId


class RecordingNote(msgspec.Struct, frozen=True):
    """A remark at a second of a recording."""

    id: str
    recording: RecordingId
    at_s: float
    text: str
    by: str
    created_at: float
    client: ClientId = DEFAULT_CLIENT


class ListeningItem(msgspec.Struct, frozen=True):
    """A recording, or a part of one, and what to listen for."""

    recording: RecordingId
    note: str = ""
    from_s: float = 0.0
    until_s: float | None = None


class ListeningList(msgspec.Struct, frozen=True):
    """Recordings in an order; `shared`: operators may hear what is on it, and only that."""

    id: str
    name: str
    by: str
    created_at: float
    client: ClientId = DEFAULT_CLIENT
    purpose: str = ""
    shared: bool = False
    items: tuple[ListeningItem, ...] = ()
    changed_at: float = 0.0
