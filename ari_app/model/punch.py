"""The time clock: punches in a chain of hashes, so that a change of what was written shows (W1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec
import msgspec.structs

from ari_app.model.ids import ClientId, OperatorId, PunchId

Direction: TypeAlias = Literal["in", "out"]
FIRST = "0" * 64
"""What the first punch of a client is chained to."""


class Punch(msgspec.Struct, frozen=True):
    """One punch; with its hash it is the receipt that the operator may keep.

    `corrects` names a punch that this one stands in for (`direction` None: it is struck out). Nothing is ever
    changed or taken away. `told_at` is when it was written: `at` may lie before it in a correction.
    """

    id: PunchId
    client: ClientId
    number: int
    """Counts the punches of the client from 1, without a gap."""
    operator: OperatorId
    direction: Direction | None
    at: float
    told_at: float
    told_by: str
    corrects: PunchId | None = None
    note: str = ""
    hash: str = ""


def sealed(punch: Punch, before: str) -> Punch:
    """The punch with its hash: SHA-256 over the hash before it and its own fields as JSON."""
    bare = msgspec.structs.replace(punch, hash="")
    body = msgspec.json.encode(bare, order="deterministic")
    return msgspec.structs.replace(punch, hash=hashlib.sha256(before.encode() + body).hexdigest())


def first_broken(punches: Iterable[Punch]) -> Punch | None:
    """The first of a client's punches, in order, that was changed or whose predecessor is missing."""
    before = FIRST
    for number, punch in enumerate(punches, start=1):
        if punch.number != number or sealed(punch, before).hash != punch.hash:
            return punch
        before = punch.hash
    return None


def effective(punches: Iterable[Punch]) -> list[Punch]:
    """What counts once corrections are applied, by time: the latest word on each punch."""
    latest: dict[PunchId, Punch] = {}
    root: dict[PunchId, PunchId] = {}
    for punch in sorted(punches, key=lambda one: one.number):
        first = root.get(punch.corrects, punch.corrects) if punch.corrects is not None else punch.id
        root[punch.id] = first
        latest[first] = punch
    counting = [punch for punch in latest.values() if punch.direction is not None]
    return sorted(counting, key=lambda one: (one.at, one.number))
