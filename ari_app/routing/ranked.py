"""A priority queue whose members can leave from the middle: idle operators of a group, callers of a line."""

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=str)
_SLACK = 32


class Ranked(Generic[K]):
    """Members in order of (key, serial); those who left stay in the heap until they surface.

    All operations are O(log n), amortised. `serial` breaks ties in the order of entering.
    """

    __slots__ = ("_heap", "_serials")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._serials: dict[K, int] = {}

    def __len__(self) -> int:
        return len(self._serials)

    def __contains__(self, member: K) -> bool:
        return member in self._serials

    def __iter__(self) -> Iterator[K]:
        return iter(self._serials)

    def add(self, member: K, key: float, serial: int) -> None:
        """Let a member in; one who is there already moves to the new key."""
        self._serials[member] = serial
        heapq.heappush(self._heap, (key, serial, member))

    def discard(self, member: K) -> None:
        """Let a member go; nothing happens if he is not there."""
        if self._serials.pop(member, None) is not None and len(self._heap) > 2 * len(self._serials) + _SLACK:
            self._heap = [entry for entry in set(self._heap) if self._serials.get(entry[2]) == entry[1]]
            heapq.heapify(self._heap)

    def first(self) -> tuple[float, K] | None:
        """The member with the lowest key, and that key."""
        heap, serials = self._heap, self._serials
        while heap:
            key, serial, member = heap[0]
            if serials.get(member) == serial:
                return key, member
            heapq.heappop(heap)
        return None

    def best(self, count: int) -> list[tuple[float, K]]:
        """Up to `count` members with the lowest keys, and these keys: O(count log n)."""
        taken: dict[K, tuple[float, int, K]] = {}
        while len(taken) < count and self.first() is not None:
            entry = heapq.heappop(self._heap)
            taken[entry[2]] = entry
        for entry in taken.values():
            heapq.heappush(self._heap, entry)
        return [(key, member) for key, _, member in taken.values()]
