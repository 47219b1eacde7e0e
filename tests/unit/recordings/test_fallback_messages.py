"""Voicemails that the dialplan took without us: told once, and not while somebody still speaks."""

from __future__ import annotations

import asyncio
import os
import wave
from collections.abc import Callable
from pathlib import Path

from ari_app.model.facts import MessageLeft
from ari_app.model.ids import CallId, QueueId
from ari_app.ports import Outcome
from ari_app.recordings.messages import Messages
from ari_app.storage.work import WorkStore
from pbx.patience import PATIENCE_S
from tests.fakes.clock import SystemClock
from tests.fakes.journal import MemoryJournal
from tests.support.databases import sqlite_database

LONG_AGO = 1_700_000_000


class EmptySpool:
    """A PBX that keeps no voice of ours."""

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> Outcome:
        del name, write
        return Outcome.GONE

    async def stored(self) -> list[str] | None:
        return []

    async def delete(self, name: str) -> Outcome:
        del name
        return Outcome.GONE


def voicemail(folder: Path, call: str, seconds: float | None) -> Path:
    """A file as Record() leaves it, long ago; None: without a header yet."""
    path = folder / f"{LONG_AGO}_+5511988887777_5000_{call}.wav"
    if seconds is None:
        path.write_bytes(b"RIFF")
    else:
        with wave.open(str(path), "wb") as audio:
            audio.setparams((1, 2, 8000, 0, "NONE", ""))
            audio.writeframes(b"\1\0" * int(8000 * seconds))
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


async def test_X3_a_voicemail_of_the_dialplan_is_told_once_and_not_while_its_caller_is_there(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "voicemail"
    folder.mkdir()
    live, journal = {CallId("speaks")}, MemoryJournal()
    for call in ("good", "broken", "speaks"):
        voicemail(folder, call, None if call == "broken" else 3.0)

    def told() -> list[str]:
        journal.commit()
        return sorted(str(each.call) for each in journal.facts if isinstance(each.fact, MessageLeft))

    async def looks(messages: Messages) -> None:
        messages.connected()
        while messages._connected:
            await asyncio.sleep(0.01)

    async with sqlite_database(tmp_path) as database:
        messages = Messages(
            tmp_path,
            spool=EmptySpool(),
            items=WorkStore(database),
            journal=journal,
            clock=SystemClock(),
            live=lambda: live,
            default_queue=lambda: QueueId("general"),
        )
        running = asyncio.create_task(messages.run())
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(3):
                await looks(messages)
                assert told() == ["broken", "good"]
            live.clear()
            await looks(messages)
            assert told() == ["broken", "good", "speaks"]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [path.name for path in folder.iterdir()] == [f"{LONG_AGO}_+5511988887777_5000_broken.unreadable"]
