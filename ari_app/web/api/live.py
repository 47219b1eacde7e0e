"""`/live`: the WebSocket of the live pages: a snapshot, then facts after a cursor, resumable (S1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
import structlog
from aiohttp import WSCloseCode, web
from msgspec import Meta

from ari_app.model.ids import OperatorId
from ari_app.ports import CallFilter, Clock, Floor, OperatorDesk, StoredFact
from ari_app.web.auth import Authenticator, same_origin
from ari_app.web.feed import Feed
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import STAFF_AND_SELF, Ask, Principal, Route
from ari_app.web.stores import Calls
from ari_app.web.views import call_out, fact_out, operator_out, queue_live_out, rfc3339

log = structlog.get_logger(__name__)

PING_S = 5.0
"""A message comes at least this often; a page that hears nothing for twice as long shows stale data."""
SEND_S = 10.0
"""A reader that takes longer to take a message is dropped; it resumes by its cursor."""
FAR_BEHIND = 20_000
"""A cursor further back than this is answered with a snapshot: replaying would take longer."""
_REVOKED = 4401
_encode = msgspec.json.Encoder().encode


class LiveQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after`: the last `seq` seen; none: begin with a snapshot."""

    after: Annotated[int, Meta(ge=0, le=2**62)] | None = None


@dataclass(frozen=True, slots=True)
class LiveApi:
    """The live feed. `healthy`: whether facts reach the store at once (`Journal.healthy`)."""

    feed: Feed
    archive: Calls
    desk: OperatorDesk
    floor: Floor
    authenticator: Authenticator
    clock: Clock
    healthy: Callable[[], bool]
    ping_s: float = PING_S
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/live",
                self.live,
                "WebSocket: `snapshot`, then `fact`s after a cursor, `ping`s in between",
                STAFF_AND_SELF,
                query=LiveQuery,
                media_type="application/octet-stream",
                status=101,
                timeout_s=None,
            )
        ]

    async def shutdown(self) -> None:
        """Let every page know that it should come back."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart")

    async def live(self, ask: Ask) -> web.StreamResponse:
        if not same_origin(ask.request):
            raise HttpRefusal(403, "The request comes from another site.")
        socket = web.WebSocketResponse(heartbeat=30.0, max_msg_size=1024)
        if not socket.can_prepare(ask.request).ok:
            raise HttpRefusal(400, "This address speaks WebSocket only.")
        await socket.prepare(ask.request)
        self._sockets.add(socket)
        sender = asyncio.create_task(self._serve(socket, ask), name="live")
        try:
            async for _ in socket:  # nothing is expected; reading answers pings and sees the close
                pass
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            self._sockets.discard(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse, ask: Ask) -> None:
        try:
            async with self.feed.following():
                await self._send_all(socket, ask)
        except HttpRefusal:
            await socket.close(code=_REVOKED, message=b"signed out")
        except (TimeoutError, OSError):
            log.info("live.slow_reader_dropped", who=ask.principal.name)
            if ask.request.transport is not None:
                ask.request.transport.abort()
        except Exception as error:  # noqa: BLE001 - the page reconnects and resumes
            log.warning("live.failed", error=str(error)[:300])
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"try again")

    async def _send_all(self, socket: web.WebSocketResponse, ask: Ask) -> None:
        query: LiveQuery = ask.query
        cursor = query.after
        last = await self.feed.last_seq()
        if cursor is None or cursor > last or last - cursor > FAR_BEHIND:
            cursor = last
            await self._send(socket, await self._snapshot(ask.principal, cursor))
        checked = self.clock.monotonic()
        while not socket.closed:
            facts = await self.feed.after(cursor, wait_s=self.ping_s)
            if self.clock.monotonic() - checked >= self.ping_s or not facts:
                await self.authenticator.required(ask.request)
                checked = self.clock.monotonic()
            for fact in facts:
                cursor = fact.seq
                if _visible(ask.principal, fact):
                    await self._send(socket, {"type": "fact", "seq": cursor, "fact": fact_out(fact)})
            if not facts:
                now = rfc3339(self.clock.now())
                ping = {"type": "ping", "seq": cursor, "at": now, "healthy": self.healthy()}
                await self._send(socket, ping)

    async def _send(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        async with asyncio.timeout(SEND_S):
            await socket.send_frame(_encode(message), web.WSMsgType.TEXT)

    async def _snapshot(self, principal: Principal, seq: int) -> dict[str, Any]:
        own = principal.role == "operator"
        now = self.clock.now()
        operators = self.desk.views(principal.client)
        wanted = CallFilter(
            client=principal.client,
            live=True,
            operator=(principal.operator or OperatorId("")) if own else None,
        )
        calls = await self.archive.calls(wanted, limit=500)
        queues = [] if own else self.floor.queues(principal.client)
        return {
            "type": "snapshot",
            "seq": seq,
            "at": rfc3339(now),
            "healthy": self.healthy(),
            "operators": [
                operator_out(view) for view in operators if not own or view.operator.id == principal.operator
            ],
            "queues": [queue_live_out(view, now) for view in queues],
            "calls": [call_out(record) for record in calls.items],
        }


def _visible(principal: Principal, fact: StoredFact) -> bool:
    if principal.role == "operator" and fact.body.get("operator") != principal.operator:
        return False
    return principal.owns(fact.client)
