"""Calls whose headers are whatever a test writes, from the carrier's address: nothing cleans them."""

from __future__ import annotations

import re
import uuid

from pbx.patience import PATIENCE_S
from tests.hostile.datagrams import CRLF, Stranger, request

CARRIER = "127.0.0.2"
QUIET_S, QUESTIONS = 0.5, 3
"""Who hears nothing for so long asks whether anybody is there; after so many answers there will be none."""
QUESTION = re.compile(r"^CSeq: *\d+ OPTIONS", re.MULTILINE)


class RawCall(Stranger):
    """One call to the trunk's port; without sound, which nobody waits for."""

    def __init__(self, trunk_port: int) -> None:
        super().__init__(CARRIER, trunk_port)
        self._call_id = uuid.uuid4().hex
        self._tag = uuid.uuid4().hex[:8]
        self._shown = ""
        self._number = ""
        self._to = ""

    def dial(self, number: str, shown: str, extra: str = "") -> int:
        """The final status, 0 where there is no answer to the call while what was asked after it is answered.

        `shown` stands in From as it is, `extra` is further header lines.
        """
        self._number, self._shown, self._to = number, shown, f"<sip:{number}@127.0.0.1>"
        self.send(self._request("INVITE", 1, extra, self._sdp()))
        heard, asked, open_question = False, 0, False
        while True:
            try:
                answer = self.receive(PATIENCE_S if heard or open_question else QUIET_S)
            except TimeoutError:
                if heard or open_question or asked == QUESTIONS:
                    return 0
                self.send(request("OPTIONS", number, self.source, self.port))
                asked, open_question = asked + 1, True
                continue
            if QUESTION.search(answer):
                open_question = False
                continue
            status = int(answer.split(" ", 2)[1]) if answer.startswith("SIP/2.0 ") else 0
            heard = heard or status > 0
            if status >= 200:
                found = re.search(r"^To: *([^\r\n]+)", answer, re.MULTILINE)
                self._to = found[1] if found else self._to
                self.send(self._request("ACK", 1))
                return status

    def hang_up(self) -> None:
        self.send(self._request("BYE", 2))

    def _request(self, method: str, number: int, extra: str = "", body: str = "") -> bytes:
        lines = [
            f"{method} sip:{self._number}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {self.source}:{self.port};branch=z9hG4bK{uuid.uuid4().hex};rport",
            "Max-Forwards: 70",
            f"From: {self._shown};tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:carrier@{self.source}:{self.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return (CRLF.join(lines) + CRLF + extra + CRLF + body).encode("utf-8", "surrogateescape")

    def _sdp(self) -> str:
        lines = ["v=0", f"o=- 1 1 IN IP4 {CARRIER}", "s=-", f"c=IN IP4 {CARRIER}", "t=0 0"]
        lines += [f"m=audio {self.port} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", ""]
        return CRLF.join(lines)
