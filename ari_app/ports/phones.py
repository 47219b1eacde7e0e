"""Phones on the PBX, who may use them and who is kept away."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from ari_app.model.ids import (
    OperatorId,
)


class PinCheck(Protocol):
    """Extension and PIN, keyed at a phone."""

    async def check(
        self, operator: OperatorId, pin: str, *, phone: OperatorId
    ) -> Literal["right", "wrong", "locked"]:
        """Errors of the store raise."""
        ...


class Phones(Protocol):
    """Phone accounts on the PBX, made and cut at run time."""

    async def put_phone(self, operator: OperatorId, password: str) -> bool:
        """Create or replace; False when the PBX refused or is away (it is reconciled on the next connect)."""
        ...

    async def delete_phone(self, operator: OperatorId) -> bool: ...


class SipBan(msgspec.Struct, frozen=True):
    """An address that the PBX refuses from `since` until `until`, and why; times in epoch seconds."""

    address: str
    since: float
    until: float
    reason: str


class SipBans(Protocol):
    """Addresses that knocked too often with wrong names or passwords."""

    def bans(self) -> list[SipBan]:
        """Those in force, the newest first."""
        ...

    async def lift(self, address: str) -> None:
        """Hear the address again. Raises `NotFound`."""
        ...
