"""Ids that the client chooses, so that an event can be matched before the reply comes."""

from __future__ import annotations

from uuid import uuid4


def new_id(prefix: str) -> str:
    """A fresh id for a channel, bridge, playback, snoop or recording: `play-5f0c...`.

    Random, because Asterisk answers Conflict for an id in use and lets one be used again after its end.
    """
    return f"{prefix}-{uuid4().hex}"
