"""`/sip/bans`: addresses that knocked too often with wrong names or passwords (X8)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ari_app.ports import SipBan, SipBans
from ari_app.web.route import ADMINS, AUDITORS, Ask, Route
from ari_app.web.views import Listing, Time, rfc3339


class SipBanOut(msgspec.Struct, frozen=True):
    """An address that the PBX refuses, and until when."""

    address: str
    since: Time
    until: Time
    reason: str


@dataclass(frozen=True, slots=True)
class BansApi:
    """Bans in force."""

    guard: SipBans

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/sip/bans",
                self.bans,
                "Addresses whose SIP requests are refused for a while",
                AUDITORS,
                answer=Listing[SipBanOut],
                installation=True,
            ),
            Route(
                "DELETE",
                "/sip/bans/{address}",
                self.lift,
                "Hear an address again at once",
                ADMINS,
                installation=True,
                problems=(404,),
            ),
        ]

    async def bans(self, ask: Ask) -> Listing[SipBanOut]:
        del ask
        return Listing([_out(ban) for ban in self.guard.bans()])

    async def lift(self, ask: Ask) -> None:
        await self.guard.lift(ask.path["address"])


def _out(ban: SipBan) -> SipBanOut:
    return SipBanOut(ban.address, rfc3339(ban.since), rfc3339(ban.until), ban.reason)
