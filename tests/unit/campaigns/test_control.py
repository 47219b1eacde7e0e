"""Campaigns that are changed while they run, or share a trunk."""

from __future__ import annotations

from typing import Any

import msgspec.structs
import pytest

from ari_app.model.ids import CampaignId
from tests.fakes.loop import run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.world import SALE, Field, campaign

LATER = CampaignId("later")


async def changed(field: Field, **fields: Any) -> None:
    """As `PATCH /campaigns/{id}` does."""
    wanted = msgspec.structs.replace(field.store.held[SALE], **fields)
    await field.desk.changed(await field.store.replace_campaign(wanted))


def test_O2_a_change_of_mode_holds_from_the_next_second_and_calls_in_the_air_go_on() -> None:
    async def story() -> None:
        field = Field(contacts=200, subscriber=lambda _: Subscriber("ring"))
        await field.start()
        await field.settle(3.0)
        assert len(field.dialled) == 2
        await changed(field, mode="power", ratio=3.0)
        await field.settle(2.0)
        assert field.live().rule in {"power", "progressive"}
        assert len(field.dialled) == 2, "power is progressive before 100 live answers"
        await changed(field, mode="agentless", queue=None, at_once=9)
        await field.settle(2.0)
        assert len(field.dialled) == field.live().ringing == 9, "the two that rang count"
        await changed(field, at_once=4)
        await field.settle(20.0)
        assert len(field.dialled) == 9
        await changed(field, mode="preview", queue="sales")
        await field.settle(60.0)
        assert len(field.dialled) == 9, "nobody is dialled whom no operator has accepted"
        assert field.network.broken == []
        await field.kill()

    run(story())


def test_O3_a_cap_that_is_tightened_holds_from_the_next_second() -> None:
    async def story() -> None:
        field = Field(campaign(mode="power", ratio=3.0), contacts=3000)
        field.network.talk_s = 5.0
        await field.start()
        while field.live().rule != "power":
            await field.settle(30.0)
        await changed(field, abandon_cap=0.0)
        await field.settle(120.0)
        for _ in range(60):
            await field.settle(1.0)
            live = field.live()
            assert live.rule != "power"
            assert live.ringing + live.waiting <= 2, "never more than operators"
        await field.kill()

    run(story())


@pytest.mark.parametrize("limit", ["trunk_concurrency", "calls_per_s"])
def test_O11_of_two_campaigns_on_one_trunk_the_stronger_goes_first(limit: str) -> None:
    async def story() -> None:
        fields = {"mode": "agentless", "queue": None, "at_once": 20}
        strong = campaign(priority=1, **fields, **{limit: 10 if limit == "trunk_concurrency" else 2.0})
        field = Field(strong, contacts=30, subscriber=lambda _: Subscriber("busy", after_s=1.0))
        weak = msgspec.structs.replace(strong, id=LATER, name="Later", priority=7)
        field.given_campaign(weak, 200)
        await field.start()
        while field.live().held_by != "finished" and len(field.dialled) < 30:
            await field.settle(1.0)
        first = sum(int(number[-4:]) < 30 for number in field.dialled[:30])
        assert first >= 25, "the weaker one got only what was left"
        await field.settle(60.0)
        assert sum(int(number[-4:]) >= 30 for number in field.dialled) > 20
        await field.kill()

    run(story())


def test_O12_a_stop_in_the_middle_of_a_claim_dials_nobody_more() -> None:
    async def story() -> None:
        field = Field(campaign(mode="agentless", queue=None, at_once=50), contacts=300)
        field.store.wait_s = 0.4  # claims and last words take their time
        await field.start()
        await field.settle(1.3)
        field.campaigns.tower.running[SALE].halted = True
        before = len(field.dialled)
        await field.desk.stop(SALE, by="admin")
        await field.settle(10.0)
        assert len(field.dialled) == before
        await field.settle(600.0)
        assert all(attempt.result is not None for attempt in field.store.attempts.values())
        assert field.network.broken == field.store.broken == []
        await field.kill()

    run(story())
