"""Starting and stopping campaigns, and the hours they call in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ari_app.campaigns.desk import StatusDesk, problems_of
from ari_app.campaigns.hours import hours_rule
from ari_app.campaigns.ports import CampaignLive
from ari_app.model.campaign import Campaign, Hours
from ari_app.model.ids import CampaignId, QueueId
from ari_app.ports import IllegalTransition, NotFound
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database
from tests.fakes.clock import HandClock

SAO_PAULO = ("America/Sao_Paulo",)


def campaign(**fields: Any) -> Campaign:
    made = Campaign(id=CampaignId("c1"), name="One", queue=QueueId("sales"), caller_ids=("+551140000000",))
    return msgspec.structs.replace(made, **fields)


class Dialer:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def take_over(self, campaign: Campaign) -> None:
        self.told.append(campaign.status)

    def live(self, campaign: CampaignId) -> CampaignLive | None:
        return None


async def test_O12_every_status_is_reached_on_legal_ways_only(sqlite: Database) -> None:
    book, dialer = CampaignStore(sqlite), Dialer()
    desk = StatusDesk(book, HandClock())
    desk.follow(dialer)
    await book.add_campaign(campaign())
    ident = CampaignId("c1")
    with pytest.raises(IllegalTransition, match="is draft"):
        await desk.pause(ident, by="ana")
    await desk.start(ident, by="ana")
    with pytest.raises(IllegalTransition, match="is running"):
        await desk.resume(ident, by="ana")
    await desk.pause(ident, by="ana")
    with pytest.raises(IllegalTransition, match="is paused"):
        await desk.start(ident, by="ana")
    await desk.resume(ident, by="ana")
    await desk.stop(ident, by="ana")
    assert dialer.told == ["running", "paused", "running", "stopped"]
    with pytest.raises(NotFound):
        await desk.start(CampaignId("none"), by="ana")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"caller_ids": ()}, "caller_ids: empty"),
        ({"ring_s": 14.0}, "ring_s: 14 is below the legal 15"),
        ({"queue": None}, "queue: progressive needs operators"),
        ({"mode": "agentless"}, "has to say something"),
        ({"profile": "narnia"}, "profile: 'narnia'"),
        ({"holiday_country": "XX"}, "holiday_country: 'XX'"),
        ({"hours": Hours({8: ((1, 2),)})}, "hours: calling hours: weekday 8"),
        ({"hours": Hours({7: ((540, 600),)})}, "closed all week within the legal hours"),
        ({"amd": "leave_message"}, "message: amd leave_message"),
    ],
)
def test_what_keeps_a_campaign_from_running_is_named(fields: dict[str, Any], wrong: str) -> None:
    assert list(problems_of(campaign())) == []
    assert any(wrong in problem for problem in problems_of(campaign(**fields)))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Sao_Paulo")).timestamp()


def test_O7_hours_follow_zone_weekday_holidays_and_the_clock() -> None:
    trusted = [True]
    rule = hours_rule(campaign(holidays=("2026-11-24",)), lambda: trusted[0])
    assert rule(SAO_PAULO, at("2026-11-23 20:59")).open
    assert not rule(SAO_PAULO, at("2026-11-23 21:00")).open
    assert not rule(("America/Manaus", *SAO_PAULO), at("2026-11-23 09:30")).open
    assert not rule(SAO_PAULO, at("2026-12-25 10:00")).open  # Christmas
    own = rule(SAO_PAULO, at("2026-11-24 10:00"))
    assert (own.open, own.opens_at) == (False, at("2026-11-25 09:00"))
    assert rule((), at("2026-11-23 10:00")).reason == "time_zone_unknown"
    trusted[0] = False
    assert rule(SAO_PAULO, at("2026-11-23 10:00")).reason == "clock_not_trusted"


def test_O7_own_hours_only_narrow_the_legal_ones() -> None:
    rule = hours_rule(campaign(hours=Hours({1: ((0, 600),)})), lambda: True)
    assert not rule(SAO_PAULO, at("2026-11-23 08:59")).open
    assert rule(SAO_PAULO, at("2026-11-23 09:00")).open
    assert not rule(SAO_PAULO, at("2026-11-23 10:00")).open
