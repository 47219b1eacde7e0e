"""A session's mailbox: in order, never full, and one may look whether something is in it."""

from __future__ import annotations

import asyncio
from collections import deque

from ari_app.calls.messages import Message


class Mailbox:
    """Many writers, one reader, all on one event loop."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._filled = asyncio.Event()

    def put(self, message: Message) -> None:
        self._messages.append(message)
        self._filled.set()

    async def get(self) -> Message:
        """The oldest message; waits for one."""
        while not self._messages:
            self._filled.clear()
            await self._filled.wait()
        return self._messages.popleft()

    def holds(self, kind: type[Message]) -> bool:
        """Whether a message of this kind lies unread."""
        return any(isinstance(message, kind) for message in self._messages)

    def drain(self) -> list[Message]:
        """What nobody will read any more."""
        rest = list(self._messages)
        self._messages.clear()
        return rest
