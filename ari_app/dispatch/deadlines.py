"""What is due when, at a cost that does not grow with how much is pending."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

K = TypeVar("K", bound=str)
_SPARE = 64


class Deadlines(Generic[K]):
    """At most one instant per key, epoch seconds; superseded heap entries are dropped when they surface."""

    def __init__(self) -> None:
        self._at: dict[K, float] = {}
        self._heap: list[tuple[float, K]] = []

    def set(self, key: K, at: float | None) -> None:
        """`at` replaces the key's instant; None: nothing is due for it any more."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))
        if len(self._heap) > 2 * len(self._at) + _SPARE:
            self._heap = [(due, each) for each, due in self._at.items()]
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """The first instant; None: nothing is pending."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[K]:
        """Takes out whose instant has come, earliest first."""
        keys: list[K] = []
        while (first := self.next()) is not None and first <= now:
            key = heapq.heappop(self._heap)[1]
            del self._at[key]
            keys.append(key)
        return keys
