"""A call's named timers: the same name again replaces, all die with the call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BEAT = "@beat"
"""The dead-man's switch wants renewing; names with `@` are the session's own, all others the flow's."""
BEAT_S = 5.0
DEAD_MAN_S = 20
"""The dialplan takes the caller back when the switch is not renewed for this long."""
GUARD = "@guard"
"""What should have come from the PBX did not: ask it."""
GUARD_S = 5.0
PULL = "@pull"
"""Both sides of a talk should have come out of the dialplan."""
PULL_S = 3.0
PARK = "@park"
"""The parked caller goes back to who parked him."""
LEFT_S = 0.7
"""The operator's leg ended and the caller is not back by then: did his phone hand the caller over?"""
GONE_S = 1.0
"""When a caller who is gone was not reported gone for this long, the PBX is asked."""


class Timers:
    """Timers that call `fire(name)` on the event loop."""

    def __init__(self, fire: Callable[[str], None]) -> None:
        self._fire = fire
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def start(self, name: str, after_s: float) -> None:
        self.cancel(name)
        loop = asyncio.get_running_loop()
        self._handles[name] = loop.call_later(max(0.0, after_s), self._due, name)

    def cancel(self, name: str) -> None:
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        for name in list(self._handles):
            self.cancel(name)

    def _due(self, name: str) -> None:
        del self._handles[name]
        self._fire(name)
