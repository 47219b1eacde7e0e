"""The product's way to one Asterisk: one socket for events, several for requests, HTTP for files.

Run it as a task and read it as a stream::

    connection = Connection(Settings("http://127.0.0.1:8088", "ramal", secret, app="ramal"), decode)
    group.create_task(connection.run())
    async for item in connection:
        match item:
            case Connected(): ...      # reconcile
            case StasisStart(): ...

The readers of the sockets only decode and enqueue (or call a quick sink, see `deliver_to`): a slow owner
makes the queue longer, never Asterisk's write time out (which would cut the application off while its calls
stay in Stasis). Requests of one call go through `connection.shard(call_id)` and so keep their order; other
calls do not wait for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Generic, TypeVar
from zlib import crc32

import aiohttp

from ari_app.asterisk.ari.events import type_of
from ari_app.asterisk.ari.http import Http
from ari_app.asterisk.ari.link import Link
from ari_app.asterisk.ari.models import Application
from ari_app.asterisk.ari.news import Connected, Disconnected, News, Replaced, Unauthorized
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.ari.outcome import Outcome, Unavailable
from ari_app.asterisk.ari.settings import Settings
from ari_app.asterisk.ari.setup import set_up, subscribe, unsubscribe

E = TypeVar("E")
_LARGEST_MESSAGE = 64 * 1024 * 1024
_STEADY_S = 5.0
_REFUSED = (401, 403)


class Connection(Generic[E]):
    """Events and requests of one Stasis application, kept up for as long as `run` runs."""

    def __init__(self, settings: Settings, decode: Callable[[str], E], *, seed: int | None = None) -> None:
        """`decode` turns an event's JSON text into what the stream yields; it must not raise.

        `seed` fixes the jitter of reconnects.
        """
        self.settings = settings
        self._decode = decode
        self._random = Random(seed)  # noqa: S311 - jitter, not a secret
        self._stream: asyncio.Queue[E | News | None] = asyncio.Queue()
        self._put: Callable[[E | News], None] = self._stream.put_nowait
        self._held: list[E] | None = None
        self._sources: set[str] = set()
        self._number = 0
        self._stop = asyncio.Event()
        self._refused = False
        self._http: Http | None = None
        self._events = Link(settings.app, self._take_event)
        self._links = [
            Link(f"{settings.app}-rest-{n}", self._take_other) for n in range(1, settings.rest_sockets + 1)
        ]
        self._shards = [Operations(link) for link in self._links]

    # What the owner uses

    def shard(self, key: str) -> Operations:
        """The operations of one call: all with the same key are carried out in the order asked."""
        return self._shards[crc32(key.encode()) % len(self._shards)]

    def measure(self, told: Callable[[str, str, float], None]) -> None:
        """Have `told` called after each request: method and path without ids, outcome, seconds."""
        for link in (self._events, *self._links):
            link.measure = told

    @property
    def http(self) -> Http:
        """Plain HTTP, for stored-recording files; only while `run` runs."""
        if self._http is None:
            raise RuntimeError("the connection is not running")
        return self._http

    @property
    def is_connected(self) -> bool:
        """Whether events flow at this moment."""
        return self._events.ready.is_set() and self._held is None and not self._stop.is_set()

    @property
    def backlog(self) -> int:
        """Events read from Asterisk and not yet taken by the owner."""
        return self._stream.qsize()

    def deliver_to(self, sink: Callable[[E | News], None]) -> None:
        """Hand on events and news as they are read, instead of keeping them for the stream.

        Saves a turn of the event loop each. `sink` must be quick and must not raise.
        """
        self._put = sink

    async def __aiter__(self) -> AsyncIterator[E | News]:
        """Events and news in order, until the connection ends."""
        while (item := await self._stream.get()) is not None:
            yield item

    async def subscribe(self, source: str) -> Outcome[Application]:
        """Subscribes now and on every later connection: `endpoint:PJSIP/1005`.

        Kept for later also when it fails now, so that a PBX that is away is no special case.
        """
        self._sources.add(source)
        return await subscribe(self._events, self.settings.app, source)

    async def unsubscribe(self, source: str) -> Outcome[None]:
        """Ends a subscription for good."""
        self._sources.discard(source)
        return await unsubscribe(self._events, self.settings.app, source)

    def plan_subscriptions(self, *sources: str) -> None:
        """Names sources to be subscribed from the next connection on; for use before `run`."""
        self._sources.update(sources)

    async def run(self) -> None:
        """Keeps all sockets up until `close`, cancellation, or another process takes the name."""
        settings = self.settings
        self._http = Http(settings.base_url, settings.user, settings.password)
        try:
            async with asyncio.TaskGroup() as group:
                keepers = [group.create_task(self._keep(link)) for link in (self._events, *self._links)]
                await self._stop.wait()
                for keeper in keepers:
                    keeper.cancel()
        finally:
            self._end(Unavailable("disconnected", in_doubt=False, message="connection closed"))
            self._stream.put_nowait(None)
            await self._http.close()
            self._http = None

    def close(self) -> None:
        """Makes `run` return; the stream ends after what is already in it."""
        self._stop.set()

    # Keeping sockets up

    async def _keep(self, link: Link) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while not self._stop.is_set():
            began = loop.time()
            wait_s: float | None = None
            try:
                reason = await self._attempt(link)
            except aiohttp.WSServerHandshakeError as error:
                reason = f"Asterisk answers {error.status} to the WebSocket request"
                if error.status in _REFUSED:
                    self._tell_refused(error.status)
                    wait_s = self.settings.refused_retry_s
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                reason = f"{type(error).__name__}: {error}"
            if link is self._events:
                self._tell_disconnected(reason)
            failures = 1 if loop.time() - began > _STEADY_S else failures + 1
            await asyncio.sleep(wait_s or self.settings.backoff.delay(failures, self._random))

    async def _attempt(self, link: Link) -> str:
        """One socket's life; tells why it ended."""
        is_events = link is self._events
        settings = self.settings
        async with asyncio.timeout(settings.connect_timeout_s):
            socket = await self.http.session.ws_connect(
                self.http.root / "events",
                params={"app": link.app, "subscribeAll": "false"},
                heartbeat=settings.heartbeat_s if is_events else settings.rest_heartbeat_s,
                max_msg_size=_LARGEST_MESSAGE,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )
        async with socket:
            if not is_events:
                return await link.serve(socket, probe=True)
            self._held = []
            async with asyncio.TaskGroup() as group:
                announcing = group.create_task(self._announce(socket))
                reason = await link.serve(socket)
                if announcing.done() and (failed := announcing.result()) is not None:
                    reason = failed
                announcing.cancel()
            return reason

    async def _announce(self, socket: aiohttp.ClientWebSocketResponse) -> str | None:
        """Sets the application up, then lets the events go to the owner, after `Connected`.

        Where Asterisk does not answer, closes the socket and tells why.
        """
        settings = self.settings
        problems = await set_up(
            self._events,
            settings.app,
            allowed=settings.events_allowed,
            dropped=settings.events_dropped,
            sources=tuple(self._sources),
        )
        if isinstance(problems, Unavailable):
            await socket.close()
            return f"set-up of the application failed: {problems}"
        try:
            async with asyncio.timeout(settings.connect_timeout_s):
                for link in self._links:
                    await link.ready.wait()
        except TimeoutError:
            problems = (*problems, "not all sockets for requests are open yet")
        self._refused = False
        self._number += 1
        self._put(Connected(self._number, problems))
        held, self._held = self._held or [], None
        for event in held:
            self._put(event)
        return None

    # What the readers call

    def _take_event(self, text: str) -> None:
        if self._is_replaced(text):
            return
        event = self._decode(text)
        if self._held is not None:
            self._held.append(event)
        else:
            self._put(event)

    def _take_other(self, text: str) -> None:
        """The sockets for requests get no events but this one."""
        self._is_replaced(text)

    def _is_replaced(self, text: str) -> bool:
        if '"ApplicationReplaced"' not in text or type_of(text) != "ApplicationReplaced":
            return False
        if not self._stop.is_set():
            self._end(Unavailable("replaced", in_doubt=False, message="another process has taken over"))
            self._put(Replaced(self.settings.app))
            self._stop.set()
        return True

    def _tell_refused(self, status: int) -> None:
        if not self._refused:
            self._refused = True
            self._put(Unauthorized(self.settings.base_url, status))

    def _tell_disconnected(self, reason: str) -> None:
        was_announced, self._held = self._held is None and self._number > 0, []
        if was_announced and not self._stop.is_set():
            self._put(Disconnected(reason))

    def _end(self, why: Unavailable) -> None:
        for link in (self._events, *self._links):
            link.end(why)
