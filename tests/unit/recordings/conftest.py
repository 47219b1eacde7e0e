"""A recordings folder with everything round it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ari_app.storage.journal import open_journal
from tests.fakes.clock import HandClock
from tests.support.databases import sqlite_database
from tests.support.recordings import Kit


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    folder = tmp_path / "recordings"
    folder.mkdir()
    clock = HandClock()
    async with (
        sqlite_database(tmp_path) as database,
        open_journal(database, clock) as journal,
    ):
        yield Kit(folder, database=database, journal=journal, clock=clock)
