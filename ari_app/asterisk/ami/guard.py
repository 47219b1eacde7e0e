"""panoramisk 1.4 made safe: what it gets wrong is taken from it here, and each point has a test.

- A value with CR or LF is a second action: refused (`check_fields`).
- After a lost reply it sends the action again on reconnect: here a connection is used once and its queue dies
  with it.
- `Originate` and everything else that is not in ALLOWED cannot be sent at all.
- A handler that raises closes the connection: `dispatch` catches.
- An answer "Added interface to queue" is taken for the head of a list and never ends, an error in answer to
  a list neither: `OneAnswer` and `ListAnswer` say which it is.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

log = logging.getLogger(__name__)

ALLOWED = frozenset(
    {
        "Login",
        "Logoff",
        "Ping",
        "MixMonitor",
        "StopMixMonitor",
        "MixMonitorMute",
        "Redirect",
        "QueueAdd",
        "QueueRemove",
        "QueuePause",
        "QueueStatus",
        "PJSIPShowRegistrationInboundContactStatuses",
    }
)
LONGEST_VALUE = 900
"""Asterisk cuts a line of AMI at 1024 bytes, name included (manager.h, AST_MAX_MANHEADER_LEN)."""
_KEY = re.compile(r"[A-Za-z]{1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_fields(name: str, fields: Mapping[str, str]) -> None:
    """Raises ValueError, naming the field, for an action that must not go on the wire."""
    if name not in ALLOWED:
        raise ValueError(f"AMI action {name!r} is not one that is used here")
    for key, value in fields.items():
        if not _KEY.fullmatch(key):
            raise ValueError(f"{name}: {key!r} is not the name of a field")
        if _CONTROL.search(value):
            raise ValueError(f"{name}: {key} holds a control character: {value[:80]!r}")
        if len(value.encode()) > LONGEST_VALUE:
            raise ValueError(f"{name}: {key} has more than {LONGEST_VALUE} bytes")


class OneAnswer(Action):  # type: ignore[misc]
    """An action answered by one message."""

    @property
    def multi(self) -> bool:
        return False


class ListAnswer(Action):  # type: ignore[misc]
    """An action answered by a list of events; an error ends it at once."""

    @property
    def multi(self) -> bool:
        return str(self.responses[0].response) == "Success"


class GuardedManager(Manager):  # type: ignore[misc]
    """One connection's manager: never reconnects, never pings by itself, never dies of a handler."""

    def __init__(self, on_event: Callable[[dict[str, str]], None]) -> None:
        super().__init__(loop=asyncio.get_running_loop(), encoding="utf8", log=log)
        self.lost: asyncio.Future[str] = self.loop.create_future()
        self._on_event = on_event

    async def open(self, host: str, port: int) -> None:
        """Connects; raises OSError."""
        made = asyncio.ensure_future(self.loop.create_connection(AMIProtocol, host, port))
        try:
            await asyncio.shield(made)
        except asyncio.CancelledError:
            made.add_done_callback(_discard)
            made.cancel()
            raise
        self.connection_made(made)
        self.pinger.cancel()

    async def send_awaiting_actions(self, *_: Any) -> None:
        """Nothing is ever sent a second time."""
        self.awaiting_actions.clear()

    def connection_lost(self, exc: object) -> None:
        """Tells the owner, who alone decides about another connection."""
        if not self.lost.done():
            self.lost.set_result(str(exc) if exc else "closed by Asterisk")

    def dispatch(self, event: Any) -> list[str]:
        """Hands an event on as a plain dict; a fault in the handler is logged and goes no further."""
        try:
            self._on_event({str(key): str(value) for key, value in event.items()})
        except Exception:
            log.exception("a handler of AMI events raised")
        return []

    def forget(self, action: Action) -> None:
        """Lets go of an action that nobody waits for any more."""
        if self.protocol is not None:
            for key in (action.id, action.action_id):
                self.protocol.responses.pop(key, None)


def _discard(made: asyncio.Future[Any]) -> None:
    """Closes a connection that came after nobody wanted it any more."""
    if not made.cancelled() and made.exception() is None:
        made.result()[0].close()
