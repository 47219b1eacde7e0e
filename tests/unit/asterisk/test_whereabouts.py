"""A caller's end is noticed without a subscription to the trunk (`asterisk.whereabouts`), in jumping time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ari_app.asterisk.whereabouts import FIRST_LEG_S, LONGEST_S, TALKING_S, Whereabouts
from ari_app.model.ids import CallId, ChannelId
from tests.fakes.loop import run

ANA, CALL = ChannelId("ana"), CallId("call")


class Pbx:
    """Which channels live, how often it was asked, and who was reported gone, when."""

    def __init__(self) -> None:
        self.living: set[ChannelId] = {ANA}
        self.away = False
        self.asked = 0
        self.ended: list[tuple[ChannelId, float]] = []
        self.places = Whereabouts(self.exists, self.told)

    async def exists(self, channel: ChannelId) -> bool | None:
        self.asked += 1
        await asyncio.sleep(0.001)
        return None if self.away else channel in self.living

    def told(self, channel: ChannelId, cause: int) -> None:
        assert cause == 16
        self.ended.append((channel, asyncio.get_running_loop().time()))


def story(of: Callable[[Pbx], Awaitable[None]]) -> Pbx:
    """Run a story and give the PBX afterwards."""

    async def main() -> Pbx:
        pbx = Pbx()
        await of(pbx)
        return pbx

    return run(main())


def test_hang_up_in_stasis_is_told_within_moments() -> None:
    async def hangs_up(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.living.clear()
        pbx.places.left(ANA)
        await asyncio.sleep(60)

    pbx = story(hangs_up)
    assert [who for who, _ in pbx.ended] == [ANA]
    assert pbx.ended[0][1] < 0.1
    assert pbx.asked == 1


def test_hang_up_while_talking_is_told_when_the_leg_ends() -> None:
    async def talks(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.places.sent_on(ANA)
        pbx.places.left(ANA)
        pbx.places.leg_lives(CALL)
        await asyncio.sleep(595)
        assert pbx.asked <= 600 / TALKING_S, "a talk is hardly polled"
        pbx.living.clear()
        pbx.places.leg_ended(CALL)
        await asyncio.sleep(1)

    pbx = story(talks)
    assert [who for who, _ in pbx.ended] == [ANA]
    assert pbx.ended[0][1] < 595.1


def test_hang_up_while_talking_is_found_out_though_nobody_told_of_the_leg() -> None:
    async def talks(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.places.sent_on(ANA)
        pbx.places.leg_lives(CALL)
        await asyncio.sleep(100)
        pbx.living.clear()
        await asyncio.sleep(100)

    pbx = story(talks)
    assert [who for who, _ in pbx.ended] == [ANA]
    assert pbx.ended[0][1] <= 100 + TALKING_S


def test_whom_events_told_of_is_known_until_the_pbx_is_out_of_sight() -> None:
    async def knows(pbx: Pbx) -> None:
        assert not pbx.places.knows(ANA)
        pbx.places.here(ANA, CALL)
        assert pbx.places.knows(ANA)
        pbx.places.clear()
        assert not pbx.places.knows(ANA)

    story(knows)


def test_caller_who_comes_back_after_the_talk_is_not_asked_about() -> None:
    async def comes_back(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.places.sent_on(ANA)
        pbx.places.left(ANA)
        pbx.places.leg_lives(CALL)
        pbx.places.leg_ended(CALL)
        await asyncio.sleep(0.01)
        pbx.places.here(ANA, CALL)
        await asyncio.sleep(600)

    pbx = story(comes_back)
    assert pbx.ended == []
    assert pbx.asked == 0


def test_caller_who_is_slow_to_come_back_is_asked_about_until_he_does() -> None:
    async def is_slow(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.places.sent_on(ANA)
        pbx.places.left(ANA)
        pbx.places.leg_ended(CALL)
        await asyncio.sleep(1)
        assert pbx.asked > 1
        pbx.places.here(ANA, CALL)
        before = pbx.asked
        await asyncio.sleep(600)
        assert pbx.asked == before

    assert story(is_slow).ended == []


def test_hang_up_between_being_sent_on_and_the_first_leg_is_told() -> None:
    async def hangs_up(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.places.sent_on(ANA)
        pbx.places.left(ANA)
        pbx.living.clear()
        await asyncio.sleep(60)

    pbx = story(hangs_up)
    assert pbx.ended[0][1] <= FIRST_LEG_S + 0.1


def test_nobody_is_reported_gone_while_the_pbx_says_nothing() -> None:
    async def stalls(pbx: Pbx) -> None:
        pbx.away = True
        pbx.living.clear()
        pbx.places.here(ANA, CALL)
        pbx.places.left(ANA)
        await asyncio.sleep(60)
        assert pbx.ended == []
        pbx.away = False
        await asyncio.sleep(2 * LONGEST_S)

    assert [who for who, _ in story(stalls).ended] == [ANA]


def test_taken_up_after_a_restart_a_talk_is_hardly_polled_and_its_end_is_told() -> None:
    async def restarts(pbx: Pbx) -> None:
        pbx.places.away(ANA, CALL, alone=False)
        await asyncio.sleep(595)
        assert pbx.asked <= 600 / TALKING_S
        pbx.living.clear()
        pbx.places.leg_ended(CALL)
        await asyncio.sleep(1)

    assert [who for who, _ in story(restarts).ended] == [ANA]


def test_after_the_pbx_was_lost_nothing_is_known_of_anybody() -> None:
    async def loses(pbx: Pbx) -> None:
        pbx.places.here(ANA, CALL)
        pbx.places.left(ANA)
        pbx.places.clear()
        pbx.places.leg_ended(CALL)
        await asyncio.sleep(60)

    pbx = story(loses)
    assert pbx.ended == []
    assert pbx.asked == 0
