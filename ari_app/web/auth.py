"""Who asks: bearer tokens, console sessions with CSRF protection, and a brake on guessing (X7)."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

from ari_app.ports import Clock
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import Principal
from ari_app.web.stores import Sessions, Tokens

COOKIE = "ramal_session"
CSRF_HEADER = "X-Ramal-CSRF"
SESSION_S = 12 * 3600.0
_REMEMBER_S = 2.0
_REMEMBERED = 10_000
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="ramal"'}


class Brake:
    """Allows `most` tries per `window_s` and key; remembers a bounded number of keys."""

    def __init__(self, clock: Callable[[], float], most: int, window_s: float) -> None:
        self._clock = clock
        self._most = most
        self._window_s = window_s
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Count a try; 0: go on, else seconds until the next one is allowed."""
        now = self._clock()
        tries = [at for at in self._tries.pop(key, []) if at > now - self._window_s]
        self._tries[key] = tries
        if len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)
        if len(tries) >= self._most:
            return tries[0] + self._window_s - now
        tries.append(now)
        return 0.0

    def forget(self, key: str) -> None:
        """A success clears the record."""
        self._tries.pop(key, None)


class Authenticator:
    """Finds the principal of a request; what was found is remembered for two seconds, to spare the store."""

    def __init__(self, tokens: Tokens, sessions: Sessions, clock: Clock) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()

    def forget(self) -> None:
        """Somebody's rights changed: ask the store again."""
        self._known.clear()

    async def principal(self, request: web.Request) -> Principal | None:
        """None: anonymous. Raises `HttpRefusal` for credentials that are not good."""
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise HttpRefusal(401, "Only bearer tokens are taken here.", headers=_CHALLENGE)
            found = await self._remembered(f"t:{token.strip()}", self._by_token)
            if found is None:
                raise HttpRefusal(401, "The token is unknown or has expired.", headers=_CHALLENGE)
            return found
        cookie = request.cookies.get(COOKIE)
        return await self._remembered(f"s:{cookie}", self._by_cookie) if cookie else None

    async def required(self, request: web.Request) -> Principal:
        """The principal of a request that may not be anonymous. Raises `HttpRefusal`."""
        found = await self.principal(request)
        if found is None:
            raise HttpRefusal(401, "Send a bearer token or sign in.", headers=_CHALLENGE)
        return found

    async def _remembered(self, key: str, find: Callable[[str], object]) -> Principal | None:
        now = self._clock.monotonic()
        known = self._known.get(key)
        if known is not None and known[0] > now:
            return known[1]
        self._known.pop(key, None)
        found = await find(key[2:])  # type: ignore[misc]
        if isinstance(found, Principal):
            self._known[key] = (now + _REMEMBER_S, found)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return found
        return None

    async def _by_token(self, token: str) -> Principal | None:
        found = await self._tokens.find(token, now=self._clock.now())
        if found is None:
            return None
        return Principal(f"token:{found.name}", found.role, found.client, found.operator)

    async def _by_cookie(self, cookie: str) -> Principal | None:
        found = await self._sessions.find(cookie, now=self._clock.now())
        if found is None:
            return None
        return Principal(found.username, found.role, found.client, found.operator, found.csrf)


def same_origin(request: web.Request) -> bool:
    """Whether a browser says that the request comes from a page of ours (a tool says nothing)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def check_forgery(request: web.Request, principal: Principal) -> None:
    """A write by cookie must come from our own page and carry its session's token. Raises `HttpRefusal`."""
    if principal.csrf is None:
        return
    if not same_origin(request):
        raise HttpRefusal(403, "The request comes from another site.")
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), principal.csrf.encode()):
        raise HttpRefusal(403, f"The header {CSRF_HEADER} does not carry the session's token.")
