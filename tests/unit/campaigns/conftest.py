"""A SQLite database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ari_app.storage.database import Database
from tests.support.databases import sqlite_database


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with sqlite_database(tmp_path) as opened:
        yield opened
