"""Who knocks too often is banned by the rule, and nobody else is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ari_app.asterisk.ari.outcome import Gone, Ok, Outcome, Refused
from ari_app.asterisk.bans import Offences, Rule, SipGuard, address_of
from ari_app.ports import NotFound
from tests.fakes.loop import LoopClock, run

BAD, HOME, CARRIER = "192.0.2.7", "192.0.2.8", "192.0.2.9"
RULE = Rule(failures=3, window_s=60, first_s=100, longest_s=300)


def failure(address: str, kind: str = "InvalidAccountID") -> dict[str, str]:
    return {
        "Event": kind,
        "Service": "PJSIP",
        "AccountID": "100",
        "RemoteAddress": f"IPV4/UDP/{address}/5060",
    }


def test_X8_ten_failures_in_a_minute_ban_and_each_time_for_longer() -> None:
    offences = Offences(RULE)
    assert [offences.failed(BAD, at) for at in (0.0, 1.0)] == [None, None]
    assert offences.failed(BAD, 59.0) == 100
    assert [offences.failed(BAD, at) for at in (200.0, 261.0, 262.0)] == [None, None, None]  # spread out
    assert offences.failed(BAD, 300.0) == 200
    assert [offences.failed(BAD, 500.0) for _ in range(3)][-1] == 300
    assert [offences.failed(BAD, 900.0) for _ in range(3)][-1] == 300


def test_X8_only_sip_requests_with_an_address_count() -> None:
    assert address_of(failure(BAD)) == BAD
    assert address_of(failure(BAD) | {"Service": "AMI"}) is None
    assert address_of({"Service": "PJSIP", "RemoteAddress": "IPV6/TLS/[2001:db8::1]/5061"}) == "2001:db8::1"
    assert address_of({"Service": "PJSIP", "RemoteAddress": "IPV4/UDP/evil/5060"}) is None


class Pbx:
    """The lists of one Asterisk, which makes one and cannot show it."""

    def __init__(self) -> None:
        self.lists: dict[str, str] = {}
        self.is_away = False

    async def write(self, name: str, fields: dict[str, str]) -> Outcome[Any]:
        if self.is_away:
            return Refused(503, "away")
        self.lists[name] = fields["deny"]
        return Refused(500, "Allocation failed")

    async def delete(self, name: str) -> Outcome[None]:
        return Ok(None) if self.lists.pop(name, None) else Gone("no such list")

    async def phones(self) -> Outcome[set[str]]:
        return Ok({HOME})


@asynccontextmanager
async def guarding(pbx: Pbx, file: Path) -> AsyncIterator[SipGuard]:
    guard = SipGuard(
        write=pbx.write,
        delete=pbx.delete,
        phones=pbx.phones,
        clock=LoopClock(),
        file=file,
        never=(CARRIER,),
        rule=RULE,
    )
    task = asyncio.create_task(guard.run())
    yield guard
    task.cancel()


def test_X8_a_ban_is_written_kept_over_restarts_and_ends(tmp_path: Path) -> None:
    pbx, file = Pbx(), tmp_path / "bans.json"

    async def story() -> None:
        async with guarding(pbx, file) as guard:
            for address in (BAD, HOME, CARRIER):
                for kind in (
                    "InvalidAccountID",
                    "ChallengeResponseFailed",
                    "InvalidPassword",
                    "SuccessfulAuth",
                ):
                    guard.on_event(failure(address, kind))
            await asyncio.sleep(2)
            assert pbx.lists == {"ban-192-0-2-7": "192.0.2.7/32"}
            assert [ban.address for ban in guard.bans()] == [BAD]
        pbx.lists.clear()  # the PBX was restarted too
        async with guarding(pbx, file) as guard:
            pbx.is_away = True
            await asyncio.sleep(2)
            pbx.is_away = False
            await asyncio.sleep(2)
            assert set(pbx.lists) == {"ban-192-0-2-7"}
            pbx.lists.clear()
            guard.connected()
            await asyncio.sleep(2)
            assert set(pbx.lists) == {"ban-192-0-2-7"}
            await asyncio.sleep(100)
            assert pbx.lists == {}
            assert guard.bans() == []
            for _ in range(3):
                guard.on_event(failure(BAD))
            await asyncio.sleep(2)
            assert guard.bans()[0].until - guard.bans()[0].since == 200
            await guard.lift(BAD)
            assert pbx.lists == {}
            with pytest.raises(NotFound):
                await guard.lift(BAD)

    run(story())


def test_X8_failures_that_pour_in_before_the_ban_is_in_force_make_one_ban_and_not_the_next_longer_ones(
    tmp_path: Path,
) -> None:
    pbx = Pbx()

    async def story() -> None:
        async with guarding(pbx, tmp_path / "bans.json") as guard:
            for _ in range(3 * RULE.failures):
                guard.on_event(failure(BAD))
            await asyncio.sleep(2)
            assert [ban.until - ban.since for ban in guard.bans()] == [RULE.first_s]
            await guard.lift(BAD)
            await asyncio.sleep(2)
            assert guard.bans() == []

    run(story())
