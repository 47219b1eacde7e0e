"""Who stands where in the line of a queue."""

from __future__ import annotations

from bisect import bisect_left, insort

from ari_app.model.ids import CallId, QueueId

_First = tuple[int, float, CallId]


class Lines:
    """Calls by priority, then by the time of entering; every act costs the logarithm of the line."""

    def __init__(self) -> None:
        self._lines: dict[QueueId, list[_First]] = {}

    def join(self, queue: QueueId, call: CallId, priority: int, entered_at: float) -> None:
        insort(self._lines.setdefault(queue, []), (-priority, entered_at, call))

    def part(self, queue: QueueId, call: CallId, priority: int, entered_at: float) -> None:
        line, mine = self._lines.get(queue, []), (-priority, entered_at, call)
        place = bisect_left(line, mine)
        if place < len(line) and line[place] == mine:
            del line[place]

    def ahead(self, queue: QueueId, priority: int, entered_at: float) -> int:
        """How many stand strictly before such a call."""
        return bisect_left(self._lines.get(queue, []), (-priority, entered_at, ""))

    def length(self, queue: QueueId) -> int:
        return len(self._lines.get(queue, ()))
