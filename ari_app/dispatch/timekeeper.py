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
    until, over = 0.0, False

    def time_is_up() -> None:
        nonlocal over
        over = True
        changed.set()

    def wake() -> None:
        due = dispatcher.due()
        if due is not None and due < until:
            changed.set()

    dispatcher.wake = wake
    loop = asyncio.get_running_loop()
    while True:
        now, due = clock.now(), dispatcher.due()
        changed.clear()
        over = False
        until = now + LONGEST_S if due is None else min(now + LONGEST_S, due)
        timer = loop.call_later(max(0.0, until - now), time_is_up)
        await changed.wait()
        timer.cancel()
        if not over:
            continue
        try:
            dispatcher.tick()
        except Exception:  # the fault of one call or operator must not stop the time of all
            log.exception("dispatcher.tick_fault")
            await asyncio.sleep(LONGEST_S)
