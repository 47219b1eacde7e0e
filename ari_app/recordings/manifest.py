"""A recording's manifest: what lies beside its audio, so that a store alone can be checked against itself."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from ari_app.model.recording import Codec, Recording

SUFFIX: dict[Codec, str] = {"flac": "flac", "opus": "opus", "wav": "wav"}


def folder_of(recording: Recording) -> str:
    """Client and day: no folder grows without end, and a day can be listed."""
    day = datetime.fromtimestamp(recording.started_at, UTC)
    return f"{safe(recording.client)}/{day:%Y/%m/%d}"


def audio_key(recording: Recording) -> str:
    """Where its audio lies in the store."""
    return f"{folder_of(recording)}/{safe(recording.id)}.{SUFFIX[recording.codec]}.sealed"


def manifest_key(recording: Recording) -> str:
    """Where its manifest lies."""
    return f"{folder_of(recording)}/{safe(recording.id)}.json"


def encode(recording: Recording) -> bytes:
    """For people and programs."""
    return msgspec.json.format(msgspec.json.encode(recording))


def decode(data: bytes) -> Recording | None:
    """None: it is no manifest."""
    try:
        return msgspec.json.decode(data, type=Recording)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def safe(name: str) -> str:
    """A part of a key out of an id that came from elsewhere: no separators, no dots that lead upwards."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name).lstrip(".") or "_"
