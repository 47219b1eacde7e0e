"""Opening and migrating."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from ari_app.model.call import CallRecord
from ari_app.model.recording import Recording
from ari_app.storage import campaign_schema, schema
from ari_app.storage.database import Database, database_url, known_revisions, open_database
from ari_app.storage.upgrading import alembic_config


async def test_the_migrations_lead_to_the_schema_of_the_code(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, schema.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert campaign_schema.contacts.metadata is schema.metadata


OPEN = """
import asyncio, sys
from ari_app.storage.database import open_database
async def run():
    async with open_database(sys.argv[1]):
        pass
asyncio.run(run())
"""


async def test_two_processes_at_once_migrate_once_and_opening_again_keeps_what_is_there(
    empty_place: str,
) -> None:
    place = empty_place
    both = [await asyncio.create_subprocess_exec(sys.executable, "-c", OPEN, place) for _ in range(2)]
    assert [await process.wait() for process in both] == [0, 0]
    for writer in ("a", "b"):
        async with open_database(place) as opened, opened.engine.begin() as connection:
            mark = "INSERT INTO journal_marks (writer, client_id, batch) VALUES (:w, 'c', 1)"
            await connection.execute(text(mark), {"w": writer})
    async with open_database(place) as opened, opened.engine.connect() as connection:
        found = (
            (await connection.execute(text("SELECT writer FROM journal_marks ORDER BY 1"))).scalars().all()
        )
    assert found == ["a", "b"]


async def test_sqlite_is_in_wal_mode_and_attempts_are_synced_fully(sqlite: Database) -> None:
    async def pragma(database: Database, *, durable: bool, name: str) -> object:
        engine = database.durable if durable else database.engine
        async with engine.connect() as connection:
            return (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()

    assert await pragma(sqlite, durable=False, name="journal_mode") == "wal"
    assert await pragma(sqlite, durable=False, name="synchronous") == 1
    assert await pragma(sqlite, durable=True, name="synchronous") == 2


async def test_a_transaction_that_cannot_be_rolled_back_does_not_spoil_the_next(sqlite: Database) -> None:
    def count(connection: Connection) -> object:
        return connection.scalar(text("SELECT count(*) FROM journal_marks"))

    def write(connection: Connection) -> None:
        connection.execute(text("INSERT INTO journal_marks (writer, client_id, batch) VALUES ('a', 'c', 1)"))

    def fail(connection: Connection) -> None:
        write(connection)
        raise RuntimeError("ours")

    def lose(connection: Connection) -> None:
        write(connection)
        driver: Any = connection.connection.driver_connection
        driver.close()
        driver.cursor()

    def end_it_itself(connection: Connection) -> None:
        write(connection)
        connection.connection.cursor().execute("ROLLBACK")
        connection.connection.cursor().execute("ROLLBACK")

    for fault in (fail, lose, end_it_itself, lose):
        with pytest.raises((RuntimeError, sqlite3.Error, SQLAlchemyError)):
            await sqlite.in_transaction(fault)
        assert await sqlite.in_transaction(count) == 0
    await sqlite.in_transaction(write)
    assert await sqlite.in_transaction(count) == 1


async def test_the_file_is_private(sqlite: Database, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "ramal.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("place", "driver"),
    [
        ("/var/lib/ramal/ramal.db", "sqlite+aiosqlite"),
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@host/db", "postgresql+asyncpg"),
        ("postgres://host/db", "postgresql+asyncpg"),
    ],
)
def test_places_are_files_or_postgresql_urls(place: str, driver: str) -> None:
    assert database_url(place).drivername == driver


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        database_url("mysql://host/db")


def test_T1_every_table_has_a_client_id() -> None:
    assert [table.name for table in schema.metadata.sorted_tables if "client_id" not in table.columns] == []


def test_the_tables_hold_every_field_of_the_records() -> None:
    assert set(CallRecord.__struct_fields__) - set(schema.calls.columns.keys()) == {"client"}
    assert set(Recording.__struct_fields__) - set(schema.recordings.columns.keys()) == {"client", "call"}


def test_the_newest_schema_is_told_by_the_files_as_alembic_sees_them() -> None:
    """`known_revisions` reads names of files: a start that has nothing to migrate needs no Alembic."""
    script = ScriptDirectory.from_config(alembic_config())
    assert known_revisions() == tuple(reversed([each.revision for each in script.walk_revisions()]))
    assert script.get_heads() == [known_revisions()[-1]]
