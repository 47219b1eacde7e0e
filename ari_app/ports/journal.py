"""Time, and what calls leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from ari_app.model.call import CallRecord, FinalState
from ari_app.model.facts import Fact
from ari_app.model.ids import (
    CallId,
    ClientId,
    OperatorId,
    QueueId,
)
from ari_app.model.recording import Recording
from ari_app.model.work import Case

T = TypeVar("T")


class Clock(Protocol):
    """Time as a port, so that tests can jump."""

    def now(self) -> float:
        """Seconds since the epoch, UTC: for records."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for waiting."""
        ...


class Stamped(msgspec.Struct, frozen=True):
    """A fact with its time and the call it belongs to (none: an operator's fact)."""

    at: float
    fact: Fact
    call: CallId | None = None
    client: ClientId = ClientId("default")


class StoredFact(msgspec.Struct, frozen=True):
    """A fact as read back: `seq` orders all facts of the installation and is the cursor of the live feed."""

    seq: int
    at: float
    client: ClientId
    call: CallId | None
    kind: str
    body: dict[str, Any]


class StoredCall(msgspec.Struct, frozen=True):
    """A call without a final state, as found after a restart, with its engine state at the last wait."""

    record: CallRecord
    state: bytes | None


class Journal(Protocol):
    """Where calls and facts are written: queued at once, group-committed in order, never delaying a caller.

    While the store is stalled or away writes wait in memory, in order, and are replayed.
    """

    def put_call(self, record: CallRecord, state: bytes | None) -> None:
        """Insert or replace the record and the engine's state (None: nothing to resume)."""
        ...

    def put_facts(self, facts: Sequence[Stamped]) -> None: ...

    def put_recording(self, recording: Recording, peaks: bytes = b"") -> None:
        """Insert or replace its row; `peaks` are for the waveform, empty leaves those that are there."""
        ...

    def put_case(self, case: Case) -> None:
        """Insert a case; one under the same number stays as it is."""
        ...

    async def flush(self, timeout_s: float = 5.0, *, hurry: bool = True) -> bool:
        """Wait until all that was put before is on disk; False if it did not get there in time.

        Without `hurry` it goes with what gathers anyway, a moment later, and costs nothing.
        """
        ...

    @property
    def healthy(self) -> bool:
        """False while writes fail or have waited for more than two seconds."""
        ...


class CallFilter(msgspec.Struct, frozen=True):
    """What a list of calls is narrowed to; None: not narrowed."""

    client: ClientId | None = None
    live: bool | None = None
    final_state: FinalState | None = None
    caller: str | None = None
    operator: OperatorId | None = None
    queue: QueueId | None = None
    protocol: str | None = None
    since: float | None = None
    until: float | None = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list and the cursor of the next one; None: this was the last."""

    items: tuple[T, ...]
    next: str | None
