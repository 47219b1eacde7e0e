"""Extension and PIN keyed at a phone: slow to guess, for each extension and for each phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import structlog

from ari_app.model.ids import OperatorId
from ari_app.ports import Clock

log = structlog.get_logger()

TRIES = 5
"""Wrong PINs in a row, of one extension or from one phone, until it is locked."""
LOCKED_S = 900.0
MOST = 4096

PinVerdict: TypeAlias = Literal["right", "wrong", "locked"]


@dataclass(slots=True)
class _Count:
    wrong: int = 0
    until: float = 0.0


class Pins:
    """`verify` asks the store (one Argon2 hash); nobody who is locked is even asked about."""

    def __init__(self, verify: Callable[[OperatorId, str], Awaitable[bool]], clock: Clock) -> None:
        self._verify = verify
        self._clock = clock
        self._counts: dict[str, _Count] = {}

    async def check(self, operator: OperatorId, pin: str, *, phone: OperatorId) -> PinVerdict:
        """Errors of the store raise. A try counts before it is looked at: many at once gain nothing."""
        keys = (f"extension {operator}", f"phone {phone}")
        now = self._clock.monotonic()
        if any(self._count(key).until > now for key in keys):
            log.warning("pin.locked", operator=operator, phone=phone)
            return "locked"
        for key in keys:
            count = self._count(key)
            count.wrong += 1
            if count.wrong >= TRIES:
                count.wrong, count.until = 0, now + LOCKED_S
        right = bool(operator) and pin.isascii() and pin.isdigit() and await self._verify(operator, pin)
        if not right:
            log.warning("pin.wrong", operator=operator, phone=phone)
            return "wrong"
        for key in keys:
            self._counts.pop(key, None)
        return "right"

    def _count(self, key: str) -> _Count:
        if len(self._counts) >= MOST and key not in self._counts:
            self._counts.pop(next(iter(self._counts)))
        return self._counts.setdefault(key, _Count())
