"""The constrained types that bodies and queries are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Extension = Annotated[str, Meta(pattern=r"^[0-9]{2,8}\Z", max_length=8)]
Key = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\Z", max_length=64)]
"""The id of a queue, skill, flow or client."""
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Note = Annotated[str, Meta(max_length=200)]
Level = Annotated[int, Meta(ge=1, le=5)]
Limit = Annotated[int, Meta(ge=1, le=500)]
Cursor = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=64)]
Moment = Annotated[datetime, Meta(tz=True)]


class Paged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every list takes."""

    cursor: Cursor | None = None
    limit: Limit = 50


def epoch(moment: datetime | None) -> float | None:
    """Seconds since the epoch."""
    return None if moment is None else moment.timestamp()
