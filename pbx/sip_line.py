"""A wire for SIP that can be cut: what is behind it says nothing any more, as a phone without power."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEAR = "127.0.0.1"
LARGEST = 65_536
LOOK_S = 0.2


class SipLine:
    """Passes datagrams between whoever sends first to `front` and `target`; sound passes beside it.

    `cut` may be changed at any time. Both ports are of its own, so each side takes it for the other one.
    """

    def __init__(self, target: tuple[str, int], front: str = NEAR, back: str = NEAR) -> None:
        self.cut = False
        self._target = target
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind((front, 0))
        self._back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._back.bind((back, 0))
        self.port: int = self._front.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(5)
        self._front.close()
        self._back.close()

    def _run(self) -> None:
        first: tuple[str, int] | None = None
        while not self._over.is_set():
            for ready in select.select([self._front, self._back], [], [], LOOK_S)[0]:
                said, sender = ready.recvfrom(LARGEST)
                if ready is self._front:
                    first = sender
                if self.cut:
                    continue
                if ready is self._front:
                    self._back.sendto(said, self._target)
                elif first is not None:
                    self._front.sendto(said, first)


@contextmanager
def sip_line(target: tuple[str, int], front: str = NEAR, back: str = NEAR) -> Iterator[SipLine]:
    """Until the end of the block."""
    line = SipLine(target, front, back)
    try:
        yield line
    finally:
        line.close()
