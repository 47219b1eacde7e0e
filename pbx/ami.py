"""Speak AMI to the telephone-network simulator: one socket, one reading thread, no dependencies.

Only the simulator uses it; the application has its own client with its own guards.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self

from pbx.backend import PbxError
from pbx.patience import PATIENCE_S

Event = Mapping[str, str]


class Ami:
    """A logged-in AMI session that keeps every event it was sent, so that nobody can wait too late."""

    def __init__(self, host: str, port: int, user: str, secret: str) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout=PATIENCE_S)
        except OSError as error:
            raise PbxError(f"nobody answers AMI on {host}:{port}: {error}") from None
        self._socket.settimeout(None)
        self._lines = self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\r\n")
        self._news = threading.Condition()
        self._events: list[Event] = []
        self._replies: dict[str, Event] = {}
        self._gone = False
        self._numbers = itertools.count(1)
        self._lines.readline()
        threading.Thread(target=self._read, name=f"ami-{port}", daemon=True).start()
        self.ask("Login", Username=user, Secret=secret)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session; waiting threads are told so."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def ask(
        self,
        action: str,
        timeout_s: float = PATIENCE_S,
        variables: Mapping[str, str] | None = None,
        **fields: str,
    ) -> Event:
        """Run one action and give its reply. Raises PbxError where it is refused."""
        number = str(next(self._numbers))
        pairs = [("Action", action), ("ActionID", number), *fields.items()]
        pairs += [("Variable", f"{name}={value}") for name, value in (variables or {}).items()]
        if any("\r" in text or "\n" in text for pair in pairs for text in pair):
            raise PbxError(f"a line break in a value of {action} would start another action")
        self._socket.sendall(("".join(f"{name}: {value}\r\n" for name, value in pairs) + "\r\n").encode())
        deadline = time.monotonic() + timeout_s
        with self._news:
            while number not in self._replies:
                left = deadline - time.monotonic()
                if left <= 0 or self._gone:
                    raise PbxError(f"no reply to {action}" + (" (connection lost)" if self._gone else ""))
                self._news.wait(left)
            reply = self._replies.pop(number)
        if reply.get("Response") == "Error":
            raise PbxError(f"{action} refused: {reply.get('Message', '')}")
        return reply

    def mark(self) -> int:
        """Place in the list of events, to look from there on."""
        with self._news:
            return len(self._events)

    def find(self, wanted: Callable[[Event], bool], since: int = 0) -> list[Event]:
        """Events seen so far that match."""
        with self._news:
            return [event for event in self._events[since:] if wanted(event)]

    def wait(self, wanted: Callable[[Event], bool], timeout_s: float, since: int = 0) -> Event | None:
        """First matching event, past ones included; None when there is none in time."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            place = since
            while True:
                for event in itertools.islice(self._events, place, None):
                    if wanted(event):
                        return event
                place = len(self._events)
                left = deadline - time.monotonic()
                if left <= 0 or self._gone:
                    return None
                self._news.wait(left)

    def _read(self) -> None:
        message: dict[str, str] = {}
        try:
            for line in self._lines:
                if line.strip():
                    name, _, value = line.rstrip("\r\n").partition(": ")
                    message[name] = value
                elif message:
                    self._take(message)
                    message = {}
        except (OSError, ValueError):
            pass
        finally:
            self._lines.close()
        with self._news:
            self._gone = True
            self._news.notify_all()

    def _take(self, message: Event) -> None:
        with self._news:
            if "Response" in message and "ActionID" in message:
                self._replies[message["ActionID"]] = message
            elif "Event" in message:
                self._events.append(message)
            self._news.notify_all()
