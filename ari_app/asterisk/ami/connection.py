"""One guarded AMI connection that is kept up: logged in, watched by Ping, reconnected with jitter."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from ari_app.asterisk.ami.guard import GuardedManager, ListAnswer, OneAnswer, check_fields
from ari_app.asterisk.ari.backoff import Backoff
from ari_app.asterisk.ari.outcome import Conflict, Failure, Gone, Ok, Outcome, Refused, Unavailable

log = logging.getLogger(__name__)

Message: TypeAlias = dict[str, str]
_GONE = ("no such channel", "does not exist", "channel not found", "not there", "not found")
_CONFLICT = ("already there",)


@dataclass(frozen=True, slots=True)
class AmiSettings:
    """Address, account and manners. Times in seconds; `events` is Login's mask (`off`, `call,agent`)."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)
    events: str = "off"
    deadline_s: float = 5.0
    ping_every_s: float = 5.0
    ping_deadline_s: float = 3.0
    refused_retry_s: float = 5.0
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True, slots=True)
class AmiConnected:
    """Logged in: bring the fallback queue's members in step now."""


@dataclass(frozen=True, slots=True)
class AmiDisconnected:
    """The connection is gone and being made again; actions that had no answer are in doubt."""

    reason: str


@dataclass(frozen=True, slots=True)
class AmiUnauthorized:
    """Asterisk refuses user or secret. Told once; tries go on slowly until it lets us in or `close`."""

    message: str


AmiNews: TypeAlias = AmiConnected | AmiDisconnected | AmiUnauthorized


def _ignore(_: Any) -> None:
    return None


class Ami:
    """Actions and events of one Asterisk, for as long as `run` runs."""

    def __init__(
        self,
        settings: AmiSettings,
        *,
        on_event: Callable[[Message], None] = _ignore,
        on_news: Callable[[AmiNews], None] = _ignore,
        seed: int | None = None,
    ) -> None:
        """`on_event` and `on_news` must not block; what `on_event` raises is logged, no more."""
        self.settings = settings
        self._on_event = on_event
        self._on_news = on_news
        self._random = Random(seed)  # noqa: S311 - jitter, not a secret
        self._manager: GuardedManager | None = None
        self._stop = asyncio.Event()
        self._refused = False

    @property
    def is_connected(self) -> bool:
        """Whether an action would be sent at this moment."""
        return self._manager is not None

    async def action(
        self, name: str, fields: Mapping[str, str], *, deadline_s: float | None = None
    ) -> Outcome[Message]:
        """Sends one action, at most once, and gives its answer.

        Raises ValueError for a field that could smuggle in another action. Never raises for the network.
        """
        answer = await self._send(OneAnswer, name, fields, deadline_s)
        return Ok(answer.value[0]) if isinstance(answer, Ok) else answer

    async def list_action(
        self, name: str, fields: Mapping[str, str], *, deadline_s: float | None = None
    ) -> Outcome[list[Message]]:
        """Sends one action that is answered by a list of events, and gives all of them."""
        return await self._send(ListAnswer, name, fields, deadline_s)

    async def run(self) -> None:
        """Keeps the connection up until `close` or cancellation."""
        loop = asyncio.get_running_loop()
        stopping = asyncio.ensure_future(self._stop.wait())
        failures = 0
        try:
            while not self._stop.is_set():
                began = loop.time()
                wait_s = await self._live(stopping)
                failures = 1 if loop.time() - began > 5.0 else failures + 1
                pause = wait_s or self.settings.backoff.delay(failures, self._random)
                await asyncio.wait({stopping}, timeout=pause)
        finally:
            stopping.cancel()

    def close(self) -> None:
        """Makes `run` return, also while it retries a bad secret."""
        self._stop.set()

    async def _live(self, stopping: asyncio.Future[Any]) -> float | None:
        """One connection's life; gives the pause before the next, None for the usual one."""
        manager = GuardedManager(self._on_event)
        settings = self.settings
        was_in = False
        try:
            async with asyncio.timeout(settings.deadline_s):
                await manager.open(settings.host, settings.port)
            refusal = await self._log_in(manager)
            if refusal is not None:
                return refusal
            was_in, self._refused, self._manager = True, False, manager
            self._on_news(AmiConnected())
            reason = await self._watch(manager, stopping)
        except (OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
        finally:
            self._manager = None
            manager.close()
            if not manager.lost.done():
                manager.lost.set_result("closed")
        if was_in and not self._stop.is_set():
            self._on_news(AmiDisconnected(reason))
        return None

    async def _log_in(self, manager: GuardedManager) -> float | None:
        """Logs in; gives the pause before the next try where that fails."""
        settings = self.settings
        login = {"Username": settings.user, "Secret": settings.secret, "Events": settings.events}
        answer = await self._send(OneAnswer, "Login", login, None, manager=manager)
        if isinstance(answer, Ok):
            return None
        if isinstance(answer, Unavailable):
            return settings.backoff.cap_s
        if not self._refused:
            self._refused = True
            self._on_news(AmiUnauthorized(answer.message))
        return settings.refused_retry_s

    async def _watch(self, manager: GuardedManager, stopping: asyncio.Future[Any]) -> str:
        """Pings until the connection is lost, goes dead, or is not wanted any more; tells which."""
        settings = self.settings
        while True:
            waiting: set[asyncio.Future[Any]] = {manager.lost, stopping}
            done, _ = await asyncio.wait(
                waiting, timeout=settings.ping_every_s, return_when=asyncio.FIRST_COMPLETED
            )
            if manager.lost in done:
                return manager.lost.result()
            if done:
                return "closed"
            pong = await self._send(OneAnswer, "Ping", {}, settings.ping_deadline_s)
            if isinstance(pong, Unavailable):
                return f"no answer to Ping in {settings.ping_deadline_s:g} s"

    async def _send(
        self,
        kind: type[OneAnswer | ListAnswer],
        name: str,
        fields: Mapping[str, str],
        deadline_s: float | None,
        *,
        manager: GuardedManager | None = None,
    ) -> Ok[list[Message]] | Failure:
        check_fields(name, fields)
        manager = manager or self._manager
        if manager is None or manager.lost.done():
            return Unavailable("disconnected", in_doubt=False, message="AMI is not connected")
        deadline_s = deadline_s or self.settings.deadline_s
        action = kind({"Action": name, **fields})
        answered = manager.send_action(action, as_list=kind is ListAnswer)
        try:
            done, _ = await asyncio.wait(
                {answered, manager.lost}, timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            manager.forget(action)
        if answered in done:
            result = answered.result()
            return _settle(result if isinstance(result, list) else [result])
        if done:
            return Unavailable("disconnected", in_doubt=True, message=f"{name}: {manager.lost.result()}")
        return Unavailable("timeout", in_doubt=True, message=f"{name}: {deadline_s:g} s")


def _settle(messages: list[Any]) -> Ok[list[Message]] | Failure:
    """Sorts an answer by what it says: AMI has no codes."""
    plain = [{str(key): str(value) for key, value in message.items()} for message in messages]
    head = plain[0]
    if head.get("Response", "") in ("Success", "Goodbye"):
        return Ok(plain)
    message = head.get("Message", "no message")
    lowered = message.lower()
    if any(text in lowered for text in _CONFLICT):
        return Conflict(message)
    if any(text in lowered for text in _GONE):
        return Gone(message)
    return Refused(403 if "permission" in lowered or "authentication" in lowered else 400, message)
