"""What all events have in common."""

from __future__ import annotations

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What every event carries; `timestamp` is ISO 8601 by the PBX's clock."""

    application: str = ""
    timestamp: str = ""
    asterisk_id: str = ""
