"""One round: so many callers of one side, and what they cost and waited."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.calls import sipp
from benchmarks.calls.measure import CpuReading, rss_bytes
from benchmarks.calls.sipp import Conduct, Crowd, Moment, SippError
from benchmarks.calls.stage import CALLER_HOST, PHONES_HOST, RIVAL_HOST, Stage

Side = Literal["ramal", "queue"]
SIDES: tuple[Side, ...] = ("ramal", "queue")
HOSTS = {"ramal": CALLER_HOST, "queue": RIVAL_HOST}
PLAIN, RECORDED, STUCK = "7000", "7001", "7002"
FIRST_ROUND = 9001
"""Begins the callers' numbers: never an extension, or Asterisk would take the caller for that phone."""
SETTLE_S = 1.0
"""After the last call: what is written behind the calls counts as theirs."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of one side came to; times in milliseconds, CPU per completed call."""

    side: Side
    calls: int
    served: int
    pbx_ms: float
    app_ms: float
    answer_ms: tuple[float, ...]
    """INVITE → 200, per call, sorted."""
    digit_ms: tuple[float, ...]
    """End of the key → the operator's INVITE, per call, sorted."""

    @property
    def total_ms(self) -> float:
        return self.pbx_ms + self.app_ms

    @property
    def success(self) -> float:
        return self.served / self.calls


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank of sorted values; NaN for none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def between(moments: Sequence[Moment], first: str, second: str, offset_ms: float = 0.0) -> tuple[float, ...]:
    """Milliseconds from one moment of a call to another, minus `offset_ms`, sorted."""
    begun = {moment.call: moment.at for moment in moments if moment.what == first}
    spans = [
        1000 * (moment.at - begun[moment.call]) - offset_ms
        for moment in moments
        if moment.what == second and moment.call in begun
    ]
    return tuple(sorted(spans))


def served_calls(moments: Sequence[Moment]) -> int:
    """Calls whose operator talked and whose caller ended it: nothing less is a success."""
    calls = {what: {m.call for m in moments if m.what == what} for what in ("talking", "ended")}
    return len(calls["talking"] & calls["ended"])


class Rounds:
    """Plays rounds on a stage; each has a folder's worth of files that the next overwrites."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._folder = stage.plan.state / "sipp"
        self._folder.mkdir(exist_ok=True)
        self._numbers = itertools.count(FIRST_ROUND)

    def play(self, side: Side, number: str, *, calls: int, rate: float, conduct: Conduct) -> Round:
        """`calls` callers, `rate` a second. CPU is read before the first and `SETTLE_S` after the last."""
        stage, prefix = self._stage, str(next(self._numbers))
        phones = sipp.operators(self._folder, PHONES_HOST, stage.phones_port, media=conduct.voice is not None)
        try:
            before = CpuReading.of(stage.pids)
            people = sipp.callers(self._folder, self._crowd(side, number, calls, rate), conduct, prefix)
            people.wait(30 + 2 * calls / rate)
            time.sleep(SETTLE_S)
            used = CpuReading.of(stage.pids).since(before)
        finally:
            phones.stop()
        moments = people.moments() + phones.moments()
        served = served_calls(moments)
        return Round(
            side=side,
            calls=calls,
            served=served,
            pbx_ms=1000 * used.pbx_s / max(1, served),
            app_ms=1000 * used.app_s / max(1, served) if side == "ramal" else 0.0,
            answer_ms=between(moments, "dialled", "answered"),
            digit_ms=between(moments, "pressed", "offered", conduct.released_ms),
        )

    def memory_per_waiting(self, calls: int) -> float:
        """Bytes of the application per call that waits: with all waiting, less before."""
        stage = self._stage
        conduct = Conduct(talk_ms=30_000)
        crowd = self._crowd("ramal", STUCK, calls, 40.0)
        app = stage.pids[1]
        before = rss_bytes(app)
        people = sipp.callers(self._folder, crowd, conduct, str(next(self._numbers)))
        try:
            deadline = time.monotonic() + calls / crowd.rate + 15
            while (waiting := self._waiting()) < calls and time.monotonic() < deadline:
                time.sleep(0.5)
            if waiting < 0.9 * calls:
                raise SippError(f"only {waiting} of {calls} callers wait: {people.complaint()}")
            return (rss_bytes(app) - before) / waiting
        finally:
            people.wait(120)

    def _waiting(self) -> int:
        live = self._stage.api.get("/queues")["items"]
        return sum(queue["waiting"] for queue in live)

    def _crowd(self, side: Side, number: str, calls: int, rate: float) -> Crowd:
        ports = self._stage.plan.ports
        return Crowd(HOSTS[side], ports.carrier, f"127.0.0.1:{ports.trunk}", number, calls, rate)

    def clear_recordings(self) -> None:
        """Rounds with recording fill the disk for nobody."""
        for path in self._stage.plan.recordings.iterdir():
            if path.is_file():
                path.unlink()


def voice() -> bytes:
    """What callers say in rounds with sound: the music that callers hear, as raw A-law."""
    return (Path(__file__).parents[2] / "dialplan" / "moh" / "waiting.alaw").read_bytes()
