"""What callers and operators said is kept, whoever died in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import msgspec.structs

from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.model.recording import RecordingStatus
from ari_app.recordings.recorder import Recorder
from tests.fakes.journal import MemoryJournal
from tests.fakes.loop import LoopClock

SECOND = bytes(8000 * 4)


def record(talk_s: float | None) -> CallRecord:
    return CallRecord(
        CallId("call-1"),
        ChannelId("chan-1"),
        "+5511988887777",
        "5000",
        1_700_000_000.0,
        phase=Phase.ENDED,
        operator=OperatorId("1001"),
        talk_s=talk_s,
        final_state=FinalState.ANSWERED,
    )


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def recorder(folder: Path) -> Recorder:
    return Recorder(folder, journal=MemoryJournal(), clock=LoopClock())


def test_M1_a_talk_that_nobody_saw_is_kept(tmp_path: Path) -> None:
    (tmp_path / "call-1.raw").write_bytes(SECOND * 3)
    made = recorder(tmp_path).make(record(None), (), lost=False)
    assert made is not None
    assert made.status is RecordingStatus.REPAIRED
    assert made.duration_s == 3.0
    assert (tmp_path / "call-1.wav").exists()


def test_M1_an_offer_without_a_talk_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "call-1.raw").write_bytes(b"")
    assert recorder(tmp_path).make(record(None), (), lost=False) is None
    assert list(tmp_path.iterdir()) == []


def test_M1_raw_files_of_a_former_life_are_found_and_made_whole(tmp_path: Path) -> None:
    for call in ("call-1", "call-2"):
        (tmp_path / f"{call}.raw").write_bytes(SECOND * 3)
    mine = recorder(tmp_path)
    assert mine.left_behind({CallId("call-2")}) == [CallId("call-1")]
    mine.finish_left_behind(record(3.0))
    assert mine.backlog == 1


async def test_M1_a_hundred_calls_that_end_together_are_made_whole_within_seconds(tmp_path: Path) -> None:
    mine = recorder(tmp_path)
    for number in range(100):
        call = CallId(f"call-{number}")
        (tmp_path / f"{call}.raw").write_bytes(SECOND)
        mine.finish_left_behind(msgspec.structs.replace(record(1.0), id=call))
    working = asyncio.create_task(mine.run())
    async with asyncio.timeout(15):
        while mine.backlog:
            await asyncio.sleep(0.05)
    working.cancel()
    assert Counter(path.suffix for path in files(tmp_path)) == {".wav": 100, ".json": 100}


async def test_M1_a_recording_that_cannot_be_made_stops_no_other(tmp_path: Path) -> None:
    mine = recorder(tmp_path)
    (tmp_path / "call-1.raw").write_bytes(SECOND)
    mine.finish_left_behind(msgspec.structs.replace(record(1.0), id=CallId("\0")))
    mine.finish_left_behind(record(1.0))
    working = asyncio.create_task(mine.run())
    async with asyncio.timeout(15):
        while mine.backlog:
            await asyncio.sleep(0.05)
    assert not working.done()
    working.cancel()
    assert (tmp_path / "call-1.wav").exists()
