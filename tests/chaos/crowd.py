"""Hundreds of callers at once: real SIP calls that say almost nothing, held by one event loop in a thread."""

from __future__ import annotations

import asyncio
import resource
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ari_app.softphone.rtp import EVENT, KEYS
from ari_app.softphone.sip import Account, Phone

T = TypeVar("T")
STILL_THERE_S = 8.0
"""How often a caller is heard: the PBX lets go of who is silent for 30 s."""


class Whisper:
    """What stands for a phone's voice: one packet now and then. All that comes is thrown away."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._peer: tuple[str, int] | None = None
        self._sequence = self._at = 0
        self._source = id(self) % 2**32
        self._handle: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    async def open(self, host: str) -> None:
        del host

    def send_to(self, host: str, port: int) -> None:
        self._peer = (host, port)
        self._speak()

    def _speak(self) -> None:
        self._packet(8, b"\xd5" * 160)
        self._handle = asyncio.get_running_loop().call_later(STILL_THERE_S, self._speak)

    async def press(self, key: str) -> None:
        """A digit of 160 ms as RFC 4733 events, its end said three times."""
        at, self._at = self._at, self._at + 1280
        for number in range(11):
            body = struct.pack("!BBH", KEYS.index(key), 0x80 * (number >= 8) | 10, 160 * min(number + 1, 8))
            self._packet(EVENT, body, at)
            await asyncio.sleep(0.02)

    def _packet(self, kind: int, body: bytes, at: int | None = None) -> None:
        self._sequence = self._sequence + 1 & 0xFFFF
        if at is None:
            self._at += 160
        head = struct.pack(
            "!BBHII", 0x80, kind, self._sequence, self._at if at is None else at, id(self) % 2**32
        )
        if self._peer is not None:
            self._socket.sendto(head + body, self._peer)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._socket.close()


class Crowd:
    """Callers of one account, made, pressed and hung up together."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._loop = asyncio.new_event_loop()
        self.phones: list[Phone] = []

    def dial(self, number: str, count: int, key: str, at_once: int = 50) -> None:
        """All call; who is answered presses the key. Raises `NoCall` when one is not answered."""
        self._ask(self._dial(number, count, key, at_once))

    def hang_up(self, phones: list[Phone]) -> None:
        self._ask(self._hang_up(phones))

    async def _dial(self, number: str, count: int, key: str, at_once: int) -> None:
        room = asyncio.Semaphore(at_once)

        async def one() -> None:
            phone = Phone(self._account, number)
            phone.voice = Whisper()  # type: ignore[assignment]
            async with room:
                await phone.dial()
                self.phones.append(phone)
            await phone.press(key)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(count):
                tasks.create_task(one())

    async def _hang_up(self, phones: list[Phone]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for phone in phones:
                tasks.create_task(phone.hang_up())

    def _ask(self, what: Coroutine[Any, Any, T], timeout_s: float = 120.0) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(timeout_s)

    @contextmanager
    def open(self) -> Iterator[Crowd]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.hang_up(self.phones)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)
            self._loop.close()


def many_files() -> None:
    """Every call has sockets: allow this process, and those it starts, as many as the system does."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
