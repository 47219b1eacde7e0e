"""`/phone`: what a browser needs to be a phone: where it registers, its ways through firewalls (P3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ari_app.model.account import Role
from ari_app.web.route import Ask, Route

OPERATORS: frozenset[Role] = frozenset({"operator"})
TURN_S = 8 * 3600
"""A shift: so long may a password for the relay be used."""


class IceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """As the browser wants it (W3C WebRTC, `RTCIceServer`)."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class BrowserPhoneOut(msgspec.Struct, frozen=True):
    """`place` null: no browser phones here. `ice_servers`: for those whose network blocks the direct way."""

    place: str | None
    ice_servers: list[IceServer]


@dataclass(frozen=True, slots=True)
class PhoneApi:
    """Settings of browser phones. `sources`: the WebSockets' origins; `ice`: `stun:…`, `turn:…` addresses."""

    sources: Sequence[str]
    ice: Sequence[str] = ()
    turn_secret: str = ""

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/phone",
                self.phone,
                "How a browser becomes a phone",
                OPERATORS,
                answer=BrowserPhoneOut,
            )
        ]

    async def phone(self, ask: Ask) -> BrowserPhoneOut:
        stun = [url for url in self.ice if url.startswith("stun")]
        turn = [url for url in self.ice if url.startswith("turn")]
        servers = [IceServer(stun)] if stun else []
        if turn:
            name = f"{int(ask.now) + TURN_S}:{ask.principal.operator}"
            servers.append(IceServer(turn, name, relay_password(self.turn_secret, name)))
        return BrowserPhoneOut(self._place(), servers)

    def _place(self) -> str | None:
        secure = next((source for source in self.sources if source.startswith("wss://")), None)
        if secure is None:
            return None
        return secure if secure.count("/") > 2 else f"{secure}/ws"


def relay_password(secret: str, name: str) -> str:
    """What the relay can check by itself: coturn's `use-auth-secret`, draft-uberti-behave-turn-rest."""
    return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()
