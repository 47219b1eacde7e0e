"""The stored facts as a stream: one reader of the outbox feeds every live page, each at its own pace.

A page pulls from its own cursor, so a slow one holds nobody up and costs no memory: it falls behind the
window that is kept and then reads from the store.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import islice, takewhile

import structlog

from ari_app.ports import StoredFact
from ari_app.web.stores import Facts

log = structlog.get_logger(__name__)

WINDOW = 5000
"""Facts kept in memory."""
POLL_S = 1.0
"""Without a wake-up the store is asked this often: facts of other processes come in so."""


class Feed:
    """Run it with `open_feed`."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._window: deque[StoredFact] = deque(maxlen=WINDOW)
        self._first = 0  # every fact after this seq and up to `_last` is in the window
        self._last = -1  # -1: nobody follows, the window is not kept
        self._readers = 0
        self._wake = asyncio.Event()
        self._news = asyncio.Condition()

    def wake(self) -> None:
        """Something was committed: `SqlJournal.on_commit(feed.wake)`."""
        self._wake.set()

    async def last_seq(self) -> int:
        return await self._facts.last_seq()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """While inside, news is fetched."""
        self._readers += 1
        self._wake.set()
        try:
            yield
        finally:
            self._readers -= 1

    async def after(self, cursor: int, *, wait_s: float, limit: int = 200) -> list[StoredFact]:
        """The facts after a cursor; waits for news, `[]` when none came in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while True:
                    seen = self._last
                    if self._first <= cursor < self._last:
                        return self._from_window(cursor, limit)
                    if cursor != self._last and (
                        stored := await self._facts.facts_after(cursor, limit=limit)
                    ):
                        return stored
                    await self._grown_beyond(max(cursor, seen))
        return []

    async def _grown_beyond(self, seq: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self._last > seq)

    def _from_window(self, cursor: int, limit: int) -> list[StoredFact]:
        new = sum(1 for _ in takewhile(lambda fact: fact.seq > cursor, reversed(self._window)))
        skip = len(self._window) - new
        return list(islice(self._window, skip, skip + limit))

    async def run(self) -> None:
        """Fetch news until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._fetch()
            except Exception as error:  # noqa: BLE001 - a store that stalls must not end the feed
                log.warning("feed.store_failed", error=str(error)[:300])
                await asyncio.sleep(POLL_S)

    async def _fetch(self) -> None:
        if not self._readers:
            self._window.clear()
            self._last = -1
            return
        if self._last < 0:
            self._first = self._last = await self._facts.last_seq()
            await self._tell()
        while new := await self._facts.facts_after(self._last):
            self._window.extend(new)
            self._last = new[-1].seq
            if len(self._window) == WINDOW:
                self._first = self._window[0].seq - 1
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def open_feed(facts: Facts) -> AsyncIterator[Feed]:
    """A running feed; open it around the server."""
    feed = Feed(facts)
    task = asyncio.create_task(feed.run(), name="feed")  # no group: it would wrap the body's exceptions
    try:
        yield feed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
