"""How it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One condition of being ready and what is wrong with it."""

    name: str
    ok: bool
    detail: str = ""


class Readiness(Protocol):
    """Whether callers can be served: PBX connected, database writable, flows valid."""

    async def checks(self) -> Sequence[Check]: ...
