"""A bare ARI application for tests and measurements of the dialplan: records events, does what it is told."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from pbx.patience import PATIENCE_S
from pbx.telephony import Telephony

Event = dict[str, Any]


class StasisApp:
    """Connects as the application `name`, keeps every event, ends when told to (RFC 6455, client side)."""

    def __init__(self, phones: Telephony, name: str = "ramal", *, others: bool = False) -> None:
        keys = phones.site.keys
        self._phones = phones
        self._news = threading.Condition()
        self._events: list[Event] = []
        self._socket = socket.create_connection(("127.0.0.1", phones.site.ports.http), timeout=PATIENCE_S)
        path = f"/ari/events?app={name}&subscribeAll={'true' if others else 'false'}"
        login = base64.b64encode(f"{keys.ari_user}:{keys.ari_password}".encode()).decode()
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Authorization: Basic {login}\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: ari\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")
        status = self._file.readline()
        assert b"101" in status, status
        while self._file.readline().strip():
            pass
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.vanish()

    def vanish(self) -> None:
        """Be gone, as a killed application is."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)  # closing the file under a reading thread would wait for ever
        self._file.close()
        self._socket.close()

    def wait(self, kind: str, timeout_s: float = PATIENCE_S, **wanted: Any) -> Event:
        """First event of a kind whose values match, past ones included; each event is given once.

        `args=["entered", "5000"]` compares the first arguments of a StasisStart.
        """

        def matches(event: Event) -> bool:
            if event["type"] != kind:
                return False
            return all(
                event["args"][: len(value)] == value if name == "args" else event.get(name) == value
                for name, value in wanted.items()
            )

        return self._wait(matches, timeout_s, f"{kind} {wanted}")

    def seen(self, kind: str) -> list[Event]:
        """Events of a kind that nobody waited for yet."""
        with self._news:
            return [event for event in self._events if event["type"] == kind]

    def _wait(self, matches: Callable[[Event], bool], timeout_s: float, what: str) -> Event:
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                for event in self._events:
                    if matches(event):
                        self._events.remove(event)
                        return event
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = [(event["type"], event.get("args")) for event in self._events]
                    raise AssertionError(f"no {what} within {timeout_s} s; seen: {seen}")
                self._news.wait(left)

    # ---- what the application does ----

    def answer(self, channel: str) -> None:
        self._phones.ari("POST", f"/channels/{channel}/answer")

    def go_on(self, channel: str, context: str, exten: str) -> None:
        """Give a channel back to the dialplan (`continue`)."""
        body = {"context": context, "extension": exten, "priority": 1}
        self._phones.ari("POST", f"/channels/{channel}/continue", body)

    def set(self, channel: str, variable: str, value: str) -> None:
        self._phones.ari("POST", f"/channels/{channel}/variable", {"variable": variable, "value": value})

    def _read(self) -> None:
        try:
            while True:
                first, second = self._file.read(2)
                length = second & 0x7F
                if length == 126:
                    length = struct.unpack("!H", self._file.read(2))[0]
                elif length == 127:
                    length = struct.unpack("!Q", self._file.read(8))[0]
                data = self._file.read(length)
                if first & 0x0F == 1:
                    with self._news:
                        self._events.append(json.loads(data))
                        self._news.notify_all()
        except (OSError, ValueError):
            return
