"""The whole way of a recording on a folder, with the coder in this process: for tests of its parts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import msgspec.structs
import numpy as np

from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.model.recording import Recording, RecordingLeg, RecordingPolicy, Tape
from ari_app.ports import Clock, NotFound
from ari_app.recordings.folder import FolderAudio
from ari_app.recordings.inspection import Inspection
from ari_app.recordings.jobs import Job
from ari_app.recordings.keeping import Keeping
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.listen import VaultAudio
from ari_app.recordings.make import Made, Order, make
from ari_app.recordings.places import Places
from ari_app.recordings.recorder import Recorder
from ari_app.recordings.rotation import Rotation
from ari_app.recordings.steps import Steps
from ari_app.recordings.vault import Vault, open_vault
from ari_app.recordings.workshop import OrderFailed
from ari_app.storage.archive import CallArchive
from ari_app.storage.audit import AuditLog
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from ari_app.storage.listening import ListeningStore
from ari_app.storage.persons import PersonStore
from ari_app.storage.recordings import RecordingStore
from ari_app.storage.secrets import SecretBox
from ari_app.storage.transcripts import TranscriptStore
from ari_app.web.api.listening import ListeningApi
from ari_app.web.api.persons import PersonsApi
from ari_app.web.api.recording_care import RecordingCareApi
from ari_app.web.api.recording_control import RecordingControlApi
from ari_app.web.api.recordings import RecordingsApi
from ari_app.web.route import Resource

STARTED = 1_700_000_000.0


class HereMaker:
    """`recorder.Maker` without a process."""

    async def make(self, order: Order) -> Made:
        try:
            return await asyncio.to_thread(make, order)
        except OSError as error:
            raise OrderFailed(str(error), final=False) from error


class FakeTapes:
    """`ports.LiveRecordings`: `tapes` are the live calls; what is asked is noted and done at once."""

    def __init__(self) -> None:
        self.tapes: dict[CallId, Tape] = {}
        self.acts: list[tuple[CallId, str, str]] = []

    def tape(self, call: CallId) -> Tape | None:
        return self.tapes.get(call)

    def talking_with(self, operator: OperatorId) -> CallId | None:
        del operator
        return next(iter(self.tapes), None)

    async def act(
        self,
        call: CallId,
        act: Literal["start", "pause", "resume", "withdraw"],
        *,
        by: str,
        max_s: float | None = None,
    ) -> Tape:
        del max_s
        if call not in self.tapes:
            raise NotFound(f"call {call} is not going on")
        self.acts.append((call, act, by))
        return self.tapes[call]


class Kit:
    """Recorder, store, keys, audio, retention and inspection over one folder and database."""

    def __init__(
        self,
        folder: Path,
        *,
        database: Database,
        journal: SqlJournal,
        clock: Clock,
        vault: Vault | None = None,
        **parts: Any,
    ) -> None:
        self.folder, self.journal, self.clock = folder, journal, clock
        self.database = database
        self.archive = CallArchive(database)
        self.live = FakeTapes()
        self.messages = FolderAudio(folder)
        self.store = RecordingStore(database)
        self.keys = KeyRing(folder.parent / "recordings.key")
        self.vault = vault or open_vault("", folder, {})
        self.deleted: list[tuple[str, str, str]] = []
        steps = Steps(
            folder,
            maker=parts.get("maker", HereMaker()),
            vault=self.vault,
            keys=self.keys,
            book=self.store,
            journal=journal,
            clock=clock,
        )
        self.recorder = Recorder(steps, least_free_bytes=1)
        self.audio = VaultAudio(self.vault, self.keys)
        self.as_stored = VaultAudio(self.vault, self.keys, as_stored=True)
        self.keeping = Keeping(
            book=self.store,
            vault=self.vault,
            making=self.recorder,
            journal=journal,
            clock=clock,
            told=self._told,
        )
        self.places = Places(book=self.store, vault=self.vault, keys=self.keys, journal=journal, clock=clock)
        self.inspection = Inspection(
            book=self.store,
            vault=self.vault,
            keys=self.keys,
            gaps=self._gaps,
            journal=journal,
            clock=clock,
            places=self.places,
        )
        self.rotation = Rotation(
            keys=self.keys, book=self.store, vault=self.vault, pending=self.recorder.pending
        )

    async def _told(self, recording: Recording, why: str, by: str) -> None:
        self.deleted.append((recording.id, why, by))

    async def _gaps(self, since: float, ended_before: float) -> list[CallRecord]:
        return await self.archive.gaps(self.recorder.pending(), ended_before=ended_before, since=since)

    def resources(self, archive: CallArchive) -> list[Resource]:
        """The routes over it."""
        listening = ListeningStore(self.database)
        return [
            RecordingsApi(archive, self.audio, self.as_stored, self.store, self.recorder.pending),
            RecordingControlApi(archive, self.live, self.keeping),
            RecordingCareApi(
                archive=archive,
                care=self.store,
                notes=listening,
                transcripts=TranscriptStore(self.database),
                deletion=self.keeping,
                checks=self.inspection,
                keys=self.rotation,
                audio=self.audio,
                sealer=SecretBox(b"k" * 32),
                audit=AuditLog(self.database),
            ),
            ListeningApi(listening, archive, self.audio),
            PersonsApi(
                PersonStore(self.database), self.keeping, self.audio, self.messages, self.messages.remove
            ),
        ]

    # -- given -----------------------------------------------------------------------------------------------

    def given_raw(self, call: str, audio: bytes) -> Path:
        """What the PBX wrote."""
        path = self.folder / f"{call}.raw"
        path.write_bytes(audio)
        return path

    async def given_stored(self, call: str, audio: bytes | None = None, **changes: Any) -> Recording:
        """A recording that went all the way."""
        audio = tones(3.0) if audio is None else audio
        job = job_of(call, len(audio) / 32000, **changes)
        self.journal.put_call(job.record, None)
        self.given_raw(call, audio)
        made = await self.recorder.steps.make(job)
        assert made is not None
        assert await self.journal.flush()
        return made

    async def heard(self, recording: Recording, start: int = 0, stop: int | None = None) -> bytes:
        """What a listener gets."""
        info = await self.audio.describe(recording)
        assert info is not None
        end = info.size if stop is None else stop
        return b"".join([piece async for piece in self.audio.read(recording, start, end)])


def tones(seconds: float, left: float = 440.0, right: float = 850.0) -> bytes:
    """Raw stereo with one tone on each side."""
    at = np.arange(int(seconds * 8000)) / 8000
    both = np.stack([np.sin(2 * np.pi * left * at), np.sin(2 * np.pi * right * at)], axis=1)
    return bytes((both * 8000).astype("<i2").tobytes())


def record_of(call: str, talk_s: float | None, **fields: Any) -> CallRecord:
    record = CallRecord(
        CallId(call),
        ChannelId("chan-1"),
        "+5511988887777",
        "5000",
        STARTED,
        phase=Phase.ENDED,
        operator=OperatorId("1001"),
        connected_at=STARTED + 1.0,
        ended_at=STARTED + 1.0 + (talk_s or 0.0),
        talk_s=talk_s,
        final_state=FinalState.ANSWERED,
        recording_id=call,  # type: ignore[arg-type]
    )
    return msgspec.structs.replace(record, **fields)


def job_of(call: str, talk_s: float, *, lost: bool = False, **changes: Any) -> Job:
    """A finished call with one operator; `policy` and `tape` fields by name, the rest is the call's."""
    policy = RecordingPolicy(**{k: changes.pop(k) for k in list(changes) if hasattr(RecordingPolicy, k)})
    tape_fields = {k: changes.pop(k) for k in list(changes) if k in Tape.__struct_fields__}
    legs = (RecordingLeg(OperatorId("1001"), 0.0, talk_s),)
    tape = Tape(policy=policy, running=True, kept=True, base_s=talk_s, **tape_fields)
    return Job(record_of(call, talk_s, **changes), legs, tape, lost)
