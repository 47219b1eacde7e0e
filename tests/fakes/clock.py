"""Clocks for tests: the real one, and one that stands until told."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class HandClock:
    """A clock that moves only by `advance`."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now

    def advance(self, seconds: float) -> None:
        self._now += seconds

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now
