"""A journal in memory that loses what was not yet committed when the application dies, as a real one does."""

from __future__ import annotations

from collections.abc import Sequence

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.recording import Recording
from ari_app.model.work import Case
from ari_app.ports import Stamped, StoredCall


class MemoryJournal:
    """`ports.Journal`; `commit` makes what was put durable, `crash` forgets the rest."""

    def __init__(self) -> None:
        self.calls: dict[CallId, tuple[CallRecord, bytes | None]] = {}
        self.facts: list[Stamped] = []
        self.healthy = True
        self._pending: list[tuple[CallRecord, bytes | None] | Stamped] = []

    def put_call(self, record: CallRecord, state: bytes | None) -> None:
        self._pending.append((record, state))

    def put_facts(self, facts: Sequence[Stamped]) -> None:
        self._pending.extend(facts)

    def put_case(self, case: Case) -> None:
        del case

    def put_recording(self, recording: Recording, peaks: bytes = b"") -> None:
        del recording, peaks

    async def flush(self, timeout_s: float = 5.0, *, hurry: bool = True) -> bool:
        del timeout_s, hurry
        self.commit()
        return True

    def commit(self) -> None:
        for entry in self._pending:
            if isinstance(entry, Stamped):
                self.facts.append(entry)
            else:
                self.calls[entry[0].id] = entry
        self._pending = []

    def crash(self) -> None:
        self._pending = []

    def live(self) -> list[StoredCall]:
        """What a restart reads."""
        return [
            StoredCall(record, state) for record, state in self.calls.values() if record.final_state is None
        ]
