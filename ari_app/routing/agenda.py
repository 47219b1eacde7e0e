"""What becomes due by time alone: relaxation steps, holds and exclusions of waiting calls."""

import heapq
from collections.abc import Mapping

from ari_app.model.ids import CallId
from ari_app.routing.callers import Caller


class Agenda:
    """The callers in order of their `due`; entries whose caller has another `due` by now are passed over."""

    def __init__(self, callers: Mapping[CallId, Caller]) -> None:
        self._callers = callers
        self._entries: list[tuple[float, int, CallId]] = []

    def note(self, caller: Caller) -> None:
        """Set the caller's `due` by its present state."""
        caller.due = caller.next_due()
        if caller.due is not None:
            heapq.heappush(self._entries, (caller.due, caller.serial, caller.call))

    def next_due(self) -> float | None:
        """When the next caller is due."""
        entries = self._entries
        while entries:
            due, serial, call = entries[0]
            caller = self._callers.get(call)
            if caller is not None and caller.due == due and caller.serial == serial:
                return due
            heapq.heappop(entries)
        return None

    def pop(self, now: float) -> Caller | None:
        """The next caller due at `now`, or None; the caller has no `due` then."""
        due = self.next_due()
        if due is None or due > now:
            return None
        caller = self._callers[heapq.heappop(self._entries)[2]]
        caller.due = None
        return caller
