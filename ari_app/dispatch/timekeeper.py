"""Let time pass for the dispatcher: sleeps until something is due, or until what is due changes."""

from __future__ import annotations

import asyncio

import structlog

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.ports import Clock

log = structlog.get_logger()

LONGEST_S = 1.0
"""The wall clock may jump, so nothing is slept for longer."""


async def keep_time(dispatcher: Dispatcher, clock: Clock) -> None:
    """Runs until cancelled."""
    changed = asyncio.Event()
    until = 0.0

    def wake() -> None:
        due = dispatcher.due()
        if due is not None and due < until:
            changed.set()

    dispatcher.wake = wake
    while True:
        now, due = clock.now(), dispatcher.due()
        changed.clear()
        until = now + LONGEST_S if due is None else min(now + LONGEST_S, due)
        wait_s = max(0.0, until - now)
        try:
            async with asyncio.timeout(wait_s):
                await changed.wait()
        except TimeoutError:
            try:
                dispatcher.tick()
            except Exception:  # the fault of one call or operator must not stop the time of all
                log.exception("dispatcher.tick_fault")
                await asyncio.sleep(LONGEST_S)
