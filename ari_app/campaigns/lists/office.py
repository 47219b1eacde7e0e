"""Takes lists in: keeps the file, has another process import it, one at a time, goes on after a crash."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from ari_app.campaigns.lists.importing import OVER, Files
from ari_app.campaigns.ports import ImportBook
from ari_app.model.campaign import Campaign
from ari_app.model.contact_import import ContactImport, ImportOptions
from ari_app.model.ids import ImportId
from ari_app.ports import Clock, IllegalTransition, NotFound, Refusal

T = TypeVar("T")
log = structlog.get_logger()
TRIES = 3
"""So often in a row an import may break off without having come further; after that it has failed."""
AGAIN_S = 1.0
"""A store that is locked or away is asked again after this long."""
SEGMENTS = 32

Run = Callable[[ImportId], Awaitable[None]]
"""Runs one import as far as it goes, elsewhere; returning says nothing about how it went, the store does."""


class NoSpace(Refusal):
    """The file cannot be kept."""


class ImportOffice:
    """What the API needs of imports, and the one who has them run."""

    def __init__(self, book: ImportBook, folder: Path, clock: Clock, run: Run) -> None:
        self._book = book
        self._files = Files(folder)
        self._clock = clock
        self._run = run
        self._waiting: asyncio.Queue[ImportId] = asyncio.Queue()

    async def take(
        self,
        campaign: Campaign,
        name: str,
        pieces: AsyncIterator[bytes],
        options: ImportOptions,
        *,
        begin: bool,
        by: str,
    ) -> ContactImport:
        """Keep a file and line its import up; `begin` False: it waits for `begin` once it is understood.

        Raises `NoSpace`.
        """
        ident = ImportId(uuid.uuid4().hex)
        made = await self._book.imports(campaign.id, limit=1)
        before = made.items[0].segment + 1 if made.items else 0
        job = ContactImport(
            id=ident,
            campaign=campaign.id,
            client=campaign.client,
            file_name=name,
            by=by,
            created_at=self._clock.now(),
            changed_at=self._clock.now(),
            begin=begin,
            options=options,
            segment=before % SEGMENTS,
        )
        await self._keep(ident, pieces)
        await self._book.add_import(job)
        self._waiting.put_nowait(ident)
        return job

    async def begin(self, ident: ImportId, options: ImportOptions) -> ContactImport:
        """Import what was only looked at so far, with these options.

        Raises `NotFound`, `IllegalTransition`.
        """
        job = await self._known(ident)
        if job.state != "ready":
            raise IllegalTransition(f"import {ident} is {job.state}")
        job = msgspec.structs.replace(
            job, state="preparing", begin=True, options=options, problem="", changed_at=self._clock.now()
        )
        await self._book.put_import(job)
        self._waiting.put_nowait(ident)
        return job

    async def cancel(self, ident: ImportId) -> ContactImport:
        """End it; what was taken stays. Raises `NotFound`, `IllegalTransition`."""
        job = await self._known(ident)
        if not await self._book.cancel_import(ident):
            raise IllegalTransition(f"import {ident} is {job.state}")
        if job.state == "ready":
            job = msgspec.structs.replace(job, state="cancelled", changed_at=self._clock.now())
            await self._book.put_import(job)
            self._files.forget(ident)
        return job

    async def report(self, ident: ImportId) -> Path:
        """The report's file. Raises `NotFound`."""
        path = self._files.report(ident)
        if not await asyncio.to_thread(path.is_file):
            raise NotFound(f"import {ident} has no report yet")
        return path

    async def forget(self, imports: Sequence[ImportId]) -> None:
        """Delete the files, reports included, of imports that the store has forgotten."""
        for ident in imports:
            await asyncio.to_thread(self._files.forget, ident)
            await asyncio.to_thread(self._files.report(ident).unlink, missing_ok=True)

    async def run(self) -> None:
        """Have imports run until cancelled, those from before a restart first."""
        for job in await self._surely(self._book.unfinished_imports, "unfinished"):
            self._waiting.put_nowait(job.id)
        await self._tidy()
        while True:
            await self._run_to_its_end(await self._waiting.get())

    async def _tidy(self) -> None:
        """Delete the lists of imports that are over: who was killed right after the last row did not."""
        for ident in await asyncio.to_thread(self._files.kept):
            job = await self._look(ident)
            if job is not None and job.state in OVER:
                await asyncio.to_thread(self._files.forget, ident)

    async def _run_to_its_end(self, ident: ImportId) -> None:
        job, in_vain, reached = await self._look(ident), 0, -1
        while job is not None and job.state in {"preparing", "running"}:
            if job.line > reached:
                in_vain, reached = 0, job.line
            if in_vain >= TRIES:
                await self._give_up(job)
                return
            try:
                await self._run(ident)
            except Exception:  # it could not even be started: that is a try too
                log.exception("import.fault", id=ident)
            in_vain += 1
            job = await self._look(ident)

    async def _give_up(self, job: ContactImport) -> None:
        log.warning("import.interrupted", id=job.id, line=job.line)
        told = f"it was interrupted {TRIES} times in a row, last after row {job.line}"
        failed = msgspec.structs.replace(job, state="failed", problem=told)
        await self._surely(lambda: self._book.put_import(failed), job.id)
        await asyncio.to_thread(self._files.forget, job.id)

    async def _look(self, ident: ImportId) -> ContactImport | None:
        return await self._surely(lambda: self._book.contact_import(ident), ident)

    async def _surely(self, ask: Callable[[], Awaitable[T]], what: str) -> T:
        """Ask the store until it answers: no import is forgotten because it was locked for a moment."""
        while True:
            try:
                return await ask()
            except Exception as error:  # noqa: BLE001 - any driver's error: again
                log.warning("import.store_away", id=what, error=str(error)[:300])
                await asyncio.sleep(AGAIN_S)

    async def _known(self, ident: ImportId) -> ContactImport:
        job = await self._book.contact_import(ident)
        if job is None:
            raise NotFound(f"import {ident} does not exist")
        return job

    async def _keep(self, ident: ImportId, pieces: AsyncIterator[bytes]) -> None:
        """Write the file as it comes; nothing is left of one that breaks off."""
        path = self._files.upload(ident)
        try:
            await asyncio.to_thread(self._files.folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            file = await asyncio.to_thread(path.open, "wb")
            try:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
            finally:
                await asyncio.to_thread(file.close)
        except OSError as error:
            self._files.forget(ident)
            raise NoSpace(f"the file cannot be kept: {error.strerror or error}") from error
        except BaseException:
            self._files.forget(ident)
            raise
