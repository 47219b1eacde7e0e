"""How far a recording's two channels move against each other, by bursts that both phones said at known times.

`error` of a burst of one side: its place in the recording minus the moment when it was said. A recorder that
keeps both sides on one time line has the same error on both, from the first burst to the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ari_app.softphone.sip import Account, Phone
from benchmarks.recordings.phones import DeskPhone, MarkedVoice

RATE = 8000
LOUD = 0.15
QUIET_S = 0.4
NEAREST_S = 0.45

Places = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found. Offsets are of the left channel against the right, in milliseconds, over time."""

    at_s: Places
    offset_ms: Places
    bursts: tuple[int, int]
    """Found on the left and on the right."""
    lost: tuple[int, int]
    """Said while it was recorded, and not found."""

    @property
    def band_ms(self) -> tuple[float, float]:
        """The smallest and the largest offset."""
        return float(self.offset_ms.min()), float(self.offset_ms.max())


def bursts(side: NDArray[np.float64]) -> Places:
    """Seconds at which tone bursts begin: loud after a stretch of quiet."""
    loud = np.flatnonzero(np.abs(side) > LOUD)
    if not len(loud):
        return np.empty(0)
    first = np.diff(loud, prepend=-RATE) > QUIET_S * RATE
    found: Places = loud[first] / RATE
    return found


def errors(found: Places, said: Sequence[float], begin: float) -> tuple[Places, Places]:
    """For each burst found: when it was said, by how much it lies elsewhere; `begin` is the recording's."""
    times = np.asarray(said)
    nearest = np.abs(times[None, :] - (found + begin)[:, None]).argmin(axis=1)
    error = found + begin - times[nearest]
    good = np.abs(error) < NEAREST_S
    return times[nearest][good], error[good]


def compare(audio: NDArray[np.float64], caller: Sequence[float], operator: Sequence[float]) -> Drift:
    """`caller` and `operator` tell when each burst was said, on one clock; `audio` is the recording."""
    sides = [bursts(audio[:, side]) for side in (0, 1)]
    begin = _begin(sides[1], operator)
    (left_at, left), (right_at, right) = (
        errors(found, said, begin) for found, said in zip(sides, (caller, operator), strict=True)
    )
    at, offset = [], []
    for moment, error in zip(left_at, left, strict=True):
        place = int(np.abs(right_at - moment).argmin())
        if abs(right_at[place] - moment) < 1.0:
            at.append(moment - begin)
            offset.append((error - right[place]) * 1000)
    lost = tuple(
        sum(first < moment < last for moment in said) - sum(first < moment < last for moment in found)
        for said, found, (first, last) in (
            (caller, left_at, (begin + 1, begin + len(audio) / RATE - 1)),
            (operator, right_at, (begin + 1, begin + len(audio) / RATE - 1)),
        )
    )
    return Drift(np.asarray(at), np.asarray(offset), (len(left), len(right)), (lost[0], lost[1]))


def _begin(found: Places, said: Sequence[float]) -> float:
    """When the recording began, by the operator's bursts: he said nothing before he answered.

    Bursts may be missing at either end: the start that fits most of them best.
    """
    times = np.asarray(said)
    starts = times[: min(5, len(times))] - found[0]
    misfit = [np.median(np.abs(errors(found, said, start)[1])) for start in starts]
    return float(starts[int(np.argmin(misfit))])


@dataclass(frozen=True, slots=True)
class Line:
    """Where and as whom the two phones are."""

    caller: Account
    operator: Account
    number: str = "5000"
    key: str = "2"


async def talk(
    line: Line, caller: MarkedVoice, operator: MarkedVoice, seconds: float
) -> tuple[list[float], list[float]]:
    """One call of this length between the two phones; when each burst was said. Raises `NoCall`."""
    desk, phone = DeskPhone(line.operator, operator), Phone(line.caller, line.number)
    phone.voice = caller
    await desk.register()
    try:
        await phone.dial()
        async with asyncio.timeout(60):
            while not operator.said:
                await phone.press(line.key)
                await asyncio.sleep(1.0)
        await asyncio.sleep(seconds)
    finally:
        await phone.hang_up()
        await desk.hang_up()
    return list(caller.said), list(operator.said)
