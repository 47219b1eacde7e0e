"""The built console as files."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    console = tmp_path / "dist"
    (console / "assets").mkdir(parents=True)
    (console / "index.html").write_text("<!doctype html>the console")
    (console / "assets" / "app-1a2b.js").write_text("script " * 100)
    (console / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"script " * 100))
    (console / ".env").write_text("hidden")
    (tmp_path / "outside.txt").write_text("outside")
    (console / "leak.txt").symlink_to(tmp_path / "outside.txt")
    async with open_house(tmp_path, console=console) as opened:
        yield opened


async def test_pages_are_the_index_and_assets_are_cached_for_ever(house: House) -> None:
    for path in ("/", "/operators/1005", "/flows"):
        page = await house.ask("GET", path, root=True)
        assert (page.status, page.body) == (200, b"<!doctype html>the console")
        assert page.headers["Cache-Control"] == "no-cache"
        assert page.headers["Content-Type"].startswith("text/html")
    script = await house.ask("GET", "/assets/app-1a2b.js", root=True)
    assert script.body == b"script " * 100
    assert script.headers["Content-Encoding"] == "gzip"
    assert "immutable" in script.headers["Cache-Control"]
    assert "javascript" in script.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        "/.env",
        "/leak.txt",
        "/assets/none.js",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/%00",
        "/api/v2/x",
    ],
)
async def test_nothing_else_is_served(house: House, path: str) -> None:
    answer = await house.ask("GET", path, root=True)
    assert answer.status == 404
    assert b"outside" not in answer.body
    assert answer.headers["Content-Type"].startswith("application/problem+json")
