"""Consent that is withdrawn, or a person who is erased, while the recording is still on its way (M4, M9)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ari_app.app.recording_office import RecordingOffice
from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import RecordingStatus
from ari_app.recordings import jobs
from ari_app.recordings.make import Made, Order
from ari_app.recordings.steps import NotYet
from ari_app.recordings.vault import StoreUnreachable, Vault
from ari_app.recordings.workshop import Workshop
from pbx.patience import PATIENCE_S
from tests.support.recordings import HereMaker, Kit, job_of, record_of, tones

CALL = CallId("call-1")


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


class AwayVault:
    """Makes a store unreachable, and gives it back."""

    def __init__(self, vault: Vault, patch: pytest.MonkeyPatch) -> None:
        self.vault, self.patch = vault, patch

        async def away(*_: object) -> None:
            raise StoreUnreachable("away")

        for name in ("put", "delete"):
            patch.setattr(vault, name, away)

    def back(self) -> None:
        self.patch.undo()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ari_app.recordings.recorder.AGAIN_S", (0.05,))


async def test_M4_withdrawn_while_the_store_is_away_leaves_no_byte_and_a_tombstone(
    kit: Kit, impatient: None
) -> None:
    kit.given_raw(CALL, tones(2.0))
    job = job_of(CALL, 2.0)
    kit.journal.put_call(job.record, None)
    with pytest.MonkeyPatch.context() as patch:
        store = AwayVault(kit.vault, patch)
        kit.recorder.finish(job.record, job.legs, job.tape, lost=False)
        working = asyncio.create_task(kit.recorder.run())
        with pytest.raises(StoreUnreachable):
            await kit.keeping.delete_of_call(CALL, why="asked", by="admin")
        assert files(kit.folder) == {"call-1.note"}, "the audio is gone at once"
        store.back()
        async with asyncio.timeout(PATIENCE_S):
            while kit.recorder.backlog:
                await asyncio.sleep(0.02)
        working.cancel()
    assert files(kit.folder) == set()
    row = await kit.store.find(RecordingId(CALL))
    assert row is not None
    assert (row.status, row.deleted_why, row.sealed_key) == (RecordingStatus.DELETED, "asked", "")
    assert await kit.archive.gaps(ended_before=2e9) == []


async def test_M4_withdrawn_before_anybody_came_to_it_is_deleted_once_and_logged(kit: Kit) -> None:
    kit.given_raw(CALL, tones(2.0))
    job = job_of(CALL, 2.0)
    kit.recorder.finish(job.record, job.legs, job.tape, lost=False)
    await kit.keeping.delete_of_call(CALL, why="asked", by="admin")
    assert files(kit.folder) == set()
    assert kit.deleted == [(CALL, "asked", "admin")]
    facts = await kit.archive.facts_of(CALL, kinds={"RecordingDeleted"})
    assert [(fact.body["why"], fact.body["by"]) for fact in facts] == [("asked", "admin")]


async def test_M4_withdrawn_while_it_is_coded_is_deleted_when_it_is_there(kit: Kit) -> None:
    """Whoever asks in the middle waits for the step, and finds a row."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    class SlowMaker(HereMaker):
        async def make(self, order: Order) -> Made:
            begun.set()
            await go_on.wait()
            return await super().make(order)

    kit.recorder.steps.maker = SlowMaker()
    kit.given_raw(CALL, tones(2.0))
    job = job_of(CALL, 2.0)
    working = asyncio.create_task(kit.recorder.run())
    kit.recorder.finish(job.record, job.legs, job.tape, lost=False)
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    asked = asyncio.create_task(kit.keeping.delete_of_call(CALL, why="asked", by="admin"))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait_for(asked, PATIENCE_S)
    working.cancel()
    assert [name for name in files(kit.folder) if not name.endswith(".note")] == []
    row = await kit.store.find(RecordingId(CALL))
    assert row is not None
    assert row.status is RecordingStatus.DELETED


async def test_M4_killed_after_a_withdrawal_the_next_life_goes_on_with_it(kit: Kit) -> None:
    kit.given_raw(CALL, tones(2.0))
    job = job_of(CALL, 2.0)
    jobs.write_note(kit.folder, jobs.Job(job.record, job.legs, job.tape, False, ("asked", "admin")))
    (noted,), bare = kit.recorder.left_behind(())
    assert bare == []
    await kit.recorder.steps.make(noted)
    assert files(kit.folder) == set()
    row = await kit.store.find(RecordingId(CALL))
    assert row is not None
    assert row.status is RecordingStatus.DELETED


async def test_M4_a_step_that_failed_half_way_leaves_nothing_in_the_store_either(kit: Kit) -> None:
    """Audio and manifest are stored, the database is away, and then he withdraws."""
    kit.given_raw(CALL, tones(2.0))
    job = job_of(CALL, 2.0)
    with pytest.MonkeyPatch.context() as patch:

        async def away(**_: object) -> bool:
            return False

        patch.setattr(kit.journal, "flush", away)
        patch.setattr(kit.journal, "put_recording", lambda *_: None)
        with pytest.raises(NotYet):
            await kit.recorder.steps.make(job)
        assert {name.rsplit(".", 1)[-1] for name in files(kit.folder)} == {"raw", "json", "sealed"}
    kit.recorder.take(job)
    await kit.keeping.delete_of_call(CALL, why="asked", by="admin")
    assert files(kit.folder) == set()
    assert (await kit.inspection.look(3)).restored == ()


async def test_M2_a_start_makes_no_recording_of_a_call_that_nobody_asked_to_keep(kit: Kit) -> None:
    """The application died between a call's end and the end of its raw file."""
    for call, ident in (("held", None), ("wanted", RecordingId("wanted"))):
        kit.given_raw(call, tones(2.0))
        kit.journal.put_call(record_of(call, 2.0, recording_id=ident), None)
    assert await kit.journal.flush()
    office = RecordingOffice(
        store=kit.store,
        recorder=kit.recorder,
        audio=kit.audio,
        as_stored=kit.as_stored,
        keeping=kit.keeping,
        inspection=kit.inspection,
        rotation=kit.rotation,
        transcribing=None,  # type: ignore[arg-type]
        _archive=kit.archive,
        _workshop=Workshop(),
    )
    await office.take_up(())
    assert kit.recorder.pending() == {"wanted"}
    assert files(kit.folder) == {"wanted.raw"}
