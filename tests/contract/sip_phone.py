"""The least of a SIP phone: it registers with digest (RFC 3261, 7616 with MD5) and answers OPTIONS."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any
from uuid import uuid4

from pbx.patience import PATIENCE_S


class SipPhone(asyncio.DatagramProtocol):
    """One phone on loopback; `register` gives the final status, as 200 or 403."""

    def __init__(self, user: str, password: str, server_port: int) -> None:
        self._user, self._password, self._server = user, password, server_port
        self._replies: asyncio.Queue[str] = asyncio.Queue()
        self._transport: Any = None
        self.port = 0

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0), remote_addr=("127.0.0.1", self._server)
        )

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        text = data.decode()
        if text.startswith("SIP/2.0"):
            self._replies.put_nowait(text)
            return
        kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): .*)\r$", text, re.MULTILINE)
        lines = ["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]
        self._transport.sendto("\r\n".join(lines).encode())

    async def register(self) -> int:
        call_id, authorization = uuid4().hex, ""
        for sequence in (1, 2):
            self._transport.sendto(self._request(call_id, sequence, authorization).encode())
            reply = await asyncio.wait_for(self._replies.get(), PATIENCE_S)
            status = int(reply.split()[1])
            challenge = re.search(r"WWW-Authenticate: Digest (.*)\r", reply)
            if status != 401 or challenge is None or authorization:
                return status
            authorization = self._answer(dict(re.findall(r'(\w+)="?([^",]+)"?', challenge[1])))
        return status

    def _request(self, call_id: str, sequence: int, authorization: str) -> str:
        host, own = f"127.0.0.1:{self._server}", f"127.0.0.1:{self.port}"
        lines = [
            f"REGISTER sip:{host} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{uuid4().hex};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self._user}@{host}>;tag=phone",
            f"To: <sip:{self._user}@{host}>",
            f"Call-ID: {call_id}",
            f"CSeq: {sequence} REGISTER",
            f"Contact: <sip:{self._user}@{own}>",
            "Expires: 300",
            *([authorization] if authorization else []),
            "Content-Length: 0",
        ]
        return "\r\n".join([*lines, "", ""])

    def _answer(self, given: dict[str, str]) -> str:
        uri = f"sip:127.0.0.1:{self._server}"
        secret = _md5(f"{self._user}:{given['realm']}:{self._password}")
        response = _md5(f"{secret}:{given['nonce']}:00000001:abc:auth:{_md5(f'REGISTER:{uri}')}")
        opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
        return (
            f'Authorization: Digest username="{self._user}", realm="{given["realm"]}", '
            f'nonce="{given["nonce"]}", uri="{uri}", response="{response}", algorithm=MD5, '
            f'cnonce="abc", nc=00000001, qop=auth{opaque}'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
