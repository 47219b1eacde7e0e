"""The least of a SIP phone that calls (RFC 3261, digest of RFC 7616 with MD5, SDP of RFC 4566)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

from ari_app.softphone.rtp import EVENT, KEYS, Voice

ANSWER_S = 20.0
_AGAIN_S = (0.5, 1.0, 2.0, 4.0, 8.0)


class NoCall(Exception):  # noqa: N818 - an answer of the telephone network
    """The call did not come about; the text says what the PBX said."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom the phone calls."""

    host: str
    port: int
    user: str
    password: str


class Phone(asyncio.DatagramProtocol):
    """One call. `voice` is its sound; `ended` is set when the other side hung up or we did."""

    def __init__(self, account: Account, number: str) -> None:
        self._account = account
        self._number = number
        self.voice = Voice()
        self.ended = asyncio.Event()
        self._transport: Any = None
        self._own = ""
        self._replies: asyncio.Queue[str] = asyncio.Queue()
        self._call_id = secrets.token_hex(12)
        self._tag = secrets.token_hex(6)
        self._sequence = 0
        self._to = ""
        self._target = ""
        self._ack = b""

    # --- for people ---------------------------------------------------------------------------------------

    async def dial(self) -> None:
        """Call and wait for the answer. Raises `NoCall`."""
        loop = asyncio.get_running_loop()
        peer = (self._account.host, self._account.port)
        await loop.create_datagram_endpoint(lambda: self, remote_addr=peer)
        await self.voice.open(self._own.partition(":")[0])
        self._target = f"sip:{self._number}@{self._account.host}:{self._account.port}"
        self._to = f"<{self._target}>"
        authorization = ""
        for _ in range(2):
            reply = await self._invite(authorization)
            status = int(reply.split(" ", 2)[1])
            if status == 200:
                self._up(reply)
                return
            self._acknowledge(reply)
            challenge = re.search(
                r"^(?:WWW|Proxy)-Authenticate: *Digest (.*)$", reply, re.MULTILINE | re.IGNORECASE
            )
            if status not in {401, 407} or challenge is None or authorization:
                raise NoCall(f"{self._number}: {reply.splitlines()[0]}")
            authorization = self._digest(challenge[1], status)
        raise NoCall(f"{self._number}: the account {self._account.user} is not known")

    async def press(self, key: str) -> None:
        """Press one key and wait until it is sent."""
        if key not in KEYS:
            raise ValueError(f"no key: {key!r}")
        await self.voice.press(key)

    async def hang_up(self) -> None:
        """End the call; done twice, nothing happens."""
        if self._ack and not self.ended.is_set():
            self._send(self._request("BYE", self._next()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    while " BYE" not in (await self._replies.get()):
                        pass
        self.ended.set()
        self.voice.close()
        if self._transport is not None:
            self._transport.close()

    # --- the call -----------------------------------------------------------------------------------------

    async def _invite(self, authorization: str) -> str:
        """Send an INVITE until something comes, and wait for its final answer."""
        number = self._next()
        request = self._request("INVITE", number, authorization, self._sdp())
        deadline = asyncio.get_running_loop().time() + ANSWER_S
        for again_s in (*_AGAIN_S, ANSWER_S):
            self._send(request)
            try:
                async with asyncio.timeout(again_s):
                    reply = await self._reply_to(number)
                break
            except TimeoutError:
                continue
        else:
            raise NoCall(f"nobody answers at {self._account.host}:{self._account.port}")
        try:
            async with asyncio.timeout_at(deadline):
                while reply.startswith("SIP/2.0 1"):
                    reply = await self._reply_to(number)
        except TimeoutError:
            raise NoCall(f"{self._number} did not answer within {ANSWER_S:g} s") from None
        return reply

    async def _reply_to(self, number: int) -> str:
        while True:
            reply = await self._replies.get()
            if re.search(rf"^CSeq: *{number} INVITE", reply, re.MULTILINE | re.IGNORECASE):
                return reply

    def _up(self, reply: str) -> None:
        self._to = _header(reply, "To")
        contact = re.search(r"<([^>]+)>", _header(reply, "Contact"))
        self._target = contact[1] if contact else self._target
        self._ack = self._request("ACK", self._sequence)
        self._send(self._ack)
        host = re.search(r"^c=IN IP4 (\S+)", reply, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", reply, re.MULTILINE)
        if host is None or port is None:
            raise NoCall(f"{self._number} answered without sound")
        self.voice.send_to(host[1], int(port[1]))

    def _acknowledge(self, reply: str) -> None:
        """A refusal is acknowledged within its own transaction (RFC 3261, 17.1.1.3)."""
        via = _header(reply, "Via").split(";rport")[0].split(";received")[0]
        lines = self._head(
            "ACK", f"sip:{self._number}@{self._account.host}:{self._account.port}", self._sequence
        )
        lines[1] = f"Via: {via}" if "branch" in via else lines[1]
        lines = [f"To: {_header(reply, 'To')}" if line.startswith("To:") else line for line in lines]
        self._send("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())

    # --- the wire -----------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        self._own = f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: Any) -> None:
        del addr
        text = data.decode("utf-8", "replace")
        if not text.startswith("SIP/2.0"):
            self._asked(text)
        elif self._ack and text.startswith("SIP/2.0 200") and " INVITE" in _header(text, "CSeq"):
            self._send(self._ack)  # our ACK was lost
        else:
            self._replies.put_nowait(text)

    def _asked(self, text: str) -> None:
        """The PBX asks: the end of the call, or something about its sound, which stays as it is."""
        method = text.split(" ", 1)[0]
        if method == "ACK":
            return
        kept = re.findall(
            r"^((?:Via|From|To|Call-ID|CSeq|Record-Route):[^\r\n]*)", text, re.MULTILINE | re.IGNORECASE
        )
        body = self._sdp() if method in {"INVITE", "UPDATE"} else ""
        kind = [f"Contact: <sip:{self._account.user}@{self._own}>"]
        kind += ["Content-Type: application/sdp"] if body else []
        lines = ["SIP/2.0 200 OK", *kept, *kind, f"Content-Length: {len(body)}", "", body]
        self._send("\r\n".join(lines).encode())
        if method == "BYE":
            self.ended.set()

    def _send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data)

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _head(self, method: str, target: str, number: int) -> list[str]:
        account = self._account
        return [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._own};branch=z9hG4bK{secrets.token_hex(8)};rport",
            "Max-Forwards: 70",
            f"From: <sip:{account.user}@{account.host}>;tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{account.user}@{self._own}>",
        ]

    def _request(self, method: str, number: int, authorization: str = "", body: str = "") -> bytes:
        lines = self._head(method, self._target, number)
        lines += [authorization] if authorization else []
        lines += ["Content-Type: application/sdp"] if body else []
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()

    def _sdp(self) -> str:
        host = self._own.partition(":")[0]
        lines = [
            "v=0",
            f"o=- 1 1 IN IP4 {host}",
            "s=-",
            f"c=IN IP4 {host}",
            "t=0 0",
            f"m=audio {self.voice.port} RTP/AVP 8 {EVENT}",
            "a=rtpmap:8 PCMA/8000",
            f"a=rtpmap:{EVENT} telephone-event/8000",
            f"a=fmtp:{EVENT} 0-15",
            "a=ptime:20",
            "a=sendrecv",
        ]
        return "\r\n".join([*lines, ""])

    def _digest(self, challenge: str, status: int, method: str = "INVITE") -> str:
        given = dict(re.findall(r'(\w+)="?([^",\r]+)"?', challenge))
        account, nonce = self._account, secrets.token_hex(8)
        secret = _md5(f"{account.user}:{given['realm']}:{account.password}")
        asked = _md5(f"{method}:{self._target}")
        response = _md5(f"{secret}:{given['nonce']}:00000001:{nonce}:auth:{asked}")
        opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
        name = "Authorization" if status == 401 else "Proxy-Authorization"
        return (
            f'{name}: Digest username="{account.user}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
            f'uri="{self._target}", response="{response}", algorithm=MD5, cnonce="{nonce}", nc=00000001, '
            f"qop=auth{opaque}"
        )


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *([^\r\n]*)", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
