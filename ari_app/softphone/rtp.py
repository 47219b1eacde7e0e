"""Voice and keys on the line: RTP (RFC 3550) with A-law, keys as telephone events (RFC 4733)."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from typing import Any

import numpy as np

from ari_app.softphone import alaw

FRAME = 160
"""Samples of a packet: 20 ms."""
FRAME_S = 0.02
EVENT = 101
"""Payload type of keys, as offered."""
KEYS = "0123456789*#ABCD"
KEY_FRAMES = 6
"""How long a key is held, in packets."""
_PAUSE = 3200
"""In samples: the sender paused or stopped. A shorter gap is the network's, or of a busy machine."""


class Voice(asyncio.DatagramProtocol):
    """Both directions of one call's sound. Sends from `send_to` on; keeps everything that comes."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._peer: tuple[str, int] | None = None
        self._queue = bytearray()
        self._keys: list[tuple[str, asyncio.Future[None]]] = []
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._sound = bytearray()
        self._came: list[int] = []
        """When each packet came, in samples since the call was up, and its size."""
        self._sizes: list[int] = []
        self._last: int | None = None
        """Sequence number of the newest packet."""
        self._began = 0.0
        self._pacer: asyncio.Task[None] | None = None
        self.port = 0
        self.frame_s = FRAME_S
        """How long a packet lasts by this phone's own clock."""
        self.due = 0.0
        """When the packet that is sent now was due, on the loop's clock."""

    async def open(self, host: str) -> None:
        """Take a free port on this address."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind((host, 0))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=sock)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def send_to(self, host: str, port: int) -> None:
        """The call is up: speak there."""
        self._peer = (host, port)
        if self._pacer is None:
            self._began = asyncio.get_running_loop().time()
            self._pacer = asyncio.get_running_loop().create_task(self._pace())

    def close(self) -> None:
        if self._pacer is not None:
            self._pacer.cancel()
        for _, sent in self._keys:
            if not sent.done():
                sent.set_result(None)
        if self._transport is not None:
            self._transport.close()

    # --- out ----------------------------------------------------------------------------------------------

    def say(self, data: bytes) -> None:
        """Speak A-law bytes, after what is being said."""
        self._queue += data

    async def press(self, key: str) -> None:
        """Press a key, after those pressed before, and wait until it is sent or the call over."""
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keys.append((key, sent))
        await sent

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        self.due = loop.time()
        held = 0
        while True:
            if self._keys:
                key, sent = self._keys[0]
                self._send_key(key, held)
                held += 1
                if held == KEY_FRAMES + 3:
                    self._keys.pop(0)
                    if not sent.done():
                        sent.set_result(None)
                    held = -3  # a pause between keys
            else:
                held = 0
                self._send_voice()
            self.due += self.frame_s
            await asyncio.sleep(max(0.0, self.due - loop.time()))

    def _send_voice(self) -> None:
        data = bytes(self._queue[:FRAME])
        del self._queue[:FRAME]
        self._send(8, data.ljust(FRAME, alaw.SILENCE))
        self._timestamp += FRAME

    def _send_key(self, key: str, held: int) -> None:
        """One event: same timestamp throughout, a growing duration, the end said three times."""
        if held < 0:
            self._send_voice()
            return
        over = held >= KEY_FRAMES
        duration = FRAME * min(held + 1, KEY_FRAMES)
        body = struct.pack("!BBH", KEYS.index(key), (0x80 if over else 0) | 10, duration)
        self._send(EVENT, body, marker=held == 0)
        if held == KEY_FRAMES + 2:
            self._timestamp += FRAME * (KEY_FRAMES + 3)

    def _send(self, kind: int, body: bytes, *, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = struct.pack(
            "!BBHII",
            0x80,
            kind | (0x80 if marker else 0),
            self._sequence,
            self._timestamp & 0xFFFFFFFF,
            self._ssrc,
        )
        if self._peer is not None and not self._transport.is_closing():
            self._transport.sendto(head + body, self._peer)

    # --- in -----------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Keep what is sound, with the time when it came."""
        del addr
        if len(data) <= 12 or data[0] >> 6 != 2 or data[1] & 0x7F != 8:
            return
        sequence = int.from_bytes(data[2:4], "big")
        if self._last is not None and (sequence - self._last) & 0xFFFF > 0x8000:
            return  # late or doubled
        self._last = sequence
        now = asyncio.get_running_loop().time()
        self._sound += data[12:]
        self._came.append(int((now - self._began) * alaw.RATE) if self._began else 0)
        self._sizes.append(len(data) - 12)  # last: another thread may listen

    def heard(self) -> alaw.Samples:
        """All that came since the call was up, 8 kHz: what follows on is joined, a pause stays a pause.

        A packet read late was not sent late: those that came behind it tell when it was due at the latest.
        The sender's own clock, its timestamps, may stand still while Asterisk has nothing to say.
        """
        count = len(self._sizes)
        sound = alaw.decode(bytes(self._sound[: sum(self._sizes[:count])]))
        sizes = np.array(self._sizes[:count], dtype=np.int64)
        begins = np.cumsum(sizes) - sizes
        silent = np.minimum.accumulate((np.array(self._came[:count], dtype=np.int64) - begins)[::-1])[::-1]
        pieces, done, inserted = list[alaw.Samples](), 0, 0
        while (packet := int(np.searchsorted(silent, inserted + _PAUSE, side="right"))) < count:
            begin, pause = int(begins[packet]), int(silent[packet]) - inserted
            pieces += [sound[done:begin], np.zeros(pause, dtype=np.float32)]
            done, inserted = begin, inserted + pause
        return np.concatenate([*pieces, sound[done:]])
