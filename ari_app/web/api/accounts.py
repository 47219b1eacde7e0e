"""`/users`, `/tokens` and `/audit`: who may do what, and what they did (X7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ari_app.model.account import Role, User
from ari_app.model.ids import ClientId, OperatorId
from ari_app.ports import NotFound
from ari_app.web.account_views import AuditOut, TokenOut, UserOut, audit_out, token_out, user_out
from ari_app.web.api.inputs import Cursor, Extension, Key, Limit, Moment, Name, Paged, epoch
from ari_app.web.auth import Authenticator
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import ADMINS, AUDITORS, Ask, Principal, Route
from ari_app.web.stores import Audit, Tokens, Users
from ari_app.web.views import Listing

Username = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9._-]{1,31}\Z", max_length=32)]
Password = Annotated[str, Meta(min_length=12, max_length=256)]
UserRole = Literal["supervisor", "admin", "auditor", "client"]


class UserIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new user of the console; the role `client` needs a client."""

    username: Username
    password: Password
    role: UserRole
    client: Key | None = None


class UserPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; the user's sessions end."""

    password: Password | None = None
    role: UserRole | None = None
    enabled: bool | None = None


class TokenIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new API token; `operator` for the role operator."""

    name: Name
    role: Role
    client: Key | None = None
    operator: Extension | None = None
    expires_at: Moment | None = None


class AuditQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The audit log is paged by `seq`; `target`: only what was done to this (an id of the path)."""

    cursor: Cursor | None = None
    target: Annotated[str, Meta(max_length=200)] | None = None
    limit: Limit = 100


class ChainOut(msgspec.Struct, frozen=True):
    """Whether the chain is whole; `first_broken`: the first row changed, or following a missing one."""

    whole: bool
    first_broken: int | None


def _client_for(principal: Principal, asked: str | None, role: str) -> ClientId | None:
    """The client a new account is bound to: nobody hands out more than they have."""
    client = ClientId(asked) if asked else principal.client
    if principal.client is not None and client != principal.client:
        raise HttpRefusal(403, "Your access is bound to another client.")
    if role == "client" and client is None:
        raise HttpRefusal(422, "The role client needs a client.", errors=[{"path": "$.client"}])
    return client


@dataclass(frozen=True, slots=True)
class AccountsApi:
    """Users, tokens and the audit log."""

    users: Users
    tokens: Tokens
    audit: Audit
    authenticator: Authenticator

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/users",
                self.list_users,
                "Console users, by name",
                AUDITORS,
                query=Paged,
                answer=Listing[UserOut],
            ),
            Route(
                "POST",
                "/users",
                self.add_user,
                "Create a console user",
                ADMINS,
                body=UserIn,
                answer=UserOut,
                status=201,
                problems=(409,),
            ),
            Route(
                "PATCH",
                "/users/{username}",
                self.change_user,
                "Change a user; ends the user's sessions",
                ADMINS,
                body=UserPatch,
                answer=UserOut,
                problems=(404, 409),
            ),
            Route(
                "DELETE",
                "/users/{username}",
                self.delete_user,
                "Delete a user",
                ADMINS,
                problems=(404, 409),
            ),
            Route(
                "GET",
                "/tokens",
                self.list_tokens,
                "API tokens, newest first",
                AUDITORS,
                query=Paged,
                answer=Listing[TokenOut],
            ),
            Route(
                "POST",
                "/tokens",
                self.add_token,
                "Issue an API token, told this once",
                ADMINS,
                body=TokenIn,
                answer=TokenOut,
                status=201,
            ),
            Route("DELETE", "/tokens/{id}", self.revoke, "Revoke a token", ADMINS, problems=(404,)),
            Route(
                "GET",
                "/audit",
                self.entries,
                "Acts, newest first",
                AUDITORS,
                query=AuditQuery,
                answer=Listing[AuditOut],
            ),
            Route(
                "GET",
                "/audit/check",
                self.check,
                "Whether the audit log is whole",
                AUDITORS,
                answer=ChainOut,
                installation=True,
            ),
        ]

    async def list_users(self, ask: Ask) -> Listing[UserOut]:
        query: Paged = ask.query
        page = await self.users.page(ask.principal.client, after=query.cursor or "", limit=query.limit)
        return Listing([user_out(user) for user in page.items], page.next)

    async def add_user(self, ask: Ask) -> UserOut:
        body: UserIn = ask.body
        user = User(body.username, body.role, _client_for(ask.principal, body.client, body.role))
        await self.users.insert(user, body.password, now=ask.now)
        return user_out(user)

    async def change_user(self, ask: Ask) -> UserOut:
        body: UserPatch = ask.body
        user = await self._visible(ask)
        if user.username == ask.principal.name and (
            body.enabled is False or body.role not in {None, "admin"}
        ):
            raise HttpRefusal(409, "You cannot take your own rights away.")
        if body.role is not None:
            _client_for(ask.principal, user.client, body.role)
        await self.users.change(user.username, password=body.password, role=body.role, enabled=body.enabled)
        self.authenticator.forget()
        return user_out(await self._visible(ask))

    async def delete_user(self, ask: Ask) -> None:
        user = await self._visible(ask)
        if user.username == ask.principal.name:
            raise HttpRefusal(409, "You cannot delete yourself.")
        await self.users.delete(user.username)
        self.authenticator.forget()

    async def list_tokens(self, ask: Ask) -> Listing[TokenOut]:
        query: Paged = ask.query
        page = await self.tokens.page(ask.principal.client, cursor=query.cursor, limit=query.limit)
        return Listing([token_out(token) for token in page.items], page.next)

    async def add_token(self, ask: Ask) -> TokenOut:
        body: TokenIn = ask.body
        if (body.role == "operator") != (body.operator is not None):
            raise HttpRefusal(422, "The role operator, and only it, needs an operator.")
        token, clear = await self.tokens.issue(
            body.name,
            body.role,
            now=ask.now,
            client=_client_for(ask.principal, body.client, body.role),
            operator=None if body.operator is None else OperatorId(body.operator),
            expires_at=epoch(body.expires_at),
        )
        return token_out(token, clear)

    async def revoke(self, ask: Ask) -> None:
        await self.tokens.revoke(ask.path["id"], ask.principal.client)
        self.authenticator.forget()

    async def entries(self, ask: Ask) -> Listing[AuditOut]:
        query: AuditQuery = ask.query
        before = None
        if query.cursor is not None:
            if not (query.cursor.isascii() and query.cursor.isdigit() and len(query.cursor) < 19):
                raise HttpRefusal(400, "cursor: is not one of ours")
            before = int(query.cursor)
        rows = await self.audit.entries(
            before=before, client=ask.principal.client, target=query.target, limit=query.limit + 1
        )
        following = str(rows[query.limit - 1].seq) if len(rows) > query.limit else None
        return Listing([audit_out(row) for row in rows[: query.limit]], following)

    async def check(self, ask: Ask) -> ChainOut:  # noqa: ARG002 - a handler takes an Ask
        broken = await self.audit.first_broken()
        return ChainOut(broken is None, broken)

    async def _visible(self, ask: Ask) -> User:
        username = ask.path["username"]
        user = await self.users.find(username)
        if user is None or (ask.principal.client is not None and user.client != ask.principal.client):
            raise NotFound(f"user {username} does not exist")
        return user
