"""Messages that no phone should send: after RFC 4475 (SIP torture tests) and worse."""

from __future__ import annotations

import contextlib
import random
import socket
import time
import uuid

from pbx.patience import PATIENCE_S

CRLF = "\r\n"
AGAIN_S = 2.0
"""A datagram may be lost where thousands come: it is sent again."""


def request(
    method: str, user: str, source: str, port: int, extra: str = "", *, number: str | None = None
) -> bytes:
    """A request as a scanner sends it."""
    lines = [
        f"{method} sip:{number or user}@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {source}:{port};branch=z9hG4bK{uuid.uuid4().hex}",
        "Max-Forwards: 70",
        f"From: <sip:{user}@127.0.0.1>;tag={uuid.uuid4().hex[:8]}",
        f"To: <sip:{number or user}@127.0.0.1>",
        f"Call-ID: {uuid.uuid4().hex}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:{user}@{source}:{port}>",
    ]
    return (CRLF.join(lines) + CRLF + extra + "Content-Length: 0" + CRLF * 2).encode()


def torture(source: str, port: int) -> list[bytes]:
    """Each is wrong, or strange and right, in one way."""
    good = request("INVITE", "x", source, port).decode()
    head, rest = good.split(CRLF, 1)
    strange = [
        good.replace("SIP/2.0\r\n", "SIP/7.0\r\n", 1),
        good.replace("INVITE", "!interesting-Method0123456789_*+`.%indeed'~"),
        good.replace("Content-Length: 0", "Content-Length: -999"),
        good.replace("Content-Length: 0", "Content-Length: 9999999999999999999999"),
        good.replace("CSeq: 1 INVITE", "CSeq: 36893488147419103232 REGISTER"),
        good.replace("Max-Forwards: 70", "Max-Forwards: 99999999999999999999"),
        good.replace("Max-Forwards: 70\r\n", ""),
        good.replace("Via: ", "v: ").replace("From: ", "f:").replace("To: ", "t :"),
        good.replace("From: ", 'From: "\\"caller\\" \x80\xff\\\r\n" '),
        good.replace("To: ", "To: <sip:x@127.0.0.1>;tag=a, "),
        good.replace("Call-ID: ", "Call-ID: " + "a" * 20_000),
        good.replace("Contact: <", "Contact: " + "<sip:a@b>," * 500 + "<"),
        good.replace("Via: SIP/2.0/UDP", "Via: SIP/2.0/UDP [::1"),
        good.replace("sip:x@127.0.0.1", "sip:%00%ff@127.0.0.1"),
        good.replace("sip:x@127.0.0.1", "sip:" + "x" * 5000 + "@127.0.0.1"),
        good.replace("sip:x@127.0.0.1", "nobodyKnowsThisScheme:totallyopaque"),
        good.replace("sip:x@127.0.0.1", "sip:${EVAL(SYSTEM(id))}@127.0.0.1"),
        head + CRLF + CRLF,
        head,
        rest,
        good.replace(CRLF, "\n"),
        good.replace("Content-Length: 0", "Content-Type: multipart/mixed;boundary=\r\nContent-Length: 4")
        + "----",
        good.replace("Content-Length: 0", "Content-Type: application/sdp\r\nContent-Length: 60")
        + "v=0\r\no=x 9999999999999999999999 1 IN IP4 0.0.0.0\r\nm=audio 999999",
        "SIP/2.0 200 OK\r\n" + rest,
        "SIP/2.0 4294967301 better not break the receiver\r\n" + rest,
        "\r\n" * 5000,
        "\x00" * 1400,
        "",
    ]
    made = [text.encode("utf-8", "surrogateescape")[:60_000] for text in strange]
    dice = random.Random(4475)
    for _ in range(300):
        mutated = bytearray(good.encode())
        for _ in range(dice.randrange(1, 12)):
            place = dice.randrange(len(mutated))
            if dice.random() < 0.5:
                mutated[place] = dice.randrange(256)
            else:
                del mutated[place : place + dice.randrange(1, 30)]
        made.append(bytes(mutated))
    return made


class Stranger:
    """Sends datagrams from an address of its own (all of 127.0.0.0/8 is this machine)."""

    def __init__(self, source: str, target: int) -> None:
        self.source = source
        self._target = target
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((source, 0))
        self.port = self._socket.getsockname()[1]

    def send(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, ("127.0.0.1", self._target))

    def ask(self, method: str, user: str, extra: str = "", *, number: str | None = None) -> str:
        """The first line of the answer; empty: none came, though the request was sent again and again."""
        said = request(method, user, self.source, self.port, extra, number=number)
        mine = next(line for line in said.decode().split(CRLF) if line.startswith("Call-ID: "))
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.send(said)
            with contextlib.suppress(TimeoutError):
                while True:  # answers to what was asked before are said again until somebody thanks for them
                    answer = self.receive(AGAIN_S)
                    if mine in answer:
                        return answer.split(CRLF, 1)[0]
        return ""

    def receive(self, timeout_s: float) -> str:
        """The next answer. Raises `TimeoutError`."""
        self._socket.settimeout(timeout_s)
        return self._socket.recv(65536).decode(errors="replace")

    def close(self) -> None:
        self._socket.close()
