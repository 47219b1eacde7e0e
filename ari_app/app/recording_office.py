"""Everything about recordings, put together: from the spool to the store, and back to who listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from ari_app.config import Settings
from ari_app.model.account import AuditEntry
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.recording import PolicyBook, Recording
from ari_app.ports import Clock
from ari_app.recordings import jobs
from ari_app.recordings.inspection import Inspection
from ari_app.recordings.keeping import Keeping
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.listen import VaultAudio
from ari_app.recordings.places import Places
from ari_app.recordings.recorder import Recorder
from ari_app.recordings.rotation import Rotation
from ari_app.recordings.steps import Steps
from ari_app.recordings.transcribing import Program, Transcribing
from ari_app.recordings.vault import open_vault
from ari_app.recordings.workshop import Workshop
from ari_app.storage.archive import CallArchive
from ari_app.storage.audit import AuditLog
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from ari_app.storage.recordings import RecordingStore
from ari_app.storage.transcripts import TranscriptStore

log = structlog.get_logger()

LANGUAGE = "pt-BR"
"""Of calls that chose none."""


@dataclass(slots=True)
class RecordingOffice:
    """The parts; `run` keeps them working."""

    store: RecordingStore
    recorder: Recorder
    audio: VaultAudio
    as_stored: VaultAudio
    keeping: Keeping
    inspection: Inspection
    rotation: Rotation
    transcribing: Transcribing
    _archive: CallArchive
    _workshop: Workshop

    async def take_up(self, live: Collection[CallId]) -> None:
        """Go on with what a former life did not come to."""
        noted, bare = self.recorder.left_behind(live)
        for call in bare:
            ended = await self._archive.call(call)
            if ended is not None and ended.recording_id is None:
                self.recorder.throw_away(call)  # nobody asked for it, or the caller did not want it
            elif ended is not None:
                noted.append(jobs.of_record(ended))
            else:
                log.warning("recording.of_no_call", file=f"{call}.raw")
        for job in noted:
            self.recorder.take(job)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.recorder.run(), name="recorder")
                tasks.create_task(self.keeping.run(), name="retention")
                tasks.create_task(self.inspection.run(), name="inspection")
                tasks.create_task(self.transcribing.run(), name="transcribing")
        finally:
            await self._workshop.close()


def open_office(
    settings: Settings,
    database: Database,
    journal: SqlJournal,
    clock: Clock,
    archive: CallArchive,
    *,
    policies: Callable[[], PolicyBook],
) -> RecordingOffice:
    """Raises `KeyFileUnusable`."""
    keys = KeyRing(settings.recording_key)
    vault = open_vault(settings.recording_store, settings.recordings, settings.s3)
    store, workshop, audit = RecordingStore(database), Workshop(), AuditLog(database)
    steps = Steps(
        settings.recordings,
        maker=workshop,
        vault=vault,
        keys=keys,
        book=store,
        journal=journal,
        clock=clock,
    )
    least_free = settings.recording_least_free_mb * 1_000_000
    recorder = Recorder(steps, least_free_bytes=least_free)

    async def told(recording: Recording, why: str, by: str) -> None:
        await audit.append(
            AuditEntry(
                at=clock.now(),
                who=by,
                role="system",
                address="",
                action="recording_deleted",
                target=recording.id,
                status=204,
                detail={"why": why},
                client=recording.client,
            )
        )

    async def gaps(since: float, ended_before: float) -> list[CallRecord]:
        return await archive.gaps(recorder.pending(), ended_before=ended_before, since=since)

    async def wanted(recording: Recording) -> str | None:
        policy, call = policies().of_source(recording.policy), await archive.call(recording.call)
        return (call.language or LANGUAGE) if policy is not None and policy.transcribe and call else None

    audio = VaultAudio(vault, keys)
    return RecordingOffice(
        store=store,
        recorder=recorder,
        audio=audio,
        as_stored=VaultAudio(vault, keys, as_stored=True),
        keeping=Keeping(book=store, vault=vault, making=recorder, journal=journal, clock=clock, told=told),
        inspection=Inspection(
            book=store,
            vault=vault,
            keys=keys,
            gaps=gaps,
            journal=journal,
            clock=clock,
            places=Places(book=store, vault=vault, keys=keys, journal=journal, clock=clock),
        ),
        rotation=Rotation(keys=keys, book=store, vault=vault, pending=recorder.pending),
        transcribing=Transcribing(
            program=Program(settings.transcriber),
            store=TranscriptStore(database),
            book=store,
            audio=audio,
            wanted=wanted,
            journal=journal,
            clock=clock,
        ),
        _archive=archive,
        _workshop=workshop,
    )
