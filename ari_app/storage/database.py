"""Opens the database: engines, pragmas, migration; SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

T = TypeVar("T")
BUSY_TIMEOUT_MS = 1000
"""How long SQLite waits for another writer before it says `locked`; the journal then retries."""
COMMAND_TIMEOUT_S = 5.0
"""After this a PostgreSQL server that does not answer counts as away."""
VERSION_FILE = re.compile(r"v(\d{4})_\w+\.py")
_MIGRATION_LOCK = 0x52414D41
_MIGRATION_PATIENCE_MS = 60_000


class DirectWriter:
    """SQLite in a thread of its own: one hop for a whole transaction, where the async driver makes three
    for every statement (measured: a third of the CPU time for the journal's batches).
    """

    def __init__(self, url: URL, synchronous: str = "NORMAL", begin: str = "BEGIN") -> None:
        self._engine = create_engine(url.set(drivername="sqlite"), pool_size=1, max_overflow=0)
        _prepare_sqlite(self._engine, synchronous, begin)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._connection: Connection | None = None
        """Kept from one transaction to the next, unless one of them cannot be rolled back."""

    async def in_transaction(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    def _do(self, work: Callable[[Connection], T]) -> T:
        connection = self._connection = self._connection or self._engine.connect()
        try:
            with connection.begin():
                return work(connection)
        except BaseException:
            if not _is_idle(connection):
                self._close()
            raise

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def dispose(self) -> None:
        """Once the last transaction is done."""
        self._thread.submit(self._close)
        self._thread.submit(self._engine.dispose)
        self._thread.shutdown(wait=True)


@dataclass(frozen=True, slots=True)
class Database:
    """The engines of one database.

    `engine` serves calls, facts and pages (SQLite: `synchronous=NORMAL`, the last milliseconds may be lost
    with the power, never the file). `durable` is for what must be on disk before it is acted on: dialling
    attempts, consent (`synchronous=FULL`).
    """

    engine: AsyncEngine
    durable: AsyncEngine
    direct: DirectWriter | None = None
    claiming: DirectWriter | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    async def dispose(self) -> None:
        await self.engine.dispose()
        await self.durable.dispose()
        for writer in (self.direct, self.claiming):
            if writer is not None:
                writer.dispose()

    async def in_transaction(self, work: Callable[[Connection], T]) -> T:
        """Do many statements in one transaction with as little of the event loop's time as can be."""
        if self.direct is not None:
            return await self.direct.in_transaction(work)
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def durably(self, work: Callable[[Connection], T]) -> T:
        """The same, on disk when it returns; on SQLite it has the write lock before it reads anything."""
        if self.claiming is not None:
            return await self.claiming.in_transaction(work)
        async with self.durable.begin() as connection:
            return await connection.run_sync(work)

    async def writable(self) -> bool:
        """Whether a write would pass now: takes and gives back the write lock. For `/ready`."""
        try:
            async with self.engine.connect() as connection:
                await connection.exec_driver_sql("UPDATE journal_marks SET batch = batch WHERE writer = ''")
                await connection.rollback()
        except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is no
            return False
        return True


def _is_idle(connection: Connection) -> bool:
    """Whether the next transaction can begin on it, whatever the last one came to."""
    try:
        driver: Any = connection.connection.driver_connection
        busy = bool(driver.in_transaction)
    except Exception:  # noqa: BLE001 - closed, by whomever
        busy = True
    return not busy


def database_url(place: str | Path) -> URL:
    """The SQLAlchemy URL for a SQLite file path or a `postgresql://` URL."""
    name = str(place)
    if "://" not in name:
        return URL.create("sqlite+aiosqlite", database=name)
    url = make_url(name)
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+asyncpg",
        "postgres": "postgresql+asyncpg",
    }
    driver = drivers.get(url.drivername, url.drivername)
    if driver not in drivers.values():
        raise ValueError(f"database: {url.drivername!r} is not supported; use a file path or postgresql://")
    return url.set(drivername=driver)


def _engine(url: URL, synchronous: str, pool_size: int) -> AsyncEngine:
    if url.drivername == "postgresql+asyncpg":
        return create_async_engine(
            url,
            pool_size=pool_size,
            pool_pre_ping=True,
            pool_timeout=COMMAND_TIMEOUT_S,
            connect_args={"timeout": COMMAND_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S},
        )
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=2, pool_timeout=COMMAND_TIMEOUT_S)
    _prepare_sqlite(engine.sync_engine, synchronous)
    return engine


def _prepare_sqlite(engine: Engine, synchronous: str, begin_as: str = "BEGIN") -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN: the driver would leave DDL outside transactions
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin_as)


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    else:  # a write takes SQLite's lock before anything is read
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_MIGRATION_PATIENCE_MS}")
        connection.exec_driver_sql("PRAGMA user_version = 1")
    if revision == "head" and _is_newest(connection):
        return
    from ari_app.storage import upgrading  # noqa: PLC0415 - Alembic: 200 ms of CPU that most starts save

    upgrading.upgrade(connection, revision)


def known_revisions() -> tuple[str, ...]:
    """Every schema that this software can bring up to date, the newest last.

    Each is a file `v<revision>_<what>.py`; the tests hold that Alembic sees the same.
    """
    folder = resources.files("ari_app.storage") / "migrations" / "versions"
    found = (VERSION_FILE.fullmatch(file.name) for file in folder.iterdir())
    return tuple(sorted(match[1] for match in found if match))


def _is_newest(connection: Connection) -> bool:
    """Whether there is nothing to migrate. Never true while somebody else migrates: we have the lock."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    revisions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(revisions) == [known_revisions()[-1]]


async def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`; two processes at once are safe, the second finds nothing to do.

    Within one process one migration at a time: Alembic's operations are global.
    """
    async with database.engine.begin() as connection:
        await connection.run_sync(_upgrade, revision)
        if database.dialect == "sqlite":
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _create_private(file: Path) -> None:
    """Numbers and hashes are for our eyes; SQLite gives its side files the rights of the main one."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


@asynccontextmanager
async def open_database(place: str | Path, *, pool_size: int = 5) -> AsyncIterator[Database]:
    """Open and migrate the database at a file path or `postgresql://` URL; closed on leaving.

    Runs inside the application's event loop; a command line wraps it in `asyncio.run`.
    """
    url = database_url(place)
    direct = claiming = None
    if url.drivername == "sqlite+aiosqlite" and url.database:
        _create_private(Path(url.database))
        direct, claiming = DirectWriter(url), DirectWriter(url, "FULL", "BEGIN IMMEDIATE")
    database = Database(_engine(url, "NORMAL", pool_size), _engine(url, "FULL", 2), direct, claiming)
    try:
        await migrate(database)
        yield database
    finally:
        await database.dispose()
