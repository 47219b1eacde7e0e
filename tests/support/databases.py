"""Databases with today's schema: migrated once for a run, copied for each test."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ari_app.storage.database import Database, open_database


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Do it in another thread's event loop: who asks may be in one, and waits."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@cache
def _template() -> bytes:
    """A SQLite file that all migrations went over."""
    with tempfile.TemporaryDirectory(prefix="ramal-schema-") as folder:
        file = Path(folder) / "ramal.db"

        async def make() -> None:
            async with open_database(file):
                pass

        apart(make())
        assert not file.with_name("ramal.db-wal").exists(), "the last to close writes all into the file"
        return file.read_bytes()


def given_schema(file: Path) -> Path:
    """A new SQLite database at a path, as the migrations leave it."""
    file.touch(mode=0o600)
    file.write_bytes(_template())
    return file


@asynccontextmanager
async def sqlite_database(folder: Path) -> AsyncIterator[Database]:
    """`ramal.db` in a folder: a new one with today's schema, or what is there already."""
    file = folder / "ramal.db"
    async with open_database(file if file.exists() else given_schema(file)) as opened:
        yield opened
