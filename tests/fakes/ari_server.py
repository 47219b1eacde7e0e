"""A fake Asterisk on a real port: ARI over HTTP and over WebSockets, with a caller to play by hand.

    async with FakeAri() as fake:
        await fake.arrive("c1", "ramal")          # StasisStart, if the application is connected
        await fake.press("c1", "2")
        fake.world.finish("p1")                    # end a long playback by hand
        await fake.cut("ramal")                    # the network drops the socket
        await fake.hang_up("c1")

Sounds named in `instant` end by themselves at once; all others go on until stopped or finished by hand.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Self
from urllib.parse import unquote

from aiohttp import WSCloseCode, WSMsgType, web

import tests.fakes.ari_channel_routes  # noqa: F401 - registers its routes
from tests.fakes.ari_routes import answer
from tests.fakes.ari_world import App, Json, Refusal, World


class FakeAri:
    """Asterisk's ARI port, its state in `world`."""

    user = "fake"
    password = "secret"

    def __init__(self, instant: tuple[str, ...] = ("sound:beep",)) -> None:
        self.world = World()
        self.instant = instant
        self.base_url = ""
        self.is_frozen = False
        self.sockets: dict[str, list[web.WebSocketResponse]] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def open(self) -> None:
        """Starts to listen; after `shut` on the same port, as a restarted Asterisk does."""
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{self.port}"

    async def shut(self) -> None:
        """Closes all sockets and stops to listen."""
        for name in list(self.sockets):
            await self.cut(name)
        if self._runner is None:
            return
        server = self._runner.server
        await self._runner.cleanup()
        if server is not None:  # who was accepted in the last moment is not among those that were closed
            for _ in range(3):
                await asyncio.sleep(0)
            await server.shutdown(0.1)

    # The person at the other end

    async def arrive(self, channel_id: str, app: str, *args: str) -> None:
        self.world.enter(self.world.new_leg(channel_id), app, *args)

    async def press(self, channel_id: str, digits: str) -> None:
        leg = self.world.leg(channel_id)
        for digit in digits:
            self.world.tell(leg.app, "ChannelDtmfReceived", channel=leg.json(), digit=digit, duration_ms=100)

    async def hang_up(self, channel_id: str) -> None:
        self.world.end(self.world.leg(channel_id), 16, by_far=True)

    # Faults

    async def cut(self, app: str) -> None:
        """Drops the application's sockets; its calls stay in Stasis."""
        for socket in self.sockets.pop(app, []):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def say(self, app: str, text: str) -> None:
        """Sends any text frame to an application."""
        send = self.world.apps[app].send
        assert send is not None
        send({"raw": text})

    # The server

    def _is_known(self, request: web.Request) -> bool:
        wanted = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {wanted}"

    async def _http(self, request: web.Request) -> web.Response:
        if not self._is_known(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        body = (await request.read()).decode()
        raw_path = request.rel_url.raw_path.removeprefix("/ari/")
        status, reply = self._ask(request.method, raw_path, dict(request.query), body)
        if status == 204:
            return web.Response(status=204)
        return web.json_response(reply, status=status)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not self._is_known(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        name = request.query["app"]
        socket = web.WebSocketResponse(max_msg_size=60_000)
        await socket.prepare(request)
        outbox: asyncio.Queue[str] = asyncio.Queue()

        def send(event: Json) -> None:
            outbox.put_nowait(event["raw"] if "raw" in event else json.dumps(event))

        app = self.world.apps.setdefault(name, App(name))
        if app.send is not None:
            app.send({"type": "ApplicationReplaced", "application": name})
        app.send = send
        self.sockets.setdefault(name, []).append(socket)
        writer = asyncio.create_task(self._write(socket, outbox))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and not self.is_frozen:
                    send(self._over_socket(json.loads(message.data)))
        finally:
            writer.cancel()
            if app.send is send:
                app.send = None
            if socket in self.sockets.get(name, []):
                self.sockets[name].remove(socket)
        return socket

    async def _write(self, socket: web.WebSocketResponse, outbox: asyncio.Queue[str]) -> None:
        while not socket.closed:
            await socket.send_str(await outbox.get())

    def _over_socket(self, frame: Json) -> Json:
        query = {item["name"]: item["value"] for item in frame.get("query_strings", [])}
        status, reply = self._ask(frame["method"], frame["uri"], query, frame.get("message_body", ""))
        return {
            "type": "RESTResponse",
            "transaction_id": "",
            "request_id": frame.get("request_id", ""),
            "status_code": status,
            "reason_phrase": "No Content" if status == 204 else "",
            "uri": frame["uri"],
            "content_type": "application/json",
            "message_body": "" if status == 204 else json.dumps(reply),
        }

    def _ask(self, method: str, uri: str, query: Json, body: str) -> tuple[int, object]:
        self.world.requests.append((method, uri, query))
        before = set(self.world.playbacks)
        try:
            reply = answer(self.world, method, [unquote(part) for part in uri.split("/")], query, body)
        except Refusal as refusal:
            return refusal.status, {"message": refusal.message}
        for playback_id in set(self.world.playbacks) - before:
            if self.world.playbacks[playback_id]["media_uri"] in self.instant:
                asyncio.get_running_loop().call_soon(self._finish, playback_id)
        return (204, None) if reply is None else (200, reply)

    def _finish(self, playback_id: str) -> None:
        if playback_id in self.world.playbacks:
            self.world.finish(playback_id)
