"""Hostile HTTP against the running application: every route, every kind of wrong body, no answer of 500."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
from collections.abc import Iterator

from demo.centre import Centre
from pbx.patience import PATIENCE_S

DEEP = "[" * 20_000
BODIES: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"a":1}',
    b'{"\\ud800": 1}',
    b'{"name": "\\u0000\\u202e", "extension": "1", "state": "x", "skills": {"a": 1e999}}',
    DEEP.encode(),
    b'{"extension": "' + b"1" * 200_000 + b'"}',
    b"1" * 5000,
)
HOSTILE = ("..%2f..%2fetc%2fpasswd", "%00", "%ff%fe", "a" * 3000, "'%20or%201=1--", "%F0%9F%92%A9", "0")


def routes(centre: Centre) -> Iterator[tuple[str, str]]:
    document = centre.api.get("/openapi.json")
    for path, item in document["paths"].items():
        for method in item:
            yield method.upper(), path


def status(centre: Centre, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> int:
    """The answer's status; 0: the server closed without one, which it may do to what is no HTTP."""
    link = http.client.HTTPConnection("127.0.0.1", centre.plan.console, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {centre.plan.token}", "Content-Type": kind}
    try:
        link.request(method, path, body, headers)
        return link.getresponse().status
    except (http.client.HTTPException, ConnectionError):
        return 0
    finally:
        link.close()


def first_line(centre: Centre, said: bytes) -> bytes:
    """Of the answer; empty where the server closed instead, which it may do before all was said."""
    with socket.create_connection(("127.0.0.1", centre.plan.console), timeout=PATIENCE_S) as link:
        with contextlib.suppress(ConnectionError):
            link.sendall(said)
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            return link.makefile("rb").readline(300)
    return b""


def test_X8_no_body_path_or_query_makes_the_application_fail(centre: Centre) -> None:
    """Numbers that exist nowhere stand for path parameters, so that nothing real is changed."""
    wrong = []
    for method, path in routes(centre):
        target = re.sub(r"\{[^}]*\}", "nobody-9", path)
        tries = [(target, body) for body in BODIES] if method in {"POST", "PUT", "PATCH"} else []
        if "{" in path:
            tries += [(re.sub(r"\{[^}]*\}", text, path), b"{}") for text in HOSTILE]
        if method == "GET":
            tries += [
                (f"{target}?limit={text}&cursor={text}&since={text}&from={text}", b"") for text in HOSTILE
            ]
        for where, body in tries:
            found = status(centre, method, where, body)
            if found >= 500 and not (found == 503 and path.endswith("/ready")):
                wrong.append(f"{method} {where[:80]} {body[:40]!r}: {found}")
    assert wrong == []
    centre.await_ready()


def test_X8_what_is_no_http_at_all_ends_that_connection_alone(centre: Centre) -> None:
    for said in (
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"GET /api/v1/calls HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n" * 1000,
    ):
        answer = first_line(centre, said)
        assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")), (said[:40], answer)
        assert b"root:" not in answer
    assert json.loads(centre.api.raw("GET", "/calls?limit=1"))["items"] is not None
