"""Serves one declared route: authenticate, check role and client, decode, run, audit, encode."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import structlog
from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ari_app.model.account import AuditEntry
from ari_app.ports import Clock, Refusal
from ari_app.web.auth import Authenticator, check_forgery
from ari_app.web.problems import HttpRefusal, problem_response, refusal_response
from ari_app.web.route import Ask, Principal, Route
from ari_app.web.stores import Audit

log = structlog.get_logger(__name__)
_ANONYMOUS = Principal("anonymous", "client")
_SECRET = ("password", "code", "pin", "secret", "token")
_LONG = 200


class Service:
    """What every route needs of the installation."""

    def __init__(self, authenticator: Authenticator, audit: Audit, clock: Clock) -> None:
        self.authenticator = authenticator
        self.audit = audit
        self.clock = clock

    def serve(self, route: Route) -> Any:
        """The aiohttp handler of a route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            principal = _ANONYMOUS
            ask: Ask | None = None
            try:
                async with asyncio.timeout(route.timeout_s):
                    principal = await self._admit(route, request)
                    ask = await self._decode(route, request, principal)
                    response = _encode(route, await route.handler(ask))
            except Exception as error:  # noqa: BLE001 - the top of a request: every error has its answer
                response = answer_of(error, request)
            if ask is not None and (route.writes or route.audited) and not response.prepared:
                await ask.record(response.status)
            return response

        return handle

    async def _admit(self, route: Route, request: web.Request) -> Principal:
        if not route.roles:
            return await self.authenticator.principal(request) or _ANONYMOUS
        principal = await self.authenticator.required(request)
        if principal.role not in route.roles:
            raise HttpRefusal(403, f"The role {principal.role} may not do this.")
        if route.installation and principal.client is not None:
            raise HttpRefusal(403, "This concerns all clients; your access is bound to one.")
        if route.writes:
            check_forgery(request, principal)
        return principal

    async def _decode(self, route: Route, request: web.Request, principal: Principal) -> Ask:
        path = dict(request.match_info)
        if any(not _sound(value) for value in path.values()):
            raise HttpRefusal(404, "No such thing.")
        query = _query(route, request)
        body = await _body(route, request) if route.writes else None
        now = self.clock.now()

        async def record(status: int) -> None:
            if status == 429:  # whoever is braked must not fill the log
                return
            entry = AuditEntry(
                at=now,
                who=principal.name,
                role=principal.role if principal is not _ANONYMOUS else "anonymous",
                address=request.remote or "",
                action=route.action,
                target="/".join(path.values()),
                status=status,
                detail=redacted(msgspec.to_builtins(body)) if body is not None else {},
                client=principal.client,
            )
            await self.audit.append(entry)

        return Ask(principal, path, query, body, now, request, record, lambda: _pieces(request, route))


def answer_of(error: Exception, request: web.Request) -> web.StreamResponse:
    """The problem that tells an error; what is our own mistake is logged and not shown."""
    match error:
        case HttpRefusal():
            return problem_response(error.status, error.detail, errors=error.errors, headers=error.headers)
        case Refusal():
            return refusal_response(error)
        case web.HTTPException():
            headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
            return problem_response(
                error.status, error.reason if error.status != 404 else "", headers=headers
            )
        case TimeoutError() | PoolTimeout():
            log.warning("web.timeout", method=request.method, path=request.path)
            return problem_response(503, "It took too long; try again.", headers={"Retry-After": "2"})
        case DBAPIError():
            log.warning("web.store_failed", method=request.method, path=request.path, error=str(error)[:300])
            return problem_response(
                503, "The store does not answer; try again.", headers={"Retry-After": "2"}
            )
        case _:
            log.error("web.fault", method=request.method, path=request.path, exc_info=error)
            return problem_response(500, "This is our mistake; it has been logged.")


def redacted(value: Any, name: str = "") -> Any:
    """A body as the audit log keeps it: no secrets, long texts by hash only."""
    if isinstance(value, dict):
        return {key: redacted(item, str(key)) for key, item in value.items()}
    if any(word in name for word in _SECRET) and value is not None:
        return "***"
    if isinstance(value, list):
        return [redacted(item) for item in value]
    if isinstance(value, str) and len(value) > _LONG:
        return {"characters": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value


def _sound(text: str) -> bool:
    """Text that every store can take: no NUL, no lone surrogates."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _query(route: Route, request: web.Request) -> Any:
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise HttpRefusal(400, f"{name}: given twice")
        if not _sound(value):
            raise HttpRefusal(400, f"{name}: holds characters that are no text")
        given[name] = value
    if route.query is None:
        if given:
            raise HttpRefusal(400, f"{next(iter(given))}: no such parameter here")
        return None
    try:
        return msgspec.convert(given, route.query, strict=False)
    except msgspec.ValidationError as error:
        raise HttpRefusal(400, str(error), errors=[_located(error)]) from error


async def _body(route: Route, request: web.Request) -> Any:
    if route.takes:
        if request.content_type not in route.takes:
            raise HttpRefusal(415, f"Send {' or '.join(route.takes)}, not {request.content_type}.")
        if (request.content_length or 0) > route.limit_bytes:
            raise HttpRefusal(413, f"At most {route.limit_bytes} bytes are taken here.")
        return None
    raw = await _read(request, route.limit_bytes)
    if route.body is None:
        if raw:
            raise HttpRefusal(400, "No body is expected here.")
        return None
    if not raw and route.body_optional:
        return route.body()
    if request.content_type != "application/json":
        raise HttpRefusal(415, f"Send application/json, not {request.content_type}.")
    if b"\\u0000" in raw:
        raise HttpRefusal(400, "The body holds a NUL character.")
    try:
        return msgspec.json.decode(raw, type=route.body)
    except msgspec.ValidationError as error:
        raise HttpRefusal(422, str(error), errors=[_located(error)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HttpRefusal(400, f"The body is no JSON: {error}") from error


async def _read(request: web.Request, limit: int) -> bytes:
    """The body, never more than the limit in memory."""
    if (request.content_length or 0) > limit:
        raise HttpRefusal(413, f"At most {limit} bytes are taken here.")
    raw = bytearray()
    async for piece in request.content.iter_chunked(16 * 1024):
        raw += piece
        if len(raw) > limit:
            raise HttpRefusal(413, f"At most {limit} bytes are taken here.")
    return bytes(raw)


async def _pieces(request: web.Request, route: Route) -> AsyncIterator[bytes]:
    taken = 0
    async for piece in request.content.iter_chunked(256 * 1024):
        taken += len(piece)
        if taken > route.limit_bytes:
            raise HttpRefusal(413, f"At most {route.limit_bytes} bytes are taken here.")
        yield piece


def _located(error: msgspec.ValidationError) -> dict[str, Any]:
    message, _, path = str(error).partition(" - at ")
    return {"path": path.strip("`") or "$", "message": message}


def _encode(route: Route, answer: Any) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    if route.answer is None:
        return web.Response(status=204)
    body = msgspec.json.encode(answer)
    return web.Response(body=body, status=route.status, content_type="application/json")
