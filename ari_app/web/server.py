"""The HTTP server: puts routes, health, live feed and console together; nothing here knows a resource."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from ari_app.ports import Clock, Readiness
from ari_app.web.api.live import LiveApi
from ari_app.web.auth import Authenticator
from ari_app.web.console import add_console
from ari_app.web.handling import Service, answer_of
from ari_app.web.headers import add_headers, content_policy
from ari_app.web.health import add_health
from ari_app.web.metrics import Metrics
from ari_app.web.openapi import document
from ari_app.web.route import ANYBODY, Ask, Resource, Route
from ari_app.web.stores import Audit

PREFIX = "/api/v1"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(  # noqa: PLR0913 - everything comes in as arguments
    *,
    resources: Sequence[Resource],
    authenticator: Authenticator,
    audit: Audit,
    clock: Clock,
    readiness: Readiness,
    metrics: Metrics,
    console: Path | None = None,
    connect_sources: Sequence[str] = (),
    tls: bool = False,
    version: str = "0",
) -> web.Application:
    """The application. `console`: the built console's folder; `connect_sources`: see `content_policy`."""
    service = Service(authenticator, audit, clock)
    app = web.Application(middlewares=[_problems(metrics)], client_max_size=2 * 1024 * 1024)
    add_headers(app, content_policy(connect_sources), tls=tls)
    add_health(app, readiness, metrics)
    routes = all_routes(resources, version)
    for route in routes:
        app.router.add_route(route.method, PREFIX + route.path, service.serve(route))
    if console is not None:
        add_console(app, console)
    for resource in resources:
        if isinstance(resource, LiveApi):
            app.on_shutdown.append(_closing(resource))
    return app


def _closing(live: LiveApi) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_: web.Application) -> None:
        await live.shutdown()

    return close


def all_routes(resources: Sequence[Resource], version: str = "0") -> list[Route]:
    """Every route, the API's description included; fixed paths before those with parameters."""
    routes = [route for resource in resources for route in resource.routes()]
    description = _Description(routes, version)

    routes.append(
        Route(
            "GET",
            "/openapi.json",
            description.answer,
            "This description",
            ANYBODY,
            answer=dict[str, Any],
            timeout_s=None,
        )
    )
    return sorted(routes, key=lambda route: route.path.count("{"))


class _Description:
    """The OpenAPI document: made when somebody asks for it first, a fifth of a start's CPU time."""

    def __init__(self, routes: Sequence[Route], version: str) -> None:
        self._routes = routes
        self._version = version
        self._made: bytes | None = None
        self._making = asyncio.Lock()

    async def answer(self, _: Ask) -> web.Response:
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(
                    document, self._routes, prefix=PREFIX, version=self._version
                )
        return web.Response(body=self._made, content_type="application/json")


def _problems(metrics: Metrics) -> Middleware:
    """The outermost layer: measures, and answers every error as a problem, unknown paths included."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        try:
            response = await handler(request)
        except Exception as error:  # noqa: BLE001 - as in `Service.serve`
            response = answer_of(error, request)
        resource = request.match_info.route.resource
        template = resource.canonical if resource is not None else "unknown"
        metrics.http_request(template, response.status, time.perf_counter() - began)
        return response

    return middleware


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve until left; gives the port (0 asked: a free one). Raises `OSError` when it is taken."""
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=30.0, shutdown_timeout=3.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, ssl_context=tls)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
