"""Who may use the API: console users, API tokens, signed-in browsers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ari_app.model.account import ApiToken, Role, Session, User
from ari_app.model.ids import ClientId, OperatorId
from ari_app.ports import AlreadyExists, NotFound, Page
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.paging import newest_first, page_of
from ari_app.storage.secrets import Passwords, SecretBox, new_token, token_hash, totp_step

_U = schema.users.c
_T = schema.api_tokens.c
_S = schema.sessions.c


class TokenStore:
    """API tokens, looked up by hash."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    async def issue(
        self,
        name: str,
        role: Role,
        *,
        now: float,
        client: ClientId | None = None,
        operator: OperatorId | None = None,
        expires_at: float | None = None,
        token: str | None = None,
    ) -> tuple[ApiToken, str]:
        """A new token and its clear text, told this once; `token`: one chosen by the set-up."""
        clear = token or new_token()
        made = ApiToken(uuid.uuid4().hex, name, role, client, operator, now, expires_at)
        row = {
            "id": made.id,
            "client_id": client,
            "name": name,
            "role": role,
            "operator_id": operator,
            "sha256": token_hash(clear),
            "created_at": now,
            "expires_at": expires_at,
        }
        async with self._engine.begin() as connection:
            await connection.execute(delete(schema.api_tokens).where(_T.sha256 == row["sha256"]))
            await connection.execute(insert(schema.api_tokens).values(row))
        return made, clear

    async def find(self, clear: str, *, now: float) -> ApiToken | None:
        """The token, unless unknown or expired."""
        async with self._engine.connect() as connection:
            query = select(schema.api_tokens).where(_T.sha256 == token_hash(clear))
            row = (await connection.execute(query)).mappings().first()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= now):
            return None
        return _token_of(row)

    async def page(
        self, client: ClientId | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ApiToken]:
        """Newest first. Raises `CursorRefused`."""
        query = select(schema.api_tokens)
        if client is not None:
            query = query.where(_T.client_id == client)
        async with self._engine.connect() as connection:
            found = await connection.execute(newest_first(query, _T.created_at, _T.id, cursor, limit))
            items = [_token_of(row) for row in found.mappings()]
        last = items[:limit][-1] if items else None
        return page_of(items, limit, (last.created_at, last.id) if last else None)

    async def revoke(self, ident: str, client: ClientId | None = None) -> None:
        """Raises `NotFound`."""
        query = delete(schema.api_tokens).where(_T.id == ident)
        if client is not None:
            query = query.where(_T.client_id == client)
        async with self._engine.begin() as connection:
            if not (await connection.execute(query)).rowcount:
                raise NotFound(f"token {ident} does not exist")


class UserStore:
    """Console users with argon2id passwords and an optional second factor."""

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        passwords: Passwords,
        wall: Callable[[], float] | None = None,
    ) -> None:
        """`wall`: the machine's wall clock, which need not agree with the time of records (`now`).

        Authenticator apps go by true time. Which of the two clocks is true nobody knows until somebody has
        said so, and he must be able to sign in for that: codes of either count.
        """
        self._engine = database.engine
        self._box = box
        self._passwords = passwords
        self._wall = wall

    async def insert(self, user: User, password: str, *, now: float) -> None:
        """Raises `AlreadyExists`."""
        row = {
            "username": user.username,
            "client_id": user.client,
            "role": user.role,
            "password_hash": await self._passwords.hash(password),
            "enabled": user.enabled,
            "totp_last_step": 0,
            "created_at": now,
        }
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(schema.users).values(row))
        except IntegrityError as error:
            raise AlreadyExists(f"user {user.username} exists already") from error

    async def page(self, client: ClientId | None = None, *, after: str = "", limit: int = 50) -> Page[User]:
        """By name; `next` is the last name of this page when more follow."""
        query = select(schema.users).where(_U.username > after).order_by(_U.username).limit(limit + 1)
        if client is not None:
            query = query.where(_U.client_id == client)
        async with self._engine.connect() as connection:
            found = [_user_of(row) for row in (await connection.execute(query)).mappings()]
        items = tuple(found[:limit])
        return Page(items, items[-1].username if len(found) > limit else None)

    async def find(self, username: str) -> User | None:
        row = await self._row(username)
        return _user_of(row) if row else None

    async def change(
        self,
        username: str,
        *,
        password: str | None = None,
        role: Role | None = None,
        enabled: bool | None = None,
    ) -> None:
        """Change what is given and end the user's sessions. Raises `NotFound`."""
        columns: dict[str, Any] = {}
        if password is not None:
            columns["password_hash"] = await self._passwords.hash(password)
        if role is not None:
            columns["role"] = role
        if enabled is not None:
            columns["enabled"] = enabled
        await self._update(username, columns)

    async def delete(self, username: str) -> None:
        """Raises `NotFound`."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(schema.sessions).where(_S.username == username))
            gone = await connection.execute(delete(schema.users).where(_U.username == username))
        if not gone.rowcount:
            raise NotFound(f"user {username} does not exist")

    async def verify(self, username: str, password: str, code: str | None, *, now: float) -> User | None:
        """The user, if enabled, the password fits and, where set up, the second factor's code too."""
        row = await self._row(username)
        known = row["password_hash"] if row and row["enabled"] else None
        if not await self._passwords.verify(known, password) or row is None:
            return None
        return _user_of(row) if await self._second_factor_fits(row, code, now) else None

    async def start_second_factor(self, username: str, secret: bytes, code: str, *, now: float) -> bool:
        """Ask for codes of this TOTP secret from now on; ends the user's sessions.

        False: the code is not of this secret, or there is a second factor already. Raises `NotFound`.
        """
        row = await self._row(username)
        step = self._step(secret, code, now, 0)
        if row is None or row["totp_secret"] is not None or step is None:
            return False
        sealed = self._box.seal(f"totp:{username}", secret.hex())
        await self._update(username, {"totp_secret": sealed, "totp_last_step": step})
        return True

    async def end_second_factor(self, username: str) -> None:
        """Ask for no codes any more; ends the user's sessions. Raises `NotFound`."""
        await self._update(username, {"totp_secret": None, "totp_last_step": 0})

    def _step(self, secret: bytes, code: str, now: float, last_step: int) -> int | None:
        clocks = (self._wall(), now) if self._wall is not None else (now,)
        found = (totp_step(secret, code, clock, last_step) for clock in clocks)
        return next((step for step in found if step is not None), None)

    async def _second_factor_fits(self, row: Any, code: str | None, now: float) -> bool:
        if row["totp_secret"] is None:
            return True
        secret = bytes.fromhex(self._box.open(f"totp:{row['username']}", row["totp_secret"]))
        step = self._step(secret, code or "", now, row["totp_last_step"])
        if step is None:
            return False
        query = (
            update(schema.users)
            .where(_U.username == row["username"], _U.totp_last_step == row["totp_last_step"])
            .values(totp_last_step=step)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(query)).rowcount == 1

    async def _row(self, username: str) -> Any:
        async with self._engine.connect() as connection:
            query = select(schema.users).where(_U.username == username)
            return (await connection.execute(query)).mappings().first()

    async def _update(self, username: str, columns: dict[str, Any]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(schema.sessions).where(_S.username == username))
            query = update(schema.users).where(_U.username == username)
            done = await connection.execute(query.values(columns or {"username": username}))
        if not done.rowcount:
            raise NotFound(f"user {username} does not exist")


class SessionStore:
    """Signed-in browsers, looked up by the hash of their cookie."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    async def open(
        self, user: User, operator: OperatorId | None, *, now: float, lasts_s: float
    ) -> tuple[str, Session]:
        """A new session and its cookie's value; old ones that have run out are swept."""
        cookie = new_token()
        session = Session(user.username, user.role, user.client, operator, new_token(), now + lasts_s)
        row = {
            "sha256": token_hash(cookie),
            "client_id": user.client,
            "username": user.username,
            "role": user.role,
            "operator_id": operator,
            "csrf": session.csrf,
            "created_at": now,
            "expires_at": session.expires_at,
        }
        async with self._engine.begin() as connection:
            await connection.execute(delete(schema.sessions).where(_S.expires_at <= now))
            await connection.execute(insert(schema.sessions).values(row))
        return cookie, session

    async def find(self, cookie: str, *, now: float) -> Session | None:
        async with self._engine.connect() as connection:
            query = select(schema.sessions).where(_S.sha256 == token_hash(cookie), _S.expires_at > now)
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        return Session(
            row["username"], row["role"], row["client_id"], row["operator_id"], row["csrf"], row["expires_at"]
        )

    async def close(self, cookie: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(schema.sessions).where(_S.sha256 == token_hash(cookie)))


def _token_of(row: Any) -> ApiToken:
    return ApiToken(
        row["id"],
        row["name"],
        row["role"],
        row["client_id"],
        row["operator_id"],
        row["created_at"],
        row["expires_at"],
    )


def _user_of(row: Any) -> User:
    second_factor = row["totp_secret"] is not None
    return User(row["username"], row["role"], row["client_id"], row["enabled"], second_factor)
