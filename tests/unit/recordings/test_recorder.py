"""What callers and operators said is kept, whoever died in between."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Codec, Pause, RecordingLeg, RecordingStatus, Tape
from ari_app.recordings import jobs, manifest
from ari_app.recordings.jobs import Job
from ari_app.recordings.make import Order
from ari_app.recordings.workshop import OrderFailed, Workshop
from pbx.patience import PATIENCE_S
from tests.support.recordings import Kit, job_of, record_of, tones


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


async def test_M7_a_finished_call_leaves_a_sealed_file_a_manifest_and_nothing_plain(kit: Kit) -> None:
    audio = tones(5.0)
    made = await kit.given_stored("call-1", audio)
    assert made.status is RecordingStatus.COMPLETE
    assert (made.samples, made.duration_s, made.codec) == (40_000, 5.0, "flac")
    left = files(kit.folder)
    assert set(left) == {made.file, manifest.manifest_key(made)}
    assert hashlib.sha256(left[made.file]).hexdigest() == made.stored_sha256
    assert b"fLaC" not in left[made.file]
    assert manifest.decode(left[manifest.manifest_key(made)]) == made
    heard = await kit.heard(made)
    assert heard[44:] == audio
    assert hashlib.sha256(heard).hexdigest() == made.sha256
    assert await kit.store.find(made.id) == made


@pytest.mark.parametrize("codec", ["flac", "wav", "opus"])
async def test_M7_each_codec_is_heard_as_wav_and_as_stored(kit: Kit, codec: Codec) -> None:
    audio = tones(3.0)
    made = await kit.given_stored("call-1", audio, codec=codec)
    heard = await kit.heard(made)
    assert len(heard) == 44 + len(audio)
    if codec != "opus":
        assert heard[44:] == audio
    info = await kit.as_stored.describe(made)
    assert info is not None
    stored = b"".join([piece async for piece in kit.as_stored.read(made, 0, info.size)])
    assert stored[:4] == {"flac": b"fLaC", "wav": b"RIFF", "opus": b"OggS"}[codec]
    assert len(stored) == made.plain_bytes


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (10, 50), (44, 48), (45, 47), (40_001, 140_003), (0, 44)]
)
async def test_M8_any_range_of_a_sealed_recording_is_decoded_on_the_fly(
    kit: Kit, start: int, stop: int
) -> None:
    made = await kit.given_stored("call-1", tones(6.0))
    whole = await kit.heard(made)
    assert await kit.heard(made, start, stop) == whole[start:stop]


async def test_M1_a_talk_that_nobody_saw_is_kept(kit: Kit) -> None:
    kit.given_raw("call-1", tones(3.0))
    made = await kit.recorder.steps.make(Job(record_of("call-1", None)))
    assert made is not None
    assert made.status is RecordingStatus.REPAIRED
    assert made.duration_s == 3.0


async def test_M1_an_offer_without_a_talk_leaves_nothing(kit: Kit) -> None:
    kit.given_raw("call-1", b"")
    assert await kit.recorder.steps.make(Job(record_of("call-1", None))) is None
    assert files(kit.folder) == {}


@pytest.mark.parametrize(
    ("got_s", "talk_s", "lost", "status"),
    [
        (10.0, 10.0, False, "complete"),
        (7.9, 10.0, False, "complete"),
        (7.0, 10.0, False, "truncated"),
        (10.0, 10.0, True, "truncated"),
        (0.0, 10.0, False, "failed"),
    ],
)
async def test_M5_what_is_short_or_lost_is_never_called_complete(
    kit: Kit, got_s: float, talk_s: float, lost: bool, status: str
) -> None:
    kit.given_raw("call-1", tones(got_s))
    made = await kit.recorder.steps.make(job_of("call-1", talk_s, lost=lost))
    assert made is not None
    assert made.status.value == status
    assert bool(made.detail) is (status != "complete")
    facts = await kit.archive.facts_of(CallId("call-1"), kinds={"RecordingAlarm"})
    assert [fact.body["kind"] for fact in facts] == ([] if status == "complete" else ["incomplete"])


async def test_M1_the_caller_is_on_the_left_also_where_the_operators_phone_was_there_first(kit: Kit) -> None:
    kit.given_raw("call-1", tones(2.0, left=850.0, right=440.0))
    made = await kit.recorder.steps.make(job_of("call-1", 2.0, from_operator=True))
    assert made is not None
    assert made.status is RecordingStatus.COMPLETE
    assert (await kit.heard(made))[44:] == tones(2.0, left=440.0, right=850.0)


async def test_M2_what_was_said_before_the_kept_seconds_is_nowhere(kit: Kit) -> None:
    kit.given_raw("call-1", tones(2.0, 1200.0, 1500.0) + tones(3.0))
    job = job_of("call-1", 5.0, kept_from_s=2.0, pauses=(Pause(3.0, 4.0, "1001"),))
    made = await kit.recorder.steps.make(job)
    assert made is not None
    assert (await kit.heard(made))[44:] == tones(3.0)
    assert made.legs == (RecordingLeg("1001", 0.0, 3.0),)  # type: ignore[arg-type]
    assert [(pause.start_s, pause.end_s) for pause in made.pauses] == [(1.0, 2.0)]
    assert [name for name in files(kit.folder) if name.endswith(".raw")] == []


async def test_M5_raw_files_of_a_former_life_are_found_and_made_whole(kit: Kit) -> None:
    for call in ("noted", "bare", "live"):
        kit.given_raw(call, tones(3.0))
    jobs.write_note(kit.folder, job_of("noted", 3.0))
    (kit.folder / "torn.note").write_bytes(b"\x93")
    (kit.folder / "half.shred").write_bytes(tones(1.0))
    (kit.folder / "half.part").write_bytes(b"x")
    noted, bare = kit.recorder.left_behind({CallId("live")})
    assert [job.record.id for job in noted] == ["noted"]
    assert bare == ["bare"]
    assert not (kit.folder / "half.shred").exists()
    assert not (kit.folder / "half.part").exists()


async def test_M5_a_hundred_calls_that_end_together_are_made_whole_within_seconds(kit: Kit) -> None:
    for number in range(100):
        call = f"call-{number}"
        kit.given_raw(call, tones(1.0))
        job = job_of(call, 1.0)
        kit.recorder.finish(job.record, job.legs, job.tape, lost=False)
    await worked_off(kit)
    assert len(await kit.store.between(0.0, 2e9)) == 100
    assert {Path(name).suffix for name in files(kit.folder)} == {".sealed", ".json"}


async def test_M5_a_recording_that_cannot_be_made_stops_no_other(kit: Kit) -> None:
    bad = job_of("\0", 1.0)
    kit.recorder.finish(bad.record, bad.legs, bad.tape, lost=False)
    kit.given_raw("call-1", tones(1.0))
    good = job_of("call-1", 1.0)
    kit.recorder.finish(good.record, good.legs, good.tape, lost=False)
    await worked_off(kit)
    assert await kit.store.find(RecordingId("call-1")) is not None


async def worked_off(kit: Kit) -> None:
    working = asyncio.create_task(kit.recorder.run())
    async with asyncio.timeout(PATIENCE_S):
        while kit.recorder.backlog:
            await asyncio.sleep(0.02)
    assert not working.done()
    working.cancel()


async def test_M2_only_the_last_seconds_are_held_until_somebody_asks(kit: Kit) -> None:
    raw = kit.given_raw("call-1", tones(10.0, 1200.0, 1500.0) + tones(2.0))
    kit.recorder.hold_last(CallId("call-1"), 2.0)
    kit.recorder.ring.sweep("call-1", 2.0)
    assert raw.read_bytes() == bytes(len(tones(10.0))) + tones(2.0)
    kit.recorder.hold_last(CallId("call-1"), None)
    with raw.open("ab") as file:
        file.write(tones(5.0))
    assert raw.read_bytes().endswith(tones(2.0) + tones(5.0))
    kit.recorder.throw_away(CallId("call-1"))
    assert files(kit.folder) == {}


async def test_M5_the_worker_process_makes_what_the_function_makes_and_dies_alone(
    kit: Kit, tmp_path: Path
) -> None:
    workshop = Workshop()
    kit.recorder.steps.maker = workshop
    try:
        made = await kit.given_stored("call-1", tones(2.0))
        assert (await kit.heard(made))[44:] == tones(2.0)
        process = workshop._process
        assert process is not None
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19, "calls go before it"
        process.kill()
        await process.wait()
        again = await kit.given_stored("call-2", tones(2.0))
        assert again.status is RecordingStatus.COMPLETE
        kit.given_raw("call-3", tones(1.0))
        (kit.folder / "call-3.part").mkdir()  # the worker cannot write there
        with pytest.raises(OrderFailed, match="IsADirectory"):
            await kit.recorder.steps.maker.make(_order(kit, "call-3"))
    finally:
        await workshop.close()


def _order(kit: Kit, call: str) -> Order:
    return Order(call, str(kit.folder / f"{call}.raw"), str(kit.folder / f"{call}.part"), "flac", b"k" * 32)


def test_M2_a_tape_tells_its_position_only_while_they_talk() -> None:
    tape = Tape(running=True, base_s=10.0)
    assert tape.position(500.0) == 10.0
