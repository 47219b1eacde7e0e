"""Imports in a process of their own: killed in the middle, they go on; three times, they say so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
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

ROWS = 30_000
"""So many take seconds, in which the one who kills it looks at it now and then."""


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
    deadline = time.monotonic() + 240
    while (job := await store.contact_import(ident)) is None or job.state not in {"done", "failed"}:
        assert time.monotonic() < deadline, job
        await asyncio.sleep(0.05)
    return job


async def until_forgotten(files: Files, ident: ImportId) -> None:
    deadline = time.monotonic() + 60
    while files.upload(ident).exists() or files.text(ident).exists():
        assert time.monotonic() < deadline, "the list is still there"
        await asyncio.sleep(0.02)


async def test_O1_a_list_whose_import_is_over_is_deleted_at_the_next_start(
    sqlite: Database, tmp_path: Path
) -> None:
    store, files = ImportStore(sqlite), Files(tmp_path / "imports")

    async def dies_before_it_deletes(ident: ImportId) -> None:
        done = await store.contact_import(ident)
        assert done is not None
        await store.put_import(msgspec.structs.replace(done, state="done"))

    office = ImportOffice(store, files.folder, SystemClock(), dies_before_it_deletes)
    campaign = await given_campaign(sqlite)
    job = await office.take(campaign, "x", pieces("Fone\n"), ImportOptions(), begin=True, by="ana")
    waits = await office.take(campaign, "y", pieces("Fone\n"), ImportOptions(), begin=False, by="ana")
    async with running(office):
        await until_over(store, job.id)
    assert job.id in files.kept()
    await store.put_import(msgspec.structs.replace(waits, state="ready"))
    async with running(ImportOffice(store, files.folder, SystemClock(), dies_before_it_deletes)):
        await until_forgotten(files, job.id)
    assert files.kept() == [waits.id]


class Killing(ImportProcess):
    """Kills the first import it is given once that has taken some rows, as a full memory would."""

    store: ImportStore
    killed_at = 0

    async def __call__(self, ident: ImportId) -> None:
        if self.killed_at:
            await super().__call__(ident)
            return
        before = set(psutil.Process().children())
        run = asyncio.ensure_future(super().__call__(ident))
        while not run.done() and not self.killed_at:
            job = await self.store.contact_import(ident)
            assert job is not None
            if job.state == "running" and job.counts.rows:
                self.killed_at = job.counts.rows
                for child in set(psutil.Process().children()) - before:
                    child.kill()
            await asyncio.sleep(0.002)
        await run


async def test_O1_an_import_whose_process_is_killed_loses_and_doubles_nothing(
    sqlite: Database, tmp_path: Path
) -> None:
    store, folder = ImportStore(sqlite), tmp_path / "imports"
    campaign = await given_campaign(sqlite)
    process = Killing(str(tmp_path / "ramal.db"), folder)
    process.store = store
    office = ImportOffice(store, folder, SystemClock(), process)
    text = "Fone;CPF\n" + "".join(f"119{60_000_000 + n};{n}\n" for n in range(ROWS))
    job = await office.take(campaign, "list.csv", pieces(text), ImportOptions(), begin=True, by="ana")
    async with running(office):
        done = await until_over(store, job.id)
    assert 0 < process.killed_at < ROWS
    assert (done.state, done.counts.rows, done.counts.accepted) == ("done", ROWS, ROWS), done.problem
    page = await CampaignStore(sqlite).contacts(campaign.id, limit=500)
    assert [int(contact.person) for contact in page.items] == list(range(500))
    async with running(office):  # whoever ends between the last row and the list's deletion makes good for it
        await until_forgotten(Files(folder), job.id)


async def test_O1_an_import_goes_on_though_the_store_is_locked_and_it_breaks_off_again_and_again(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.campaigns.lists.office.AGAIN_S", 0.001)

    class Locked(ImportStore):
        asked = 0

        async def contact_import(self, ident: ImportId) -> ContactImport | None:
            self.asked += 1
            if self.asked in {1, 3, 4}:
                raise ConnectionError("database is locked")
            return await super().contact_import(ident)

    store, turns = Locked(sqlite), 0

    async def gets_a_little_further(ident: ImportId) -> None:
        nonlocal turns
        turns += 1
        job = await ImportStore(sqlite).contact_import(ident)
        assert job is not None
        state = "done" if turns == 7 else "running"
        await store.put_import(msgspec.structs.replace(job, state=state, line=turns))

    office = ImportOffice(store, tmp_path / "imports", SystemClock(), gets_a_little_further)
    campaign = await given_campaign(sqlite)
    job = await office.take(campaign, "x", pieces("Fone\n"), ImportOptions(), begin=True, by="ana")
    async with running(office):
        done = await until_over(ImportStore(sqlite), job.id)
    assert (done.state, turns) == ("done", 7)


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
        await until_forgotten(Files(tmp_path / "imports"), job.id)
    assert (failed.problem, turns) == ("it was interrupted 3 times in a row, last after row 0", 3)


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
