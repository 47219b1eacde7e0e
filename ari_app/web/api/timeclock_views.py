"""A punch of the time clock as the API shows it: also the receipt."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.punch import Punch
from ari_app.web.views import Time, rfc3339


class PunchOut(msgspec.Struct, frozen=True):
    """One punch. `hash` covers it and the hash of the client's punch before (`number` - 1).

    `direction` null strikes out the punch that `corrects` names; else it stands in its place.
    """

    id: str
    number: int
    extension: str
    direction: Literal["in", "out"] | None
    at: Time
    told_at: Time
    told_by: str
    corrects: str | None
    note: str
    hash: str


def punch_out(punch: Punch) -> PunchOut:
    """A punch as the API shows it."""
    return PunchOut(
        id=punch.id,
        number=punch.number,
        extension=punch.operator,
        direction=punch.direction,
        at=rfc3339(punch.at),
        told_at=rfc3339(punch.told_at),
        told_by=punch.told_by,
        corrects=punch.corrects,
        note=punch.note,
        hash=punch.hash,
    )
