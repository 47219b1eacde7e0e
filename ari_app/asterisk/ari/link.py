"""One WebSocket to Asterisk: requests out, their replies matched by id, everything else handed on.

A link outlives its sockets: it is opened again and again by its owner, and between two sockets requests
wait a moment (`PATIENCE_S`) before they are told `Unavailable`. Asterisk serves one socket with one
thread, in order; so does a link, which is what keeps one call's requests in the order they were made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import aiohttp

from ari_app.asterisk.ari.frames import (
    LARGEST_FRAME,
    decode_response,
    encode_request,
    path,
    problem,
    template,
)
from ari_app.asterisk.ari.outcome import Failure, Ok, Refused, Unavailable, from_status

DEADLINE_S = 5.0
PATIENCE_S = 1.0
PROBE_S = 2.5
"""A new socket on which Asterisk says nothing for so long is deaf: see `Link.serve`."""
CROWD = 64
"""With more requests unanswered the socket may be full, so that sending has to be limited in time as well."""

_Settled = Ok[str] | Failure


class Link:
    """The way to Asterisk under one application name."""

    def __init__(self, app: str, on_frame: Callable[[str], None]) -> None:
        """`on_frame` gets each text frame that is no reply; it must not block and must not raise."""
        self.app = app
        self.ready = asyncio.Event()
        self.late_replies = 0
        self.measure: Callable[[str, str, float], None] | None = None
        """Told of each request: method and path without ids, what came of it, seconds."""
        self._on_frame = on_frame
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._pending: dict[str, asyncio.Future[_Settled]] = {}
        self._count = 0
        self._ended: Unavailable | None = None

    @property
    def in_flight(self) -> int:
        """Requests sent and not yet answered."""
        return len(self._pending)

    async def serve(self, socket: aiohttp.ClientWebSocketResponse, *, probe: bool = False) -> str:
        """Reads `socket` until it closes and tells why; all requests then pending are in doubt.

        `probe`: it is used once it answered a first request. Asterisk (22.10, measured) may never answer on
        a socket that follows another of the same name within milliseconds, though it keeps it open.
        """
        self._socket = socket
        probing = asyncio.create_task(self._probe(socket)) if probe and self._ended is None else None
        if self._ended is None and probing is None:
            self.ready.set()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
            return f"closed with code {socket.close_code}: {socket.exception() or 'by Asterisk'}"
        except (aiohttp.ClientError, OSError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            if probing is not None:
                probing.cancel()
            self.ready.clear()
            self._socket = None
            self._fail_pending(self._ended or Unavailable("disconnected", in_doubt=True))

    async def _probe(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Open for requests once anything was answered; a deaf socket is closed: its owner tries again."""
        answer = await self._ask(socket, "GET", path("asterisk", "ping"), None, None, PROBE_S)
        if isinstance(answer, Unavailable):
            await socket.close()
        elif self._ended is None:
            self.ready.set()

    def end(self, why: Unavailable) -> None:
        """Answers every request from now on with `why` (the application was replaced, or closed).

        The first reason stays.
        """
        self._ended = self._ended or why
        self.ready.set()
        self._fail_pending(why)

    async def request(
        self,
        method: str,
        uri: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Ok[str] | Failure:
        """Asks Asterisk and gives the JSON text it answered, or why there is none.

        `uri` is made with `frames.path`. Never raises for anything the network or Asterisk does.
        """
        began = asyncio.get_running_loop().time()
        answer = await self._request(method, uri, query, body, deadline_s)
        if self.measure is not None:
            taken_s = asyncio.get_running_loop().time() - began
            self.measure(f"{method} {template(uri)}", type(answer).__name__.lower(), taken_s)
        return answer

    async def _request(
        self,
        method: str,
        uri: str,
        query: Mapping[str, str] | None,
        body: object | None,
        deadline_s: float,
    ) -> Ok[str] | Failure:
        socket = await self._await_socket(deadline_s)
        if isinstance(socket, Unavailable):
            return socket
        return await self._ask(socket, method, uri, query, body, deadline_s)

    async def _ask(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        method: str,
        uri: str,
        query: Mapping[str, str] | None,
        body: object | None,
        deadline_s: float,
    ) -> Ok[str] | Failure:
        self._count += 1
        request_id = str(self._count)
        frame = encode_request(request_id, method, uri, query, body)
        if len(frame) > LARGEST_FRAME:
            return Refused(413, f"{method} {uri}: {len(frame)} bytes, {LARGEST_FRAME} allowed")
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[_Settled] = loop.create_future()
        self._pending[request_id] = reply
        late = Unavailable("timeout", in_doubt=True, message=f"{method} {uri}: {deadline_s:g} s")
        timer = loop.call_later(deadline_s, _settle, reply, late)
        try:
            if len(self._pending) < CROWD:
                await socket.send_frame(frame, aiohttp.WSMsgType.TEXT)
            else:
                async with asyncio.timeout(deadline_s):
                    await socket.send_frame(frame, aiohttp.WSMsgType.TEXT)
            return await reply
        except TimeoutError:
            return late
        except (aiohttp.ClientError, ConnectionError) as error:
            return Unavailable("disconnected", in_doubt=True, message=f"{method} {uri}: {error}")
        finally:
            timer.cancel()
            self._pending.pop(request_id, None)

    def post(self, method: str, uri: str) -> bool:
        """Asks Asterisk now and waits for no answer; requests made afterwards are carried out afterwards.

        False, and nothing was asked: there is no socket, or it may be full; use `request`.
        """
        socket = self._socket
        if socket is None or not self.ready.is_set() or len(self._pending) >= CROWD:
            return False
        self._count += 1
        request_id = str(self._count)
        sending = socket.send_frame(
            encode_request(request_id, method, uri, None, None), aiohttp.WSMsgType.TEXT
        )
        loop = asyncio.get_running_loop()
        self._pending[request_id] = loop.create_future()
        loop.call_later(DEADLINE_S, self._pending.pop, request_id, None)
        try:
            sending.send(None)  # writes the frame; at most it then waits until the socket has room again
        except StopIteration:
            pass
        except (aiohttp.ClientError, ConnectionError):
            del self._pending[request_id]
            return False
        else:
            sending.close()
        return True

    async def _await_socket(self, deadline_s: float) -> aiohttp.ClientWebSocketResponse | Unavailable:
        if not self.ready.is_set():
            try:
                async with asyncio.timeout(min(PATIENCE_S, deadline_s)):
                    await self.ready.wait()
            except TimeoutError:
                return Unavailable("disconnected", in_doubt=False, message="not connected")
        if self._ended is not None:
            return self._ended
        return self._socket or Unavailable("disconnected", in_doubt=False, message="not connected")

    def _take(self, text: str) -> None:
        response = decode_response(text)
        if response is None:
            self._on_frame(text)
            return
        reply = self._pending.pop(response.request_id, None)
        if reply is None or reply.done():
            self.late_replies += 1
        elif 200 <= response.status_code < 300:
            reply.set_result(Ok(response.message_body))
        else:
            told = problem(response.reason_phrase, response.message_body)
            reply.set_result(from_status(response.status_code, told))

    def _fail_pending(self, why: Unavailable) -> None:
        pending, self._pending = self._pending, {}
        doubtful = Unavailable(why.reason, in_doubt=True, message=why.message)
        for reply in pending.values():
            _settle(reply, doubtful)


def _settle(reply: asyncio.Future[_Settled], answer: _Settled) -> None:
    if not reply.done():
        reply.set_result(answer)
