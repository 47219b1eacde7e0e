"""Parts of the application that no call hangs on: their fault is told, and they begin again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

AGAIN_S = 1.0


async def surviving(part: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run a part of the application until it returns; a fault in it ends no call and no other part."""
    while True:
        try:
            await run()
        except Exception:  # a store that is away, a disk that is full, a mistake of ours
            log.exception("app.part_fault", part=part)
            await asyncio.sleep(AGAIN_S)
        else:
            return
