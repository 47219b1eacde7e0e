"""The same suite on SQLite and on a real PostgreSQL; `sqlite` and `postgres` where only one is meant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from ari_app.storage.database import Database, open_database
from ari_app.storage.journal import SqlJournal, open_journal
from tests.fakes.clock import SystemClock
from tests.fakes.postgres import postgres_server
from tests.support.databases import apart, given_schema, sqlite_database


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@asynccontextmanager
async def fresh_database(server: str, template: str = "template1") -> AsyncIterator[str]:
    """The URL of a new database on the server, which is empty or a copy; dropped afterwards."""
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield f"{server}/{name}"
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def migrated(server: str) -> str:
    """The name of a database on the server that all migrations went over."""

    async def make() -> None:
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute("CREATE DATABASE migrated")
        await connection.close()
        async with open_database(f"{server}/migrated"):
            pass

    apart(make())
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A file path or URL of a database that does not hold anything yet."""
    if request.param == "sqlite":
        yield str(tmp_path / "ramal.db")
        return
    async with fresh_database(request.getfixturevalue("server")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A file path or URL of a database with today's schema."""
    if request.param == "sqlite":
        yield str(given_schema(tmp_path / "ramal.db"))
        return
    server, migrated = request.getfixturevalue("server"), request.getfixturevalue("migrated")
    async with fresh_database(server, migrated) as url:
        yield url


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
    async with sqlite_database(tmp_path) as opened:
        yield opened


@pytest.fixture
async def postgres(server: str, migrated: str) -> AsyncIterator[Database]:
    async with fresh_database(server, migrated) as url, open_database(url) as opened:
        yield opened
