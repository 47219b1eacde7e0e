"""Sessions, users, tokens and the audit log as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from ari_app.model.account import ApiToken, AuditRow, Role, User
from ari_app.web.views import Time, optional_time, rfc3339


class SessionOut(msgspec.Struct, frozen=True):
    """Who asks; `csrf` goes into the header `X-Ramal-CSRF` of each write by cookie (null for a token)."""

    username: str
    role: Role
    client: str | None
    operator: str | None
    csrf: str | None


class UserOut(msgspec.Struct, frozen=True):
    """A person of the console."""

    username: str
    role: Role
    client: str | None
    enabled: bool
    second_factor: bool


def user_out(user: User) -> UserOut:
    """A user as the API shows it."""
    return UserOut(user.username, user.role, user.client, user.enabled, user.second_factor)


class TokenOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """An API token; `token` itself only in the answer that creates it."""

    id: str
    name: str
    role: Role
    client: str | None
    operator: str | None
    created_at: Time
    expires_at: Time | None
    token: str = ""


def token_out(token: ApiToken, clear: str = "") -> TokenOut:
    """A token as the API shows it."""
    return TokenOut(
        token.id,
        token.name,
        token.role,
        token.client,
        token.operator,
        rfc3339(token.created_at),
        optional_time(token.expires_at),
        clear,
    )


class AuditOut(msgspec.Struct, frozen=True):
    """One act in the audit log; `hash` covers it and the one before."""

    seq: int
    at: Time
    who: str
    role: str
    address: str
    action: str
    target: str
    status: int
    client: str | None
    detail: dict[str, Any]
    hash: str


def audit_out(row: AuditRow) -> AuditOut:
    """An act as the API shows it."""
    entry = row.entry
    return AuditOut(
        row.seq,
        rfc3339(entry.at),
        entry.who,
        entry.role,
        entry.address,
        entry.action,
        entry.target,
        entry.status,
        entry.client,
        entry.detail,
        row.hash,
    )
