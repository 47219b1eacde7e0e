"""Imports run in a process of their own: reading a million rows must not make one caller wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import structlog

from ari_app.campaigns.lists.importing import Files, Importer
from ari_app.campaigns.lists.office import ImportOffice
from ari_app.clock import SystemClock
from ari_app.logs import configure_logs
from ari_app.model.ids import ImportId
from ari_app.ports import Clock
from ari_app.storage.database import Database, open_database
from ari_app.storage.imports import ImportStore

log = structlog.get_logger()
NICENESS = 10
ENDS_IN_S = 5.0


class ImportProcess:
    """Starts `ramal import-list` for each import, with the calls' priority above its own."""

    def __init__(self, database: str, folder: Path) -> None:
        self._environment = {**os.environ, "RAMAL_DATABASE": database, "RAMAL_IMPORTS": str(folder)}

    async def __call__(self, ident: ImportId) -> None:
        command = (sys.executable, "-m", "ari_app", "import-list", ident)
        process = await asyncio.create_subprocess_exec(*command, env=self._environment, close_fds=True)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(ENDS_IN_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
            raise
        if code:
            log.warning("import.process_ended", id=ident, code=code)


def imports_of(database: Database, place: str, folder: Path, clock: Clock) -> ImportOffice:
    """The office of an application whose database is at this place."""
    return ImportOffice(ImportStore(database), folder, clock, ImportProcess(place, folder))


def import_list(ident: str, database: str, folder: str) -> int:
    """What that process does; gives its exit status. Killed at any time, the next one goes on."""
    configure_logs("json")
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    return asyncio.run(_import(ImportId(ident), database, Path(folder)))


async def _import(ident: ImportId, database: str, folder: Path) -> int:
    async with open_database(database, pool_size=2) as opened:
        job = await Importer(ImportStore(opened), Files(folder), SystemClock()).run(ident)
    return 0 if job is not None else 1
