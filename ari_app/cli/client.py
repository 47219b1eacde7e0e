"""What commands need of the HTTP API: ask, send a file, fetch one; a refusal is told and ends the command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import msgspec
import typer

DEMO = Path(".ramal/demo.json")
PIECE = 256 * 1024
_NO_LIMIT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=120)

ApiAddress = Annotated[
    str, typer.Option("--api", envvar="RAMAL_API", help="Address of the API; a running demo's if left out.")
]
Token = Annotated[
    str, typer.Option("--token", envvar="RAMAL_TOKEN", help="API token; better given as RAMAL_TOKEN.")
]


@dataclass(frozen=True, slots=True)
class Client:
    """The API at one address with one token. Its methods end the command with status 1 on a refusal."""

    api: str
    token: str

    def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: object = None
    ) -> Any:
        """The decoded answer; None where there is none."""
        return asyncio.run(self._ask(method, path, query, body))

    def send(self, path: str, file: Path, query: Mapping[str, Any], told: Callable[[int], None]) -> Any:
        """Upload a file; `told` hears of each piece's bytes."""
        return asyncio.run(self._send(path, file, query, told))

    def fetch(self, path: str, query: Mapping[str, Any], target: Path) -> int:
        """Write what is there to a file; gives its bytes."""
        return asyncio.run(self._fetch(path, query, target))

    def items(self, path: str, query: Mapping[str, Any] | None = None) -> list[Any]:
        """All items of a list, page by page."""
        found: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.ask("GET", path, query={**(query or {}), "limit": 500, "cursor": cursor})
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    async def _ask(self, method: str, path: str, query: Mapping[str, Any] | None, body: object) -> Any:
        async with self._session() as session:
            return await _answer(session, method, self.api + path, params=_given(query), json=body)

    async def _send(
        self, path: str, file: Path, query: Mapping[str, Any], told: Callable[[int], None]
    ) -> Any:
        headers = {"Content-Type": "application/octet-stream"}
        async with self._session() as session:
            pieces = _pieces(file, told)
            return await _answer(
                session, "POST", self.api + path, params=_given(query), data=pieces, headers=headers
            )

    async def _fetch(self, path: str, query: Mapping[str, Any], target: Path) -> int:
        size = 0
        async with self._session() as session, session.get(self.api + path, params=_given(query)) as answer:
            if answer.status >= 400:
                raise _refused(answer.status, await answer.read())
            with target.open("wb") as file:
                async for piece in answer.content.iter_chunked(PIECE):
                    size += file.write(piece)
        return size

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.token}"}, timeout=_NO_LIMIT)


async def _answer(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> Any:
    try:
        async with session.request(method, url, **options) as answer:
            raw = await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        typer.echo(f"ramal: {url} cannot be reached: {error}", err=True)
        raise typer.Exit(1) from error
    if answer.status >= 400:
        raise _refused(answer.status, raw)
    return msgspec.json.decode(raw) if raw else None


def _refused(status: int, raw: bytes) -> typer.Exit:
    try:
        problem = msgspec.json.decode(raw)
        told = problem.get("detail") or problem.get("title")
    except (msgspec.MsgspecError, AttributeError):
        told = raw[:200].decode("utf-8", "replace")
    typer.echo(f"ramal: refused ({status}): {told}", err=True)
    return typer.Exit(1)


def _given(query: Mapping[str, Any] | None) -> dict[str, str]:
    values = {name: value for name, value in (query or {}).items() if value is not None}
    return {n: str(v).lower() if isinstance(v, bool) else str(v) for n, v in values.items()}


async def _pieces(file: Path, told: Callable[[int], None]) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            told(len(piece))
            yield piece


def connect(api: str, token: str) -> Client:
    """The client for these options; what is left out is taken from the settings or a running demo."""
    if not token:
        path = os.environ.get("RAMAL_ADMIN_TOKEN_FILE", "")
        token = Path(path).read_text("utf-8").strip() if path else os.environ.get("RAMAL_ADMIN_TOKEN", "")
    if (not api or not token) and DEMO.is_file():
        demo = msgspec.json.decode(DEMO.read_bytes())
        api, token = api or demo["api"], token or demo["token"]
    if not token:
        typer.echo("ramal: no API token: set RAMAL_TOKEN", err=True)
        raise typer.Exit(2)
    port = os.environ.get("RAMAL_HTTP_PORT", "8080")
    return Client((api or f"http://127.0.0.1:{port}/api/v1").rstrip("/"), token)
