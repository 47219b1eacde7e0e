"""Which store each recording lies in, and which keys open them: settled at the start, told where it is wrong.

Somebody may have named another store, or put another key file there. What was copied is found and gets its
new place; what was not is no lost recording: it lies where its row says, and that is told.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import msgspec
import structlog

from ari_app.model.facts import RecordingAlarm
from ari_app.model.ids import RecordingId
from ari_app.model.recording import Recording
from ari_app.ports import Clock, Journal, RecordingBook, Stamped
from ari_app.recordings import manifest
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.vault import Vault

log = structlog.get_logger()

AT_ONCE = 16
"""Files asked for at once: an S3 store answers one in milliseconds, and there may be a million."""


class Places:
    """Looks through rows that name another store than the present one, or a key that is not there."""

    def __init__(
        self, *, book: RecordingBook, vault: Vault, keys: KeyRing, journal: Journal, clock: Clock
    ) -> None:
        self._book = book
        self._vault = vault
        self._keys = keys
        self._journal = journal
        self._clock = clock

    async def settle(self) -> int:
        """Name the present store where the file lies in it; gives how many. Raises `StoreUnreachable`."""
        named, after, away = 0, RecordingId(""), Counter[str]()
        while batch := await self._book.of_other_stores(self._vault.name, after=after):
            after = batch[-1].id
            for start in range(0, len(batch), AT_ONCE):
                named += await self._some(batch[start : start + AT_ONCE], away)
        for store, count in away.items():
            self._alarm("elsewhere", f"{count} recordings lie in {store}, not in {self._vault.name}")
        if named:
            log.info("recording.places_named", store=self._vault.name, recordings=named)
        return named

    async def _some(self, rows: Sequence[Recording], away: Counter[str]) -> int:
        found = await asyncio.gather(*(self._vault.size(row.file) for row in rows))
        here = [row for row, size in zip(rows, found, strict=True) if size == row.stored_bytes]
        away.update(row.store for row in rows if row.store and row not in here)
        for row in here:
            moved = msgspec.structs.replace(row, store=self._vault.name)
            await self._vault.put(manifest.manifest_key(moved), manifest.encode(moved))
        await self._book.put_store([row.id for row in here], self._vault.name)
        return len(here)

    async def check_keys(self) -> int:
        """Tell of recordings whose key is not in the key file: it is another one; gives how many."""
        count = await self._book.sealed_otherwise([*self._keys.old(), self._keys.current])
        if count:
            self._alarm("no_key", f"{count} recordings were sealed by keys that are not in the key file")
        return count

    def _alarm(self, kind: str, detail: str) -> None:
        log.error("recording.alarm", kind=kind, detail=detail)
        self._journal.put_facts([Stamped(self._clock.now(), RecordingAlarm(kind, detail))])
