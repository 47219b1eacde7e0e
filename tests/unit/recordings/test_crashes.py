"""The application dies at each step of a recording's way: nothing is lost, half, or left plain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import RecordingStatus
from ari_app.recordings import jobs
from ari_app.recordings.ring import shred
from ari_app.recordings.vault import _write as write_whole
from ari_app.storage.journal import open_journal
from tests.fakes.clock import HandClock
from tests.support.databases import sqlite_database
from tests.support.recordings import HereMaker, Kit, job_of, tones


class Killed(BaseException):
    """SIGKILL, as far as a test can have it: nothing of ours runs after it."""


class Fate:
    """Kills at the `n`-th step; steps are what changes the world, before and after each."""

    def __init__(self, at: int) -> None:
        self.at, self.steps = at, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed

    def around(self, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def acted(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = await act(*args, **kwargs)
            self.step()
            return result

        return acted


def doom(kit: Kit, fate: Fate, patch: pytest.MonkeyPatch) -> None:
    maker = HereMaker()
    patch.setattr(maker, "make", fate.around(maker.make))
    kit.recorder.steps.maker = maker
    patch.setattr(kit.vault, "keep", fate.around(kit.vault.keep))
    patch.setattr(kit.journal, "flush", fate.around(kit.journal.flush))

    def half(path: Path) -> None:
        if path.exists() and path.suffix == ".shred":
            fate.step()
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size // 2))
            fate.step()
        shred(path)
        fate.step()

    patch.setattr("ari_app.recordings.steps.shred", half)

    def write(path: Path, content: bytes) -> None:
        fate.step()  # the audio has its name, the manifest is not there
        path.with_name(f"{path.name}#1").write_bytes(content[:9])
        fate.step()
        write_whole(path, content)
        fate.step()

    patch.setattr("ari_app.recordings.vault._write", write)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deaths=st.lists(st.integers(1, 16), max_size=3), codec=st.sampled_from(["flac", "wav"]))
async def test_M7_killed_at_any_step_no_recording_is_lost_half_or_left_plain(
    tmp_path_factory: pytest.TempPathFactory, deaths: list[int], codec: str
) -> None:
    home = tmp_path_factory.mktemp("crash")
    folder, audio = home / "recordings", tones(1.0)
    folder.mkdir()
    (folder / "call-1.raw").write_bytes(audio)
    async with sqlite_database(home) as database:
        first = True
        for death in [*deaths, 0]:
            async with open_journal(database, HandClock()) as journal:
                kit = Kit(folder, database=database, journal=journal, clock=HandClock())
                await one_life(kit, Fate(death), codec, first=first)
            first = False
        async with open_journal(database, HandClock()) as journal:
            kit = Kit(folder, database=database, journal=journal, clock=HandClock())
            made = await kit.store.find(RecordingId("call-1"))
            assert made is not None
            assert made.status is RecordingStatus.COMPLETE
            assert (await kit.heard(made))[44:] == audio
            left = {path.suffix for path in folder.rglob("*") if path.is_file()}
            assert left == {".sealed", ".json"}
            assert audio[:64] not in b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


async def one_life(kit: Kit, fate: Fate, codec: str, *, first: bool) -> None:
    """Start, take up what is there, work; perhaps die."""
    job = job_of("call-1", 1.0, codec=codec)
    with pytest.MonkeyPatch.context() as patch:
        if fate.at:
            doom(kit, fate, patch)
        try:
            if first:
                jobs.write_note(kit.folder, job)
            noted, bare = kit.recorder.left_behind(())
            for one in [*noted, *([job] if CallId("call-1") in bare else [])]:
                await kit.recorder.steps.make(one)
        except Killed:
            return
