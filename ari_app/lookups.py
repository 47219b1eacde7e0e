"""`Lookups`: other systems asked by HTTP on a flow's behalf, with a flow's author held to be careless.

Only hosts of the site file's `allowed_hosts` are asked, and private addresses only when the host stands there
by name: what a name resolves to is checked at connect time, so that no answer of a name server leads inside
(DNS rebinding). Redirects are not followed. The answer is read up to a limit and must be JSON.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import Self, TypeAlias
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult

from ari_app.model.commands import Lookup
from ari_app.model.signals import LookupCompleted

log = structlog.get_logger()

SUCCESS = range(200, 300)


class LookupRefused(Exception):  # noqa: N818 - a refusal, told to the flow
    """The look-up may not be made; the text says why."""


Guard: TypeAlias = Callable[[str, str], bool]
"""Whether a host may be reached at an address that it resolved to."""


class GuardedResolver(AbstractResolver):
    """Resolves names and refuses addresses that the guard does: asked at connect time, for every request."""

    def __init__(self, may: Guard) -> None:
        self._may = may
        self._inner = aiohttp.DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(self._may(host, result["host"]) for result in found):
            raise PermissionError(errno.EACCES, f"{host} leads to a private address")
        return found

    async def close(self) -> None:
        await self._inner.close()


class HttpLookups:
    """One HTTP client for all calls. Use as an asynchronous context manager."""

    def __init__(
        self, allowed_hosts: Callable[[], Collection[str]], secret: Callable[[str], str | None]
    ) -> None:
        """`allowed_hosts` are the site's; `secret` gives a secret's value by name."""
        self._allowed = allowed_hosts
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._may), limit=100, limit_per_host=20, use_dns_cache=False
        )
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, command: Lookup) -> LookupCompleted:
        """Never raises for what another system does; `error` says what went wrong."""
        answer = LookupCompleted(command.lookup, ok=False, error="not asked")
        for _ in range(command.retries + 1):
            try:
                answer = await self._once(command)
            except LookupRefused as refusal:
                return LookupCompleted(command.lookup, ok=False, error=str(refusal))
            except TimeoutError:
                answer = LookupCompleted(command.lookup, ok=False, error="timeout")
            except (aiohttp.ClientError, OSError, UnicodeError) as error:
                answer = LookupCompleted(
                    command.lookup, ok=False, error=f"{type(error).__name__}: {error}"[:200]
                )
            if answer.ok or answer.status in range(400, 500):
                return answer
        return answer

    async def _once(self, command: Lookup) -> LookupCompleted:
        headers = self._headers(command)
        self._check(command.url)
        if self._session is None:
            raise RuntimeError("the client is not open")
        async with self._session.request(
            command.method,
            command.url,
            headers=headers,
            data=command.body or None,
            timeout=aiohttp.ClientTimeout(total=command.timeout_s),
            allow_redirects=False,
        ) as response:
            data = await response.content.read(command.max_bytes + 1)
            while len(data) <= command.max_bytes and (more := await response.content.read(command.max_bytes)):
                data += more
            return _completed(command, response.status, data)

    def _headers(self, command: Lookup) -> dict[str, str]:
        headers = {"Accept": "application/json", **command.headers}
        for header, name in command.secrets.items():
            value = self._secret(name)
            if value is None:
                raise LookupRefused(f"the secret {name} is not set")
            headers[header] = value
        return headers

    def _may(self, host: str, address: str) -> bool:
        return host in self._allowed() or is_public(address)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or not host:
            raise LookupRefused("only http and https are asked")
        allowed = self._allowed()
        if allowed and host not in allowed:
            raise LookupRefused(f"{host} is not among allowed_hosts")
        if host not in allowed and is_address(host) and not is_public(host):
            raise LookupRefused(f"{host} is a private address")


def _completed(command: Lookup, status: int, data: bytes) -> LookupCompleted:
    name = command.lookup
    if status not in SUCCESS:
        return LookupCompleted(name, ok=False, status=status, error=f"status {status}")
    if len(data) > command.max_bytes:
        return LookupCompleted(name, ok=False, status=status, error=f"more than {command.max_bytes} bytes")
    try:
        body = msgspec.Raw(data or b"null")
        msgspec.json.decode(body)
    except msgspec.DecodeError:
        return LookupCompleted(name, ok=False, status=status, error="the answer is no JSON")
    return LookupCompleted(name, ok=True, status=status, body=body)


def is_address(host: str) -> bool:
    """Whether a host is written as an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address is out in the internet: not loopback, private, multicast, reserved."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast
