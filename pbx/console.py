"""Ask Asterisk's command line over its local socket, without starting a program for each question."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

from pbx.backend import PbxError

_BANNER_END = b"\n"
_MARKS = re.compile(r"\x7f.|\x1b\[[0-9;]*m")


class Console:
    """The control socket of one Asterisk (protocol of `asterisk -rx`: main/asterisk.c, ast_remotecontrol)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def answers(self) -> bool:
        """Whether an Asterisk listens there."""
        try:
            with self._connect(1.0):
                return True
        except PbxError:
            return False

    def ask(self, command: str, timeout_s: float = 5.0) -> str:
        """Run one command and give what it printed. Raises PbxError where nobody answers in time."""
        if "\0" in command or "\n" in command:
            raise PbxError("a command is one line")
        deadline = time.monotonic() + timeout_s
        with self._connect(timeout_s) as link:
            try:
                received = b""
                while _BANNER_END not in received:
                    received += self._read(link, deadline)
                _, _, said = received.partition(_BANNER_END)
                link.sendall(b"cli quit after " + command.encode() + b"\0")
                while chunk := self._read(link, deadline, end_allowed=True):
                    said += chunk
            except OSError as error:
                raise PbxError(f"the console of {self._path} broke off: {error}") from None
        return _MARKS.sub("", said.decode(errors="replace")).strip("\n")

    def _connect(self, timeout_s: float) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(timeout_s)
        try:
            link.connect(str(self._path))
        except OSError as error:
            link.close()
            raise PbxError(f"no Asterisk answers at {self._path}: {error.strerror or error}") from None
        return link

    def _read(self, link: socket.socket, deadline: float, *, end_allowed: bool = False) -> bytes:
        link.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = link.recv(65536)
        if not chunk and not end_allowed:
            raise PbxError(f"the console of {self._path} closed before it answered")
        return chunk
