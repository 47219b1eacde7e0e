"""Who knocks too often with wrong names or passwords is not heard for a while: rule and execution (X8).

The rule: `Rule.failures` refused requests from one address within `Rule.window_s` ban it for `Rule.first_s`,
the next time twice as long, up to `Rule.longest_s`. Addresses that are never to be banned (the carrier's) are
not, nor those at which one of our phones is registered: whoever forges a sender's address must not lock these
out.

Asterisk tells of refused requests by AMI's security events, and refuses a banned address with 403 before it
looks at anything: an access list in memory for each, made over ARI (res_pjsip_acl asks for them with each
message).
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import structlog

from ari_app.asterisk.ari.outcome import Gone, Ok, Outcome, Refused
from ari_app.ports import Clock, NotFound, SipBan

log = structlog.get_logger()

FAILURES = frozenset(
    {"InvalidAccountID", "InvalidPassword", "ChallengeResponseFailed", "AuthMethodNotAllowed"}
)
MOST_ADDRESSES = 20_000
"""Addresses remembered at once; the one unheard of for longest is forgotten first."""
TICK_S = 1.0

Hosts = Callable[[], Awaitable[Outcome[set[str]]]]
Write = Callable[[str, dict[str, str]], Awaitable[Outcome[Any]]]
Delete = Callable[[str], Awaitable[Outcome[None]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """See the module; times in seconds."""

    failures: int = 10
    window_s: float = 60.0
    first_s: float = 600.0
    longest_s: float = 86_400.0


@dataclass(slots=True)
class _Address:
    failed_at: deque[float] = field(default_factory=deque)
    bans: int = 0


class Offences:
    """Counts failures by address; pure: time is an argument."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def failed(self, address: str, now: float) -> float | None:
        """One more failure; gives for how long to ban the address now, or None."""
        known = self._addresses.setdefault(address, _Address())
        self._addresses.move_to_end(address)
        if len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        known.failed_at.append(now)
        while known.failed_at[0] <= now - self._rule.window_s:
            known.failed_at.popleft()
        if len(known.failed_at) < self._rule.failures:
            return None
        known.failed_at.clear()
        known.bans += 1
        return min(self._rule.longest_s, self._rule.first_s * 2.0 ** min(known.bans - 1, 20))

    def known_before(self, address: str) -> None:
        """It was banned once, before a restart: the next ban is longer."""
        self._addresses.setdefault(address, _Address()).bans += 1


def address_of(event: dict[str, str]) -> str | None:
    """The sender's address in a security event: `IPV4/UDP/192.0.2.7/5060`; None: none that is one."""
    parts = event.get("RemoteAddress", "").split("/")
    if event.get("Service") != "PJSIP" or len(parts) != 4:
        return None
    try:
        return str(ipaddress.ip_address(parts[2].strip("[]")))
    except ValueError:
        return None


class SipGuard:
    """`ports.SipBans`: bans in force, kept over restarts in a file of the state folder."""

    def __init__(
        self,
        *,
        write: Write,
        delete: Delete,
        phones: Hosts,
        clock: Clock,
        file: Path,
        never: Collection[str] = (),
        rule: Rule | None = None,
    ) -> None:
        """`phones` gives the addresses at which phones are registered now."""
        self._write = write
        self._delete = delete
        self._phones = phones
        self._clock = clock
        self._file = file
        self._never = frozenset(never)
        self._offences = Offences(rule or Rule())
        self._bans: dict[str, SipBan] = _remembered(file)
        self._unapplied: set[str] = set(self._bans)
        self._asked: asyncio.Queue[SipBan] = asyncio.Queue()
        for address in self._bans:
            self._offences.known_before(address)

    # -- what is told ----------------------------------------------------------------------------------------

    def on_event(self, event: dict[str, str]) -> None:
        """An AMI event; others than failures change nothing. Never blocks."""
        if event.get("Event") not in FAILURES:
            return
        address = address_of(event)
        if address is None or address in self._never or address in self._bans:
            return
        now = self._clock.now()
        banned_s = self._offences.failed(address, now)
        if banned_s is not None:
            reason = f"{event['Event']}, last for {event.get('AccountID', '')[:40]!r}"
            self._asked.put_nowait(SipBan(address, now, now + banned_s, reason))

    def connected(self) -> None:
        """The PBX is seen (again): it may have forgotten its lists."""
        self._unapplied = set(self._bans)

    # -- ports.SipBans ---------------------------------------------------------------------------------------

    def bans(self) -> list[SipBan]:
        return sorted(self._bans.values(), key=lambda ban: ban.since, reverse=True)

    async def lift(self, address: str) -> None:
        """See the port."""
        if address not in self._bans:
            raise NotFound(f"address {address} is not banned")
        await self._free(address)

    # -- doing -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._ban(await self._asked.get())
            now = self._clock.now()
            for address in [ban.address for ban in self._bans.values() if ban.until <= now]:
                await self._free(address)
            for address in list(self._unapplied):
                await self._apply(address)

    async def _ban(self, ban: SipBan) -> None:
        if ban.address in self._bans:
            return  # asked for again before the first was in force: lifted once, it is over
        at_home = await self._phones()
        if not isinstance(at_home, Ok):
            log.warning("sip.not_banned", address=ban.address, answer=str(at_home))
            return
        if ban.address in at_home.value:
            log.error("sip.attack_from_a_phones_address", address=ban.address, reason=ban.reason)
            return
        self._bans[ban.address] = ban
        log.warning("sip.banned", address=ban.address, seconds=ban.until - ban.since, reason=ban.reason)
        self._keep()
        await self._apply(ban.address)

    async def _apply(self, address: str) -> None:
        bits = ipaddress.ip_address(address).max_prefixlen
        done = await self._write(_name(address), {"deny": f"{address}/{bits}"})
        # Asterisk 22.10 makes the list and cannot show it: 500 Allocation failed.
        if isinstance(done, Ok) or (isinstance(done, Refused) and done.status == 500):
            self._unapplied.discard(address)
        else:
            self._unapplied.add(address)

    async def _free(self, address: str) -> None:
        done = await self._delete(_name(address))
        if isinstance(done, Ok | Gone):
            self._bans.pop(address, None)
            self._unapplied.discard(address)
            self._keep()
            log.info("sip.ban_over", address=address)

    def _keep(self) -> None:
        part = self._file.with_suffix(".part")
        try:
            part.write_bytes(msgspec.json.encode(list(self._bans.values())))
            part.replace(self._file)
        except OSError as error:
            log.warning("sip.bans_not_kept", error=str(error))


def _name(address: str) -> str:
    return "ban-" + address.replace(":", "-").replace(".", "-")


def _remembered(file: Path) -> dict[str, SipBan]:
    try:
        bans = msgspec.json.decode(file.read_bytes(), type=list[SipBan])
    except (OSError, msgspec.DecodeError):
        return {}
    return {ban.address: ban for ban in bans}
