"""Disk full, folder gone, files lost, a clock that is set: told, repaired or marked (M5, M6, M7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec.structs
import pytest

from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import RecordingStatus
from ari_app.recordings import manifest
from ari_app.recordings.sealed import Damaged
from ari_app.recordings.vault import StoreUnreachable
from ari_app.recordings.workshop import Workshop
from pbx.patience import PATIENCE_S
from tests.fakes.clock import HandClock
from tests.support.recordings import STARTED, Kit, job_of, record_of, tones

DAY_S = 86_400.0


async def alarms(kit: Kit, call: str | None = None) -> list[str]:
    """The kinds that were told so far."""
    assert await kit.journal.flush()
    facts = await kit.archive.facts_after(0, kinds={"RecordingAlarm"})
    return [fact.body["kind"] for fact in facts if call is None or fact.call == call]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ari_app.recordings.recorder.AGAIN_S", (0.05,))


async def test_M5_a_full_disk_keeps_the_raw_file_alarms_and_goes_on_when_there_is_space(
    kit: Kit, impatient: None
) -> None:
    """`/dev/full` is the kernel's own full disk: the worker process gets ENOSPC."""
    workshop = Workshop()
    kit.recorder.steps.maker = workshop
    raw, part = kit.given_raw("call-1", tones(2.0)), kit.folder / "call-1.part"
    part.symlink_to("/dev/full")
    working = asyncio.create_task(kit.recorder.run())
    try:
        job = job_of("call-1", 2.0)
        kit.recorder.finish(job.record, job.legs, job.tape, lost=False)
        async with asyncio.timeout(PATIENCE_S):
            while await alarms(kit) != ["not_converted"]:
                await asyncio.sleep(0.05)
        assert raw.read_bytes() == tones(2.0)
        assert await kit.store.find(RecordingId("call-1")) is None, "it is not shown as anything yet"
        assert kit.recorder.backlog == 1
        part.unlink()
        await until(lambda: kit.recorder.backlog == 0)
    finally:
        working.cancel()
        await workshop.close()
    made = await kit.store.find(RecordingId("call-1"))
    assert made is not None
    assert made.status is RecordingStatus.COMPLETE
    assert not raw.exists()


async def test_M5_a_folder_that_is_gone_has_no_room_and_its_recording_has_failed(kit: Kit) -> None:
    assert kit.recorder.room()
    away = kit.folder.rename(kit.folder.with_name("away"))
    assert not kit.recorder.room()
    assert kit.recorder.taped_s(CallId("call-1")) is None
    job = job_of("call-1", 5.0)
    kit.recorder.finish(job.record, job.legs, job.tape, lost=False)  # its note cannot be written
    kit.folder.write_text("no folder")
    assert not kit.recorder.room() or kit.folder.is_file()
    kit.folder.unlink()
    away.rename(kit.folder)
    made = await kit.recorder.steps.make(job)
    assert made is not None
    assert (made.status, made.detail) == (RecordingStatus.FAILED, "there is no audio of a talk of 5.0 s")
    assert await alarms(kit) == ["incomplete"]


async def test_M5_the_pbx_killed_in_the_middle_of_a_frame_leaves_what_can_be_heard_marked(kit: Kit) -> None:
    kit.given_raw("call-1", tones(3.0) + b"\x01\x02\x03")
    made = await kit.recorder.steps.make(job_of("call-1", 5.0, lost=True))
    assert made is not None
    assert (made.status, made.duration_s) == (RecordingStatus.TRUNCATED, 3.0)
    assert (await kit.heard(made))[44:] == tones(3.0)
    assert await alarms(kit) == ["incomplete"]


async def test_M5_an_end_that_nobody_saw_is_repaired_not_complete(kit: Kit) -> None:
    kit.given_raw("call-1", tones(3.0))
    made = await kit.recorder.steps.make(job_of("call-1", 3.0, unseen=True))
    assert made is not None
    assert made.status is RecordingStatus.REPAIRED
    assert "was not seen" in made.detail


async def test_M5_the_reconciler_compares_calls_rows_and_files_in_both_directions(kit: Kit) -> None:
    names = ("good", "gone", "short", "rowless", "ghost")
    made = {name: await kit.given_stored(name) for name in names[:4]}
    (kit.folder / made["gone"].file).unlink()
    short = kit.folder / made["short"].file
    short.write_bytes(short.read_bytes()[:-10])
    async with kit.database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM recordings WHERE id = 'rowless'")
    stranger = short.with_name("stranger.flac.sealed")
    stranger.write_bytes(b"?")
    kit.journal.put_call(record_of("ghost", 5.0), None)
    assert await kit.journal.flush()
    gaps = await kit.archive.gaps(ended_before=STARTED + 1000)
    assert {gap.id for gap in gaps} == {"ghost", "rowless"}
    kit.clock.advance(1000)  # type: ignore[attr-defined]
    found = await kit.inspection.look(3)
    assert (found.missing, set(found.failed)) == (("ghost",), {"gone", "short"})
    assert found.restored == ("rowless",)
    assert found.orphans == (str(stranger.relative_to(kit.folder)),)
    assert await kit.journal.flush()
    for name, status in zip(names, ("complete", "failed", "failed", "complete", "failed"), strict=True):
        row = await kit.store.find(RecordingId(name))
        assert row is not None
        assert row.status.value == status, name
    assert sorted(await alarms(kit)) == ["corrupt", "missing", "missing", "orphan", "restored"]
    assert {gap.id for gap in await kit.archive.gaps(ended_before=STARTED + 2000)} == {
        "ghost",
        "gone",
        "short",
    }
    again = await kit.inspection.look(3)
    assert (again.missing, again.restored) == ((), ())
    assert len(await alarms(kit)) == 5, "people are told once"
    restored = await kit.store.find(RecordingId("rowless"))
    assert restored is not None
    assert (await kit.heard(restored))[44:] == tones(3.0)


async def test_M5_the_reconciler_looks_at_the_start_and_then_again_and_again(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.recordings.inspection.EVERY_S", 0.01)
    before, after = [await kit.given_stored(name) for name in ("before", "after")]
    (kit.folder / before.file).unlink()

    async def then_has_failed(ident: RecordingId) -> None:
        async with asyncio.timeout(60):
            while (row := await kit.store.find(ident)) is None or row.status is not RecordingStatus.FAILED:
                await asyncio.sleep(0.01)

    looking = asyncio.create_task(kit.inspection.run())
    await then_has_failed(before.id)
    (kit.folder / after.file).unlink()
    await then_has_failed(after.id)
    looking.cancel()


async def test_M5_a_store_that_is_away_is_no_reason_to_call_anything_lost(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await kit.given_stored("call-1")

    def away(*_: object) -> object:
        raise StoreUnreachable("away")

    monkeypatch.setattr(kit.vault, "keys", away)
    with pytest.raises(StoreUnreachable):
        await kit.inspection.look(3)
    assert await kit.store.find(made.id) == made


async def test_M6_retention_deletes_what_is_over_and_nothing_that_is_held_or_kept_for_ever(kit: Kit) -> None:
    clock = kit.clock
    assert isinstance(clock, HandClock)
    old = await kit.given_stored("old", keep_days=10)
    held = await kit.given_stored("held", keep_days=10)
    ever = await kit.given_stored("ever", keep_days=0)
    young = await kit.given_stored("young", keep_days=30)
    async with kit.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE recordings SET hold = 'case 7' WHERE id = 'held'")
    clock.advance(11 * DAY_S)
    assert await kit.keeping.sweep() == 1
    assert await kit.keeping.sweep() == 0
    left = {path.name.split(".")[0] for path in kit.folder.rglob("*") if path.is_file()}
    assert left == {"held", "ever", "young"}
    tombstone = await kit.store.find(old.id)
    assert tombstone is not None
    assert (tombstone.status, tombstone.file, tombstone.sealed_key) == (RecordingStatus.DELETED, "", "")
    assert kit.deleted == [("old", "retention", "retention")]
    for kept in (held, ever, young):
        assert await kit.inspection.verify(kept) == ""
    assert (await kit.inspection.look(30)).orphans == ()


async def test_M6_a_deletion_that_was_cut_short_is_finished_and_its_audio_cannot_be_opened_before(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await kit.given_stored("call-1", keep_days=1)
    kit.clock.advance(2 * DAY_S)  # type: ignore[attr-defined]

    async def away(_: str) -> None:
        raise StoreUnreachable("away")

    with monkeypatch.context() as patch:
        patch.setattr(kit.vault, "delete", away)
        with pytest.raises(StoreUnreachable):
            await kit.keeping.sweep()
    half = await kit.store.find(made.id)
    assert half is not None
    assert (half.sealed_key, half.deleted_at is not None) == ("", True)
    assert (kit.folder / made.file).exists()
    assert await kit.audio.describe(half) is None
    assert await kit.keeping.sweep() == 1
    assert not (kit.folder / made.file).exists()


async def test_M6_a_clock_that_is_set_a_year_ahead_deletes_nothing_for_a_day(kit: Kit) -> None:
    class SetClock(HandClock):
        off_s = 0.0

        def now(self) -> float:
            return super().now() + self.off_s

    clock = SetClock()
    kit.keeping._clock = clock
    kit.keeping._seen = (clock.now(), clock.monotonic())
    clock.advance(600)
    assert kit.keeping.trusts_the_clock()
    clock.off_s = 365 * DAY_S
    clock.advance(600)
    assert not kit.keeping.trusts_the_clock()
    assert await alarms(kit) == ["clock_jumped"]
    clock.off_s = 0.0  # somebody set it right
    clock.advance(600)
    assert not kit.keeping.trusts_the_clock()
    clock.advance(DAY_S)
    assert kit.keeping.trusts_the_clock()


async def test_M7_a_new_key_seals_all_that_there_is_and_the_old_one_is_dropped(kit: Kit) -> None:
    before = [await kit.given_stored(f"call-{number}") for number in range(3)]
    old = kit.keys.current
    ident, count = await kit.rotation.rotate()
    assert (count, kit.keys.current, kit.keys.old()) == (3, ident, [])
    for recording in before:
        now = await kit.store.find(recording.id)
        assert now is not None
        assert now.sealed_key.startswith(f"{ident}:")
        assert now.stored_sha256 == recording.stored_sha256, "the audio stays as it is"
        assert (await kit.heard(now))[44:] == tones(3.0)
        written = manifest.decode((kit.folder / manifest.manifest_key(now)).read_bytes())
        assert written == now
        with pytest.raises(Damaged, match="not in the key file"):
            kit.keys.open(recording.sealed_key, recording.id)
    text = (kit.folder.parent / "recordings.key").read_text()
    assert old not in text
    assert (kit.folder.parent / "recordings.key").stat().st_mode & 0o077 == 0


async def test_M7_a_rotation_that_is_cut_short_loses_no_recording_and_is_gone_on_with(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await kit.given_stored(f"call-{number}")
    put, told = kit.vault.put, []

    async def fails(key: str, source: Path | bytes) -> None:
        told.append(key)
        if len(told) > 2:
            raise StoreUnreachable("away")
        await put(key, source)

    with monkeypatch.context() as patch:
        patch.setattr(kit.vault, "put", fails)
        with pytest.raises(StoreUnreachable):
            await kit.rotation.rotate()
    assert len(kit.keys.old()) == 1
    for number in range(4):
        row = await kit.store.find(RecordingId(f"call-{number}"))
        assert row is not None
        assert (await kit.heard(row))[44:] == tones(3.0)
    assert await kit.rotation.reseal() == 2
    assert kit.keys.old() == []


async def test_M7_a_recording_that_is_being_made_keeps_its_key_alive(kit: Kit) -> None:
    await kit.given_stored("call-1")
    kit.recorder.take(job_of("call-2", 1.0))
    await kit.rotation.rotate()
    assert len(kit.keys.old()) == 1, "it may be in the hands of what is being made"
    kit.recorder._pending.clear()
    await kit.rotation.reseal()
    assert kit.keys.old() == []


async def test_M1_a_manifest_tells_all_that_is_known(kit: Kit) -> None:
    made = await kit.given_stored("call-1", tones(2.0), codec="opus", keep_days=7)
    told = msgspec.json.decode((kit.folder / manifest.manifest_key(made)).read_bytes())
    assert {"legs", "pauses", "policy", "consent", "file", "status", "samples", "sha256"} <= told.keys()
    assert (told["samples"], told["status"], told["legs"][0]["operator"]) == (16_000, "complete", "1001")


async def test_M5_a_link_in_the_spool_leads_to_nothing_overwritten_and_stops_no_start(
    kit: Kit, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"not ours")
    for name in ("a.shred", "b.part"):
        (kit.folder / name).symlink_to(precious)
    (kit.folder / "c.shred").mkdir()
    assert kit.recorder.left_behind(()) == ([], [])
    assert precious.read_bytes() == b"not ours"
    assert not (kit.folder / "a.shred").is_symlink()
    assert await alarms(kit) == ["not_shredded"]
