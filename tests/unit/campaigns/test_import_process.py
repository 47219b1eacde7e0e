"""Imports in a process of their own: killed in the middle, they go on; three times, they say so."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from ari_app.app.importing import ImportProcess
from ari_app.campaigns.lists.importing import Files
from ari_app.campaigns.lists.office import ImportOffice, NoSpace
from ari_app.model.contact_import import ContactImport, ImportOptions
from ari_app.model.ids import ImportId
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database
from ari_app.storage.imports import ImportStore
from tests.fakes.clock import SystemClock
from tests.unit.storage.lists import given_campaign

ROWS = 6000


async def pieces(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


@asynccontextmanager
async def running(office: ImportOffice) -> AsyncIterator[None]:
    """The office at work; what it started is over when this is left."""
    task = asyncio.create_task(office.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until_over(store: ImportStore, ident: ImportId) -> ContactImport:
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        job = await store.contact_import(ident)
        assert job is not None
        if job.state in {"done", "failed"}:
            return job
        await asyncio.sleep(0.05)
    raise AssertionError(job)


async def test_O1_an_import_whose_process_is_killed_loses_and_doubles_nothing(
    sqlite: Database, tmp_path: Path
) -> None:
    store, folder = ImportStore(sqlite), tmp_path / "imports"
    campaign = await given_campaign(sqlite)
    process = ImportProcess(str(tmp_path / "ramal.db"), folder)
    office = ImportOffice(store, folder, SystemClock(), process)
    text = "Fone;CPF\n" + "".join(f"119{60_000_000 + n};{n}\n" for n in range(ROWS))
    job = await office.take(campaign, "list.csv", pieces(text), ImportOptions(), begin=True, by="ana")
    async with running(office):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (await _rows(store, job.id)):
            await asyncio.sleep(0.01)
        for child in psutil.Process().children():
            if job.id in child.cmdline():
                os.kill(child.pid, signal.SIGKILL)
        done = await until_over(store, job.id)
    assert (done.state, done.counts.rows, done.counts.accepted) == ("done", ROWS, ROWS)
    page = await CampaignStore(sqlite).contacts(campaign.id, limit=500)
    assert [int(contact.person) for contact in page.items] == list(range(500))
    assert not Files(folder).upload(job.id).exists()


async def _rows(store: ImportStore, ident: ImportId) -> int:
    job = await store.contact_import(ident)
    return 0 if job is None or job.state != "running" else job.counts.rows


async def test_O1_an_import_that_always_breaks_off_says_where(sqlite: Database, tmp_path: Path) -> None:
    store, turns = ImportStore(sqlite), 0

    async def dies(ident: ImportId) -> None:
        nonlocal turns
        turns += 1

    office = ImportOffice(store, tmp_path / "imports", SystemClock(), dies)
    campaign = await given_campaign(sqlite)
    job = await office.take(campaign, "x", pieces("Fone\n"), ImportOptions(), begin=True, by="ana")
    async with running(office):
        failed = await until_over(store, job.id)
    assert (failed.problem, turns) == ("it was interrupted 3 times, last after row 0", 3)


async def test_a_file_that_breaks_off_or_finds_no_room_leaves_nothing(
    sqlite: Database, tmp_path: Path
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"Fone\n"
        raise ConnectionError

    async def full() -> AsyncIterator[bytes]:
        yield b"Fone\n"
        raise OSError(28, "No space left on device")

    async def never(_: ImportId) -> None:
        raise AssertionError

    folder = tmp_path / "imports"
    office = ImportOffice(ImportStore(sqlite), folder, SystemClock(), never)
    campaign = await given_campaign(sqlite)
    for source in (broken, full):
        with pytest.raises((ConnectionError, NoSpace)):
            await office.take(campaign, "x", source(), ImportOptions(), begin=True, by="ana")
    assert list(folder.iterdir()) == []
    assert await ImportStore(sqlite).unfinished_imports() == []
