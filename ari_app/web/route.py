"""One route as declared: who may, what goes in, what comes out. Server and OpenAPI document read the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aiohttp import web

from ari_app.model.account import Role
from ari_app.model.ids import ClientId, OperatorId
from ari_app.ports import NotFound

EVERYBODY: frozenset[Role] = frozenset({"operator", "supervisor", "admin", "auditor", "client"})
STAFF: frozenset[Role] = frozenset({"supervisor", "admin", "auditor"})
READERS: frozenset[Role] = STAFF | frozenset[Role]({"client"})
LEADERS: frozenset[Role] = frozenset({"supervisor", "admin"})
STAFF_AND_SELF: frozenset[Role] = STAFF | frozenset[Role]({"operator"})
LEADERS_AND_SELF: frozenset[Role] = LEADERS | frozenset[Role]({"operator"})
ADMINS: frozenset[Role] = frozenset({"admin"})
AUDITORS: frozenset[Role] = frozenset({"admin", "auditor"})
ANYBODY: frozenset[Role] = frozenset()
"""No authentication: only for signing in, health and the API's own description."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `client` given: sees and touches only what is that client's."""

    name: str
    role: Role
    client: ClientId | None = None
    operator: OperatorId | None = None
    csrf: str | None = None

    def owns(self, client: ClientId) -> bool:
        """Whether things of this client company are within reach."""
        return self.client is None or self.client == client

    def must_own(self, client: ClientId, what: str) -> None:
        """Raises `NotFound`: what belongs to others does not exist for this one."""
        if not self.owns(client):
            raise NotFound(f"{what} does not exist")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, checked and decoded: what a handler gets."""

    principal: Principal
    path: Mapping[str, str]
    query: Any
    body: Any
    now: float
    request: web.Request
    record: Callable[[int], Awaitable[None]]
    """Write the audit entry now, with this status: for a handler that prepares the response itself."""
    pieces: Callable[[], AsyncIterator[bytes]]
    """The body of a route that `takes` a file, never more than its limit."""


Handler = Callable[[Ask], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path under `/api/v1`.

    `answer` None: 204 without a body. `media_type` other than JSON: the handler returns the response itself.
    `installation`: concerns all clients at once, so a principal bound to one client is refused.
    `audited`: reading, too, is written to the audit log (writing always is).
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    summary: str
    roles: frozenset[Role]
    query: type[Any] | None = None
    body: type[Any] | None = None
    body_optional: bool = False
    answer: Any = None
    status: int = 200
    media_type: str = "application/json"
    installation: bool = False
    audited: bool = False
    problems: tuple[int, ...] = ()
    limit_bytes: int = 64 * 1024
    takes: tuple[str, ...] = ()
    """Media types of a file that the handler reads itself, by `Ask.pieces`."""
    timeout_s: float | None = 15.0

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def action(self) -> str:
        """The name in the audit log and the id in the OpenAPI document, e.g. `post_operators_rotate`."""
        words = [part for part in self.path.strip("/").split("/") if not part.startswith("{")]
        one = ["one"] if self.path.endswith("}") else []
        return "_".join([self.method.lower(), *words, *one]).replace(".", "_")


class Resource(Protocol):
    """A file of `web/api`. A new resource is one file, and one line where the server is made."""

    def routes(self) -> list[Route]: ...
