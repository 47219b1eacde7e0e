"""Another system's webhook receiver: a real HTTP server that verifies signatures as its authors would."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from pbx.patience import PATIENCE_S


class Receiver:
    """Keeps what it got; answers with the next of `answers`, or 204."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = ""
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        """Of its answers."""
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.stamps: list[int] = []
        self.refused = 0
        """Requests whose signature was wrong."""
        self.stall: asyncio.Event | None = None

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        ident, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
        if request.headers["webhook-signature"] != f"v1,{base64.b64encode(signed).decode()}":
            self.refused += 1
            return web.Response(status=401)
        if self.stall is not None:
            await self.stall.wait()
        self.got.append(msgspec.json.decode(body))
        self.ids.append(ident)
        self.stamps.append(int(stamp))
        return web.Response(status=self.answers.pop(0) if self.answers else 204, headers=self.headers)

    def events(self) -> list[str]:
        return [one["type"] for one in self.got]

    async def until(self, true: Callable[[Receiver], bool], within_s: float = PATIENCE_S) -> None:
        """Wait for what it has got."""
        async with asyncio.timeout(within_s):
            while not true(self):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
