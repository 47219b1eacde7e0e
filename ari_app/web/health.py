"""`/health`, `/ready`, `/metrics` at the server's root, for supervisors and Prometheus (X11)."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from ari_app.ports import Check, Readiness
from ari_app.web.metrics import Metrics

_PATIENCE_S = 3.0


class Ready(msgspec.Struct, frozen=True):
    """Whether callers can be served, and each condition of that."""

    ready: bool
    checks: tuple[Check, ...]


async def _checks(readiness: Readiness) -> tuple[Check, ...]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return tuple(await readiness.checks())
    except TimeoutError:
        return (Check("answer", ok=False, detail=f"no answer within {_PATIENCE_S:g} s"),)


def add_health(app: web.Application, readiness: Readiness, metrics: Metrics) -> None:
    """Add the three to an application."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_: web.Request) -> web.Response:
        checks = await _checks(readiness)
        fine = all(check.ok for check in checks)
        body = msgspec.json.encode(Ready(fine, checks))
        return web.Response(body=body, status=200 if fine else 503, content_type="application/json")

    async def scrape(_: web.Request) -> web.Response:
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=metrics.text(), headers=headers)

    app.router.add_get("/health", health)
    app.router.add_get("/ready", ready)
    app.router.add_get("/metrics", scrape)
