"""A TCP relay between application and PBX that cuts, slows, loses, repeats and reorders what passes.

It runs in a thread with a loop of its own. WebSocket frames from the PBX are taken apart (RFC 6455, unmasked,
never fragmented by Asterisk), so that single events and replies can be played with.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pbx.patience import PATIENCE_S

Rewrite = Callable[[dict[str, object]], list[float]]
"""What becomes of a message of the PBX: after how many seconds it is sent, each time; [0] is as it came."""

TEXT = 1


def as_it_came(_message: dict[str, object]) -> list[float]:
    return [0.0]


class Relay:
    """Listens on a port of its own; `rewrite` and `delay_s` may be changed at any time."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0
        self.delay_s = 0.0
        """Every byte towards the PBX waits so long."""
        self.rewrite: Rewrite = as_it_came
        self.passed = 0
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._refuses = False

    @contextmanager
    def open(self) -> Iterator[Relay]:
        listening = threading.Event()
        thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        thread.start()
        assert listening.wait(PATIENCE_S)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(PATIENCE_S)

    def cut(self) -> None:
        """Every connection breaks, without a word."""
        self._loop.call_soon_threadsafe(self._cut)

    def refuse(self, *, refuses: bool) -> None:
        """New connections are closed at once."""
        self._refuses = refuses

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        self._loop.run_forever()
        self._cut()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        with suppress(OSError, asyncio.IncompleteReadError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers |= {writer, far_writer}
            try:
                await asyncio.gather(self._out(reader, far_writer), self._in(far_reader, writer))
            finally:
                self._writers -= {writer, far_writer}
                writer.transport.abort()
                far_writer.transport.abort()

    async def _out(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            writer.write(data)
            await writer.drain()
        writer.transport.abort()

    async def _in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            while data := await reader.read(65536):
                writer.write(data)
            writer.transport.abort()
            return
        while True:
            frame, kind, body = await _frame(reader)
            self.passed += 1
            delays = self.rewrite(json.loads(body)) if kind == TEXT else [0.0]
            for delay in delays:
                if delay:
                    self._loop.call_later(delay, _late, writer, frame)
                else:
                    writer.write(frame)


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, int, bytes]:
    """A whole frame, its kind, what it says."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    more = await reader.readexactly({126: 2, 127: 8}.get(length, 0))
    body = await reader.readexactly(int.from_bytes(more, "big") if more else length)
    return head + more + body, head[0] & 0x0F, body


def _late(writer: asyncio.StreamWriter, frame: bytes) -> None:
    if not writer.is_closing():
        writer.write(frame)
