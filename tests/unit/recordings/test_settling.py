"""Raw files that the PBX still writes to are waited for, not for ever."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.recordings.settling import MOST_LOOKS, Settling


@pytest.mark.parametrize(
    ("sizes", "settled"),
    [
        (iter([10, 20, 30, 30, 40]), 30),
        (iter([0, 0]), 0),
        (itertools.count(1), MOST_LOOKS + 1),
    ],
)
async def test_M5_a_raw_file_that_grows_is_waited_for_but_not_for_ever(
    sizes: Iterator[int], settled: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ari_app.recordings.settling.frames_of", lambda _: next(sizes))
    monkeypatch.setattr("ari_app.recordings.settling.LOOK_S", 0.0)
    settling = Settling()
    looking = asyncio.create_task(settling.run())
    assert await asyncio.wait_for(settling.settled(tmp_path / "call.raw"), 60) == settled
    looking.cancel()


async def test_M5_files_of_calls_that_end_together_are_looked_at_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ari_app.recordings.settling.LOOK_S", 0.0)
    settling, raws = Settling(), [tmp_path / f"{number}.raw" for number in range(100)]
    for number, raw in enumerate(raws):
        raw.write_bytes(bytes(4 * number))
    waiting = [asyncio.create_task(settling.settled(raw)) for raw in raws]
    looking = asyncio.create_task(settling.run())
    assert await asyncio.wait_for(asyncio.gather(*waiting), 60) == list(range(100))
    looking.cancel()
