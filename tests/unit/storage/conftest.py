"""The same suite on SQLite and on a real PostgreSQL; `sqlite` and `postgres` where only one is meant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from ari_app.storage.database import Database, open_database
from ari_app.storage.journal import SqlJournal, open_journal
from tests.fakes.clock import SystemClock
from tests.fakes.postgres import postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


async def fresh_database(server: str) -> str:
    """The URL of a new, empty database on the server."""
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(f"{server}/postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A file path or URL of a database that does not hold anything yet."""
    if request.param == "sqlite":
        return str(tmp_path / "ramal.db")
    return await fresh_database(request.getfixturevalue("server"))


@pytest.fixture
async def database(place: str) -> AsyncIterator[Database]:
    async with open_database(place) as opened:
        yield opened


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[SqlJournal]:
    async with open_journal(database, SystemClock()) as running:
        yield running


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "ramal.db") as opened:
        yield opened


@pytest.fixture
async def postgres(server: str) -> AsyncIterator[Database]:
    async with open_database(await fresh_database(server)) as opened:
        yield opened
