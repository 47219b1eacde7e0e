"""Problems as RFC 9457 says them: `application/problem+json`, for every status from 400 on."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from ari_app.ports import (
    AlreadyExists,
    AudioDamaged,
    CursorRefused,
    FlowRefused,
    IllegalTransition,
    NotFound,
    PbxRefused,
    PhoneRefused,
    Refusal,
    StoreAway,
)

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every refusal. `code` is stable and for programs, `detail` is for people."""

    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[dict[str, Any]] = []


TITLES = {
    400: ("Bad request", "bad_request"),
    401: ("Authentication needed", "unauthenticated"),
    403: ("Not allowed", "forbidden"),
    404: ("Not found", "not_found"),
    405: ("Method not allowed", "method_not_allowed"),
    406: ("Not acceptable", "not_acceptable"),
    409: ("Conflict", "conflict"),
    411: ("Length required", "length_required"),
    413: ("Too large", "too_large"),
    415: ("Unsupported media type", "unsupported_media_type"),
    416: ("Range not satisfiable", "range_not_satisfiable"),
    422: ("Invalid", "invalid"),
    429: ("Too many requests", "too_many_requests"),
    500: ("Our mistake", "internal_error"),
    502: ("The PBX refused", "pbx_refused"),
    503: ("Not available now", "unavailable"),
    504: ("Took too long", "timeout"),
}
_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (NotFound, 404),
    (AlreadyExists, 409),
    (IllegalTransition, 409),
    (PhoneRefused, 502),
    (StoreAway, 503),
    (PbxRefused, 502),
    (AudioDamaged, 409),
    (CursorRefused, 400),
    (FlowRefused, 422),
    (Refusal, 409),
)


class HttpRefusal(Exception):  # noqa: N818 - a refusal is no error
    """Stops a request with this problem."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}


def problem_response(
    status: int,
    detail: str = "",
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """The response that says it."""
    title, code = TITLES.get(status, (f"Status {status}", f"status_{status}"))
    problem = Problem(title=title, status=status, code=code, detail=detail, errors=errors or [])
    body = msgspec.json.encode(problem)
    return web.Response(body=body, status=status, content_type=MEDIA_TYPE, headers=headers)


def refusal_response(refusal: Refusal) -> web.Response:
    """A refusal of the domain, as HTTP says it."""
    status = next(status for kind, status in _STATUS if isinstance(refusal, kind))
    errors = refusal.problems if isinstance(refusal, FlowRefused) else None
    return problem_response(status, str(refusal), errors=errors)
