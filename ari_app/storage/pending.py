"""What the journal has yet to write, in order, bounded while the store is away.

Two rules keep a long stall from eating the memory. Once `COALESCE` entries wait, of several puts of one call
only the last is kept. And beyond `MOST_FACTS` entries facts that only explain (routing decisions, digits,
prompts, waits, branches) are left out; beyond twice as many every fact but a call's beginning and end and an
operator's states, which reports and the law need. What was left out is counted, logged, and a metric.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ari_app.model.call import CallRecord
from ari_app.model.facts import (
    BranchDecided,
    CallEnded,
    CallStarted,
    DigitPressed,
    NodeEntered,
    NodeLeft,
    OperatorClocked,
    OperatorStateChanged,
    PromptFailed,
    PromptPlayed,
    RoutingDecided,
    VariableSet,
    WaitStarted,
)
from ari_app.model.ids import CallId
from ari_app.model.recording import Recording
from ari_app.model.work import Case
from ari_app.ports import Stamped

MOST_FACTS = 200_000
"""About 100 MB, or an hour and a half of 100 calls a minute."""
COALESCE = 2000
EXPLAINING = (
    RoutingDecided,
    NodeEntered,
    NodeLeft,
    PromptPlayed,
    PromptFailed,
    DigitPressed,
    BranchDecided,
    VariableSet,
    WaitStarted,
)
LASTING = (CallStarted, CallEnded, OperatorStateChanged, OperatorClocked)


@dataclass(frozen=True, slots=True)
class CallPut:
    """A call's record and engine state, as given at one moment."""

    record: CallRecord
    state: bytes | None


@dataclass(frozen=True, slots=True)
class RecordingPut:
    """A recording's row, and its waveform's peaks where they were made with it."""

    recording: Recording
    peaks: bytes = b""


Entry = CallPut | Stamped | RecordingPut | Case


class Pending:
    """Entries in the order put. Entry number n (from 1) is `put` at the time it was put."""

    def __init__(self, most_facts: int = MOST_FACTS, coalesce: int = COALESCE) -> None:
        self._most = most_facts
        self._coalesce = coalesce
        self._entries: deque[tuple[int, Entry]] = deque()
        self._last: dict[CallId, int] = {}
        """Number of the newest put of each call among the entries."""
        self._superseded: set[int] = set()
        self.put = 0
        self.dropped = 0
        """Facts left out since the start."""

    def __len__(self) -> int:
        return len(self._entries) - len(self._superseded)

    def append(self, entry: Entry) -> bool:
        """Take an entry in; False when it is left out."""
        if isinstance(entry, Stamped) and self._too_much(entry):
            self.dropped += 1
            return False
        self.put += 1
        if isinstance(entry, CallPut):
            before = self._last.get(entry.record.id)
            if before is not None and len(self._entries) >= self._coalesce:
                self._superseded.add(before)
            self._last[entry.record.id] = self.put
        self._entries.append((self.put, entry))
        if len(self._superseded) * 2 > len(self._entries):
            self._entries = deque(pair for pair in self._entries if pair[0] not in self._superseded)
            self._superseded.clear()
        return True

    def take(self, most: int) -> tuple[list[Entry], int]:
        """The oldest entries, `most` of them at most, and the number of the last."""
        batch: list[Entry] = []
        number = 0
        while self._entries and len(batch) < most:
            number, entry = self._entries.popleft()
            if number in self._superseded:
                self._superseded.discard(number)
                continue
            if isinstance(entry, CallPut) and self._last.get(entry.record.id) == number:
                del self._last[entry.record.id]
            batch.append(entry)
        return batch, number

    def _too_much(self, stamped: Stamped) -> bool:
        waiting = len(self)
        if waiting < self._most:
            return False
        return isinstance(stamped.fact, EXPLAINING) or (
            waiting >= 2 * self._most and not isinstance(stamped.fact, LASTING)
        )
