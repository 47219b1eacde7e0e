"""The FastAGI server: one task per call, with limits that a hostile peer cannot stretch.

FastAGI has no password: bind it to loopback, or to an address only the PBX can reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from ari_app.asterisk.agi.protocol import (
    LONGEST_LINE,
    AgiRefused,
    AgiRequest,
    CallerGone,
    build_request,
    decode_line,
    header_line,
)
from ari_app.asterisk.agi.session import AgiSession

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[AgiRequest, AgiSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AgiLimits:
    """How much patience a peer gets. Times in seconds."""

    sessions: int = 64
    header_lines: int = 64
    header_s: float = 3.0
    command_s: float = 10.0
    session_s: float = 300.0


class AgiServer:
    """Listens for as long as `run` runs and calls the handler once for each call."""

    def __init__(self, handler: Handler, host: str, port: int, limits: AgiLimits | None = None) -> None:
        """`handler` may raise CallerGone freely; what else it raises is logged and ends its call only."""
        self._handler = handler
        self._address = (host, port)
        self._limits = limits or AgiLimits()
        self._stop = asyncio.Event()
        self._sessions: set[asyncio.Task[None]] = set()
        self.refused = 0
        self.ready = asyncio.Event()
        self.port = port

    @property
    def sessions(self) -> int:
        """Dialogues under way."""
        return len(self._sessions)

    async def run(self) -> None:
        """Serves until `close` or cancellation; raises OSError where the port is taken."""
        server = await asyncio.start_server(self._accept, *self._address, limit=LONGEST_LINE)
        try:
            self.port = server.sockets[0].getsockname()[1]
            self.ready.set()
            await self._stop.wait()
        finally:
            self.ready.clear()
            server.close()
            for session in tuple(self._sessions):
                session.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)

    def close(self) -> None:
        """Makes `run` return; dialogues under way are cut."""
        self._stop.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._sessions) >= self._limits.sessions or self._stop.is_set():
            self._refuse("too many dialogues at once")
            writer.close()
            return
        self._sessions.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._sessions.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limits = self._limits
        try:
            async with asyncio.timeout(limits.header_s):
                request = await self._read_request(reader)
        except TimeoutError:
            return self._refuse(f"no complete header in {limits.header_s:g} s")
        except (AgiRefused, ConnectionError, asyncio.IncompleteReadError) as error:
            return self._refuse(str(error))
        session = AgiSession(reader, writer, deadline_s=limits.command_s)
        try:
            async with asyncio.timeout(limits.session_s):
                await self._handler(request, session)
        except CallerGone:
            log.debug("agi %s: the caller is gone", request.path)
        except TimeoutError:
            self._refuse(f"{request.path}: longer than {limits.session_s:g} s")
        except AgiRefused as error:
            self._refuse(f"{request.path}: {error}")
        except Exception:
            log.exception("agi %s: the handler failed", request.path)

    async def _read_request(self, reader: asyncio.StreamReader) -> AgiRequest:
        headers: dict[str, str] = {}
        for _ in range(self._limits.header_lines + 1):
            try:
                text = decode_line(await reader.readuntil(b"\n"))
            except asyncio.LimitOverrunError as error:
                raise AgiRefused(f"a header line has more than {LONGEST_LINE} bytes") from error
            if not text:
                return build_request(headers)
            name, value = header_line(text)
            headers[name] = value
        raise AgiRefused(f"more than {self._limits.header_lines} header lines")

    def _refuse(self, why: str) -> None:
        self.refused += 1
        log.warning("agi refused: %s", why)
