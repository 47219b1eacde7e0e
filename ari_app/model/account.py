"""Who may use the API and the console, and the record of what they did (X7)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ari_app.model.ids import ClientId, OperatorId

Role = Literal["operator", "supervisor", "admin", "auditor", "client"]


class User(msgspec.Struct, frozen=True):
    """A person of the console; `client` None: not bound to one client company."""

    username: str
    role: Role
    client: ClientId | None = None
    enabled: bool = True
    second_factor: bool = False


class ApiToken(msgspec.Struct, frozen=True):
    """An API token as listed; the token itself is told once and never stored."""

    id: str
    name: str
    role: Role
    client: ClientId | None
    operator: OperatorId | None
    created_at: float
    expires_at: float | None


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser; `csrf` must come back in a header with each write."""

    username: str
    role: Role
    client: ClientId | None
    operator: OperatorId | None
    csrf: str
    expires_at: float


class AuditEntry(msgspec.Struct, frozen=True):
    """One act. `who` is a user, an operator or `token:<name>`; `detail` holds no secrets."""

    at: float
    who: str
    role: str
    address: str
    action: str
    target: str
    status: int
    detail: dict[str, Any]
    client: ClientId | None = None


class AuditRow(msgspec.Struct, frozen=True):
    """An act as read back."""

    seq: int
    entry: AuditEntry
    hash: str
