"""`/session`: signing in to the console and out, and the second factor (RFC 6238, optional per user)."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

import msgspec
from aiohttp import web
from msgspec import Meta

from ari_app.model.account import User
from ari_app.model.ids import OperatorId
from ari_app.ports import Clock
from ari_app.web.account_views import SessionOut
from ari_app.web.auth import COOKIE, SESSION_S, Authenticator, Brake, same_origin
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import ANYBODY, EVERYBODY, Ask, Route
from ari_app.web.stores import ConsolePasswords, Sessions, Users

_EXTENSION = re.compile(r"[0-9]{2,8}", re.ASCII)
_SECRET_BYTES = 20
Code = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user by name, an operator by extension; `code` where a second factor is set up."""

    username: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    code: Code | None = None


class NewFactor(msgspec.Struct, frozen=True):
    """A secret for an authenticator app; it counts once it is confirmed with a code."""

    secret: str
    uri: str


class ConfirmFactor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The secret and a code the app made of it."""

    secret: Annotated[str, Meta(pattern=r"^[A-Z2-7]{32}\Z")]
    code: Code


class RemoveFactor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Password and a last code."""

    password: Annotated[str, Meta(min_length=1, max_length=256)]
    code: Code


class Brakes:
    """How often one may try to sign in; by address and name, by name, by address."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._pair = Brake(clock, 5, 60.0)
        self._name = Brake(clock, 30, 300.0)
        self._address = Brake(clock, 60, 60.0)

    def check(self, address: str, name: str) -> None:
        """Raises `HttpRefusal` 429."""
        wait = max(
            self._address.wait_s(address), self._pair.wait_s(f"{address} {name}"), self._name.wait_s(name)
        )
        if wait > 0:
            headers = {"Retry-After": str(int(wait) + 1)}
            raise HttpRefusal(429, "Too many tries to sign in; wait a little.", headers=headers)

    def forgive(self, address: str, name: str) -> None:
        """It was the right one."""
        self._pair.forget(f"{address} {name}")
        self._name.forget(name)


@dataclass(frozen=True, slots=True)
class SessionApi:
    """Console sessions. `tls`: the cookie is sent over TLS only."""

    users: Users
    operators: ConsolePasswords
    sessions: Sessions
    authenticator: Authenticator
    brakes: Brakes
    clock: Clock
    tls: bool = False

    def routes(self) -> list[Route]:
        factor = "/session/second-factor"
        return [
            Route(
                "POST",
                "/session",
                self.sign_in,
                "Sign in to the console; sets a cookie",
                ANYBODY,
                body=SignIn,
                answer=SessionOut,
                status=201,
                problems=(401, 403, 429),
            ),
            Route("GET", "/session", self.session, "Who asks", EVERYBODY, answer=SessionOut),
            Route("DELETE", "/session", self.sign_out, "Sign out", EVERYBODY),
            Route(
                "POST",
                factor,
                self.new_factor,
                "A new second factor",
                EVERYBODY,
                answer=NewFactor,
                problems=(409,),
            ),
            Route(
                "PUT",
                factor,
                self.confirm,
                "Use it from now on; signs out",
                EVERYBODY,
                body=ConfirmFactor,
                problems=(409, 429),
            ),
            Route(
                "DELETE",
                factor,
                self.remove,
                "Use none any more",
                EVERYBODY,
                body=RemoveFactor,
                problems=(409, 429),
            ),
        ]

    async def sign_in(self, ask: Ask) -> web.Response:
        body: SignIn = ask.body
        if not same_origin(ask.request):
            raise HttpRefusal(403, "The request comes from another site.")
        address = ask.request.remote or ""
        self.brakes.check(address, body.username)
        found = await self._verify(body.username, body.password, body.code)
        if found is None:
            raise HttpRefusal(401, "Name, password or code is wrong.")
        user, operator = found
        self.brakes.forgive(address, body.username)
        cookie, session = await self.sessions.open(user, operator, now=ask.now, lasts_s=SESSION_S)
        shown = SessionOut(user.username, user.role, user.client, operator, session.csrf)
        response = web.Response(body=msgspec.json.encode(shown), status=201, content_type="application/json")
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(SESSION_S),
            path="/",
            httponly=True,
            secure=self.tls,
            samesite="Strict",
        )
        return response

    async def _verify(
        self, username: str, password: str, code: str | None
    ) -> tuple[User, OperatorId | None] | None:
        if _EXTENSION.fullmatch(username):
            operator = await self.operators.verify_console_password(OperatorId(username), password)
            return (User(operator.id, "operator", operator.client), operator.id) if operator else None
        user = await self.users.verify(username, password, code, now=self.clock.now())
        return (user, None) if user else None

    async def session(self, ask: Ask) -> SessionOut:
        who = ask.principal
        return SessionOut(who.name, who.role, who.client, who.operator, who.csrf)

    async def sign_out(self, ask: Ask) -> web.Response:
        cookie = ask.request.cookies.get(COOKIE)
        if cookie and ask.principal.csrf is not None:
            await self.sessions.close(cookie)
            self.authenticator.forget()
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/", secure=self.tls, httponly=True, samesite="Strict")
        return response

    async def new_factor(self, ask: Ask) -> NewFactor:
        name = _user_of(ask)
        secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        uri = f"otpauth://totp/Ramal:{quote(name)}?secret={secret}&issuer=Ramal"
        return NewFactor(secret, uri)

    async def confirm(self, ask: Ask) -> None:
        body: ConfirmFactor = ask.body
        name = _user_of(ask)
        self.brakes.check(ask.request.remote or "", name)
        secret = base64.b32decode(body.secret)
        if not await self.users.start_second_factor(name, secret, body.code, now=ask.now):
            raise HttpRefusal(409, "The code does not fit, or there is a second factor already.")
        self.authenticator.forget()

    async def remove(self, ask: Ask) -> None:
        body: RemoveFactor = ask.body
        name = _user_of(ask)
        self.brakes.check(ask.request.remote or "", name)
        if await self.users.verify(name, body.password, body.code, now=ask.now) is None:
            raise HttpRefusal(409, "Password or code is wrong.")
        await self.users.end_second_factor(name)
        self.authenticator.forget()


def _user_of(ask: Ask) -> str:
    if ask.principal.csrf is None or ask.principal.operator is not None:
        raise HttpRefusal(409, "Only a signed-in user of the console has a second factor.")
    return ask.principal.name
