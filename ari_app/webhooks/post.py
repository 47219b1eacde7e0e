"""One try to tell a receiver, with whoever named its address held to be careless.

Private addresses only where an admin of the installation allowed it, and link-local ones (where clouds give
out their secrets) never: what a name resolves to is checked at connect time, so that no answer of a name
server leads inside (DNS rebinding). Redirects are not followed, and nothing of an answer but its status is
kept: a webhook is no way to read what lies behind us.
"""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog

from ari_app.lookups import Guard, GuardedResolver, is_address, is_public
from ari_app.model.webhook import Delivery, Webhook
from ari_app.webhooks.signing import sign

log = structlog.get_logger()

PATIENCE_S = 10.0
AT_ONCE = 64
LONGEST_URL = 2000


class Answer(msgspec.Struct, frozen=True):
    """How a try went; `status` 0: there was no answer."""

    status: int
    error: str = ""
    wait_s: float = 0.0
    """The receiver asked for this much patience."""

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """It wants to hear nothing any more."""
        return self.status == 410


def fault_of(url: str, *, private: bool) -> str:
    """Why nothing may be sent to this address; empty: it may."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        return f"it is no address: {error}"
    if parts.scheme not in {"http", "https"} or not host or port == 0 or len(url) > LONGEST_URL:
        return "an address begins with https:// and a host"
    if parts.scheme == "http" and not private:
        return "only https:// leaves the building"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "names, passwords and fragments do not belong in it"
    if any(ord(character) <= 32 or ord(character) > 126 for character in url):
        return "it holds characters that are to be escaped"
    if is_address(host.partition("%")[0]) and not may_reach(host, private=private):
        return f"{host} is a private address"
    return ""


def may_reach(address: str, *, private: bool) -> bool:
    """Whether we send to this IP address."""
    if is_public(address):
        return True
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return private and not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)


class Poster:
    """Two HTTP clients, one of which reaches our own network. Use as an asynchronous context manager."""

    def __init__(self) -> None:
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        for private in (False, True):
            resolver = GuardedResolver(_guard(private=private))
            connector = aiohttp.TCPConnector(resolver=resolver, limit=AT_ONCE, use_dns_cache=False)
            timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
            self._sessions[private] = aiohttp.ClientSession(
                connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self._sessions.values():
            await session.close()

    async def post(self, webhook: Webhook, delivery: Delivery, secret: str, now: float) -> Answer:
        """Never raises for what the receiver does."""
        fault = fault_of(webhook.url, private=webhook.private)
        if fault:
            return Answer(0, fault)
        body, stamp = delivery.body.encode(), int(now)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Ramal-Webhooks",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(secret, delivery.id, stamp, body),
        }
        try:
            async with self._sessions[webhook.private].post(
                webhook.url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return _answer(response.status, response.headers.get("Retry-After", ""))
        except TimeoutError:
            return Answer(0, f"no answer within {PATIENCE_S:g} s")
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            return Answer(0, f"{type(error).__name__}: {error}"[:200])


def _answer(status: int, retry_after: str) -> Answer:
    wait_s = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
    if 300 <= status < 400:
        return Answer(status, "it redirects, and redirects are not followed")
    return Answer(status, "" if 200 <= status < 300 else f"status {status}", wait_s)


def _guard(*, private: bool) -> Guard:
    def guard(host: str, address: str) -> bool:
        del host
        return may_reach(address, private=private)

    return guard
