"""Two phones that say when they said what: bursts of a tone at known moments, by clocks that may be wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import numpy as np

from ari_app.softphone import alaw
from ari_app.softphone.rtp import FRAME, FRAME_S, Voice
from ari_app.softphone.sip import Account, NoCall, Phone

EVERY = 50
"""Frames from one burst to the next: a second."""
BURST_FRAMES = 3
HERTZ = 1000.0
REGISTERED_S = 15.0


class MarkedVoice(Voice):
    """Sends a burst each second. `ppm`: how much its clock is fast.

    `gaps` are stretches (begin and end in seconds after its start) in which it sends nothing at all, as
    phones with silence suppression do; its timestamps go on (RFC 3550, 5.1).
    """

    def __init__(self, ppm: float = 0.0, gaps: Sequence[tuple[float, float]] = ()) -> None:
        super().__init__()
        self.frame_s = FRAME_S / (1 + ppm * 1e-6)
        self.said: list[float] = []
        """When each burst began, on the event loop's clock."""
        self._gaps = gaps
        self._frames = 0
        place = np.arange(FRAME * BURST_FRAMES, dtype=np.float32)
        tone = 0.5 * np.cos(2 * np.pi * HERTZ * place / alaw.RATE)
        self._burst = alaw.encode(tone.astype(np.float32))

    def _send_voice(self) -> None:
        at, within = self._frames * FRAME_S, self._frames % EVERY
        quiet = any(begin <= at < end for begin, end in self._gaps)
        if within == 0 and not quiet:
            self.said.append(self.due)
        if within < BURST_FRAMES:
            data = self._burst[within * FRAME : (within + 1) * FRAME]
        else:
            data = alaw.SILENCE * FRAME
        if not quiet:
            self._send(8, data)
        self._timestamp += FRAME
        self._frames += 1


class DeskPhone(Phone):
    """An operator's phone: registers, answers whoever calls, speaks by its own clock."""

    def __init__(self, account: Account, voice: MarkedVoice) -> None:
        super().__init__(account, account.user)
        self.voice: MarkedVoice = voice

    async def register(self) -> None:
        """Sign on at the PBX. Raises `NoCall`, `TimeoutError`."""
        account = self._account
        peer = (account.host, account.port)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, remote_addr=peer)
        await self.voice.open(self._own.partition(":")[0])
        self._target = f"sip:{account.host}:{account.port}"
        self._to = f"<sip:{account.user}@{account.host}>"
        headers = "Expires: 600"
        for _ in range(2):
            self._send(self._request("REGISTER", self._next(), headers))
            async with asyncio.timeout(REGISTERED_S):
                while " REGISTER" not in (reply := await self._replies.get()):
                    pass
            if reply.startswith("SIP/2.0 200"):
                return
            challenge = re.search(r"^WWW-Authenticate: *Digest (.*)$", reply, re.MULTILINE | re.IGNORECASE)
            if challenge is None:
                break
            headers = f"Expires: 600\r\n{self._digest(challenge[1], 401, 'REGISTER')}"
        raise NoCall(f"{account.user} does not get registered: {reply.splitlines()[0]}")

    def _asked(self, text: str) -> None:
        if text.startswith("INVITE "):
            text = re.sub(r"^(To:[^\r\n;]*)(?=\r?$)", rf"\1;tag={self._tag}", text, flags=re.MULTILINE)
            host = re.search(r"^c=IN IP4 (\S+)", text, re.MULTILINE)
            port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
            if host is not None and port is not None:
                self.voice.send_to(host[1], int(port[1]))
        super()._asked(text)
