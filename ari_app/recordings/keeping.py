"""How long recordings are kept, and how they are deleted for good (M6).

A deletion is written down first: the row becomes a tombstone and loses its key, so that no copy of the file
can be opened; then file and manifest go. Cut short in between, it is finished at the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from ari_app.model.facts import RecordingAlarm, RecordingDeleted
from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Recording
from ari_app.ports import Clock, IllegalTransition, Journal, NotFound, RecordingBook, Stamped
from ari_app.recordings import manifest
from ari_app.recordings.vault import StoreUnreachable, Vault

log = structlog.get_logger()

LOOK_S = 600.0
BATCHES = 1000
"""At one look; a database that does not let go must not keep us here."""
RETENTION = "retention"
JUMP_S = 3600.0
"""A clock that is this far from where it should be was set: by a person, a dead battery, or an attacker."""
QUIET_S = 86_400.0
"""Nothing is deleted by retention for so long after that: somebody has time to look."""


class Making(Protocol):
    """Who makes recordings whole."""

    async def withdraw(self, call: CallId, *, why: str, by: str) -> Recording | None:
        """Leave nothing of one that is on its way; its tombstone, or None when it is not (any more)."""
        ...

    def throw_away(self, call: CallId) -> None:
        """What may lie of it in the spool, where something failed."""
        ...


Told = Callable[[Recording, str, str], Awaitable[None]]
"""Writes the audit log: recording, why, by whom."""


class Keeping:
    """Deletes what may be deleted; `told` is awaited for each deletion."""

    def __init__(
        self,
        *,
        book: RecordingBook,
        vault: Vault,
        making: Making,
        journal: Journal,
        clock: Clock,
        told: Told,
    ) -> None:
        self._making = making
        self._book = book
        self._vault = vault
        self._journal = journal
        self._clock = clock
        self._told = told
        self._seen = (clock.now(), clock.monotonic())
        self._quiet_until = 0.0
        """On the monotonic clock."""

    async def run(self) -> None:
        """Delete what is over, until cancelled."""
        while True:
            try:
                for _ in range(BATCHES):
                    if not self.trusts_the_clock() or not await self.sweep():
                        break
            except StoreUnreachable as error:
                log.warning("recording.not_deleted_yet", error=str(error))
            except Exception as error:  # noqa: BLE001 - a database that is away
                log.warning("recording.retention_failed", error=str(error)[:300])
            await asyncio.sleep(LOOK_S)

    def trusts_the_clock(self) -> bool:
        """Whether things may be deleted for their age: not after the clock was set far ahead or back."""
        now, steady = self._clock.now(), self._clock.monotonic()
        off_s = (now - self._seen[0]) - (steady - self._seen[1])
        self._seen = (now, steady)
        if abs(off_s) > JUMP_S:
            self._quiet_until = steady + QUIET_S
            detail = f"the clock jumped by {off_s:.0f} s: retention deletes nothing for a day"
            log.error("recording.alarm", kind="clock_jumped", detail=detail)
            self._journal.put_facts([Stamped(now, RecordingAlarm("clock_jumped", detail))])
        return steady >= self._quiet_until

    async def sweep(self) -> int:
        """Delete one batch; gives how many."""
        due = await self._book.expired(self._clock.now(), store=self._vault.name)
        for recording in due:
            await self._delete(recording, why=RETENTION, by=RETENTION)
        return len(due)

    async def delete(self, ident: RecordingId, *, why: str, by: str) -> None:
        """Raises `NotFound`, `IllegalTransition` when it is held, `StoreUnreachable`."""
        recording = await self._book.find(ident)
        if recording is None:
            raise NotFound(f"recording {ident} does not exist")
        if recording.deleted_at is not None and not recording.file:
            return
        if recording.hold:
            raise IllegalTransition(f"recording {ident} is on legal hold: {recording.hold}")
        await self._delete(recording, why=why, by=by)

    async def delete_of_call(self, call: CallId, *, why: str, by: str) -> None:
        """Everything that was recorded of a call, also what is still on its way. Raises as `delete`."""
        if (doomed := await self._making.withdraw(call, why=why, by=by)) is not None:
            await self._told(doomed, why, by)
        for recording in await self._book.of_call(call):
            await self.delete(recording.id, why=why, by=by)

    async def _delete(self, recording: Recording, *, why: str, by: str) -> None:
        first = recording.deleted_at is None
        if first and not await self._book.begin_deletion(recording.id, why=why, now=self._clock.now()):
            raise IllegalTransition(f"recording {recording.id} is on legal hold")
        self._making.throw_away(recording.call)
        if not await self._left_elsewhere(recording):
            if recording.file:
                await self._vault.delete(recording.file)
            await self._vault.delete(manifest.manifest_key(recording))
            await self._book.end_deletion(recording.id)
        if first:
            fact = RecordingDeleted(recording.id, why, by)
            stamped = Stamped(self._clock.now(), fact, recording.call, recording.client)
            self._journal.put_facts([stamped])
            await self._told(recording, why, by)
            log.info("recording.deleted", recording=recording.id, why=why, by=by)

    async def _left_elsewhere(self, recording: Recording) -> bool:
        """Whether its file lies in a store that is not ours any more: somebody must delete it there."""
        if recording.store in {"", self._vault.name} or await self._vault.size(recording.file) is not None:
            return False
        detail = f"{recording.id} is deleted, but {recording.file} lies in {recording.store}: delete it there"
        log.error("recording.alarm", kind="left_elsewhere", detail=detail)
        fact = RecordingAlarm("left_elsewhere", detail)
        self._journal.put_facts([Stamped(self._clock.now(), fact, recording.call, recording.client)])
        return True
