"""Under each legal profile the dialer itself stops: at the clock, at the cap, at what the law counts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec.structs
import pytest

from ari_app.campaigns.ports import Tally
from ari_app.model.campaign import Phone
from ari_app.model.ids import CampaignId
from tests.fakes.loop import LoopClock, run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.world import Field, campaign

ZONES = {
    "brazil": "America/Sao_Paulo",
    "us": "America/New_York",
    "uk": "Europe/London",
    "eu": "Europe/Paris",
}
CLOSES = {"brazil": 21, "us": 21, "uk": 21, "eu": 13}
OPENS = {"brazil": 9, "us": 8, "uk": 8, "eu": 14}


def at(profile: str, local: str) -> float:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONES[profile])).timestamp()


def given(profile: str, local: str, contacts: int, does: str = "answer", **fields: object) -> Field:
    """A campaign under this profile, its contacts at home there, at this time of theirs."""
    made = campaign(profile=profile, **fields)
    field = Field(made, contacts, subscriber=lambda _: Subscriber(does))  # type: ignore[arg-type]
    field.clock = LoopClock(at(profile, local))
    for ident, contact in field.store.contacts.items():
        phones = (Phone(contact.number, (ZONES[profile],)),)
        field.store.contacts[ident] = msgspec.structs.replace(contact, phones=phones)
    return field


@pytest.mark.parametrize("profile", ZONES)
def test_O14_dialling_stops_at_closing_time_of_each_profile(profile: str) -> None:
    async def story() -> None:
        field = given(profile, f"2026-03-04T{CLOSES[profile] - 1}:59:50", 60, "busy")
        begun = field.clock.monotonic()
        await field.start()
        await field.settle(60.0)
        assert field.live().held_by == "outside_hours"
        assert 0 < len(field.dialled) < 60
        assert max(stamp for stamp, _, _ in field.network.dialled) <= begun + 10.0
        assert field.network.broken == [], "and nobody rang for less than 15 s"
        await field.kill()

    run(story())


@pytest.mark.parametrize("profile", ZONES)
def test_O14_dialling_begins_at_opening_time_of_each_profile(profile: str) -> None:
    async def story() -> None:
        field = given(profile, f"2026-03-05T{OPENS[profile] - 1:02}:59:30", 60, "busy")
        begun = field.clock.monotonic()
        await field.start()
        await field.settle(45.0)
        assert min(stamp for stamp, _, _ in field.network.dialled) >= begun + 29.9
        await field.kill()

    run(story())


@pytest.mark.parametrize(
    ("profile", "mode"),
    [*((name, "power") for name in ZONES), ("brazil", "progressive"), ("brazil", "predictive")],
)
def test_O3_O14_dialling_stops_when_the_cap_of_each_profile_is_broken(profile: str, mode: str) -> None:
    async def story() -> None:
        field = given(profile, "2026-03-04T10:30", 130, mode=mode, ratio=3.0)
        field.network.pick_up_s = None  # whoever answers finds nobody
        await field.start()
        for presence in field.dispatcher.operators.values():
            presence.misses = -1000  # nobody is paused for the calls he misses
        while field.live().held_by != "abandon_cap":
            await field.settle(20.0)
        await field.settle(60.0)
        before, dropped = len(field.dialled), field.ended("abandoned")
        assert 100 <= len(dropped) <= 106, "judged from 100 live answers on; the rest was in the air"
        assert all(attempt.drop_ms is not None and attempt.drop_ms <= 2000 for attempt in dropped)
        await field.settle(60.0)
        assert len(field.dialled) == before
        await field.kill()

    run(story())


@pytest.mark.parametrize("profile", ["uk", "eu"])
def test_O14_where_the_law_counts_false_verdicts_nobody_is_listened_to(profile: str) -> None:
    async def story() -> None:
        field = given(profile, "2026-03-04T10:30", 2, "machine", amd="detect")
        await field.start()
        await field.settle(60.0)
        assert len(field.ended("connected")) == 2, "machines go to operators, for want of a verdict"
        assert all(attempt.verdict is None for attempt in field.store.attempts.values())
        await field.kill()

    run(story())


def test_O14_dialling_stops_at_brazils_share_of_short_calls() -> None:
    async def story() -> None:
        field = given("brazil", "2026-03-04T10:30", 50)
        now = field.clock.now()

        async def tallies(_campaign: CampaignId, _since: float) -> list[Tally]:
            return [Tally(now - 3600.0, placed=90_000, live=20_000, abandoned=0, short=76_600)]

        field.store.tallies = tallies  # type: ignore[assignment]
        await field.start()
        await field.settle(120.0)
        assert field.live().held_by == "short_calls"
        assert field.dialled == []
        await field.kill()

    run(story())
