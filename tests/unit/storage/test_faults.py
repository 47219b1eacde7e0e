"""A database that is locked, full, stalled or cut off: nothing lost, order kept, nobody delayed."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text

from ari_app.model.facts import VariableSet
from ari_app.model.ids import CallId
from ari_app.ports import CallFilter, Stamped
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal, open_journal
from pbx.patience import PATIENCE_S
from tests.fakes.clock import SystemClock
from tests.unit.storage.records import a_call, digits, digits_of, until


async def put_while_stalled(journal: SqlJournal, stalled_s: float) -> None:
    """Write 490 calls and digits at once, then see that it is told, and that nobody waits for it."""
    now = asyncio.get_running_loop().time
    began, puts, naps = now(), list[float](), list[float]()
    for n in range(10, 500):
        before = now()
        journal.put_facts(digits("c1", n, n + 1))
        journal.put_call(a_call(n), None)
        puts.append(now() - before)
    assert median(puts) < 0.01, "who puts was held up"  # a machine that stands still holds up but one
    await until(lambda: not journal.healthy)
    while now() - began < stalled_s or len(naps) < 9:
        before = now()
        journal.put_facts(digits("c2", 0, 1))
        await asyncio.sleep(0.05)
        naps.append(now() - before)
    assert median(naps) < 1.0, "the loop was held up"
    assert not await journal.flush(0.05)


async def all_is_there(journal: SqlJournal, database: Database) -> None:
    assert await journal.flush()
    assert journal.healthy
    assert await digits_of(database, "c1") == list(range(500))
    assert len((await CallArchive(database).calls(CallFilter(), limit=500)).items) == 490


async def test_sqlite_locked_for_three_seconds_loses_nothing_and_keeps_order(
    sqlite: Database, tmp_path: Path
) -> None:
    async with open_journal(sqlite, SystemClock()) as journal:
        journal.put_facts(digits("c1", 0, 10))
        await journal.flush()
        blocker = sqlite3.connect(tmp_path / "ramal.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        assert not await sqlite.writable()
        await put_while_stalled(journal, 3.0)
        blocker.rollback()
        blocker.close()
        await all_is_there(journal, sqlite)
        assert await sqlite.writable()


async def test_sqlite_on_a_full_disk_recovers_when_there_is_space_again(sqlite: Database) -> None:
    async with open_journal(sqlite, SystemClock()) as journal:
        journal.put_facts(digits("c1", 0, 10))
        await journal.flush()
        used = await sqlite.in_transaction(lambda writer: writer.scalar(text("PRAGMA page_count")))
        await sqlite.in_transaction(lambda writer: writer.scalar(text(f"PRAGMA max_page_count = {used + 2}")))
        big = VariableSet("v", "x" * 2000)
        for n in range(10, 60):
            journal.put_facts([Stamped(1.0, big, CallId("c2")), *digits("c1", n, n + 1)])
        await until(lambda: not journal.healthy)
        assert not await journal.flush(0.3)
        await sqlite.in_transaction(lambda writer: writer.scalar(text("PRAGMA max_page_count = 1000000")))
        assert await journal.flush()
        assert journal.healthy
        assert await digits_of(sqlite, "c1") == list(range(60))


async def test_postgresql_that_stalls_loses_nothing_and_keeps_order(postgres: Database) -> None:
    async with open_journal(postgres, SystemClock()) as journal:
        journal.put_facts(digits("c1", 0, 10))
        await journal.flush()
        async with postgres.durable.connect() as blocker:
            await blocker.execute(text("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE"))
            await put_while_stalled(journal, 6.0)  # longer than the command's timeout
            await blocker.rollback()
        await all_is_there(journal, postgres)


async def test_postgresql_whose_connections_are_cut_loses_nothing_and_keeps_order(postgres: Database) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    async with open_journal(postgres, SystemClock()) as journal, asyncio.timeout(2 * PATIENCE_S):
        for n in range(500):
            journal.put_facts(digits("c1", n, n + 1))
            journal.put_call(a_call(n), None)
            if n % 100 == 50:
                async with postgres.durable.connect() as connection:
                    await connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
            await asyncio.sleep(0.002)
        assert await journal.flush()
        assert await digits_of(postgres, "c1") == list(range(500))


async def test_closing_under_a_dead_database_ends_in_bounded_time(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.storage.journal.FLUSH_S", 0.5)
    blocker = sqlite3.connect(tmp_path / "ramal.db", isolation_level=None)
    async with asyncio.timeout(PATIENCE_S):
        async with open_journal(sqlite, SystemClock()) as journal:
            blocker.execute("BEGIN IMMEDIATE")
            journal.put_facts(digits("c1", 0, 10))
        assert journal.backlog == 10
    blocker.close()
