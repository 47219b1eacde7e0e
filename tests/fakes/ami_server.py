"""A fake AMI port that answers by script: each action's name maps to what is sent back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

Fields = dict[str, str]
Reply = Callable[[Fields], str]


def success(fields: Fields, message: str = "done", **more: str) -> str:
    lines = {"Response": "Success", "ActionID": fields.get("ActionID", ""), "Message": message, **more}
    return "".join(f"{key}: {value}\r\n" for key, value in lines.items()) + "\r\n"


def error(fields: Fields, message: str) -> str:
    return f"Response: Error\r\nActionID: {fields.get('ActionID', '')}\r\nMessage: {message}\r\n\r\n"


def silence(_: Fields) -> str:
    return ""


class FakeAmi:
    """Listens on a port of its own; `seen` holds every action that came, `replies` what is answered."""

    def __init__(self, secret: str = "secret") -> None:
        self.secret = secret
        self.seen: list[Fields] = []
        self.connections = 0
        self.replies: dict[str, Reply] = {"Login": self._login, "Ping": lambda f: success(f, "Pong")}
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Drops every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def say(self, text: str) -> None:
        """Sends raw text, such as an event."""
        for writer in self._writers:
            writer.write(text.encode())

    def names(self) -> list[str]:
        return [fields.get("Action", "") for fields in self.seen]

    def _login(self, fields: Fields) -> str:
        if fields.get("Secret") != self.secret:
            return error(fields, "Authentication failed")
        return success(fields, "Authentication accepted") + "Event: FullyBooted\r\n\r\n"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        try:
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                pairs = (line.split(": ", 1) for line in block.strip().split("\r\n") if ": " in line)
                fields = {pair[0]: pair[1] for pair in pairs}
                self.seen.append(fields)
                writer.write(self.replies.get(fields["Action"], success)(fields).encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
