"""Campaigns ask the same guard against toll fraud as every other outside call (X8)."""

from __future__ import annotations

from typing import Any

import msgspec.structs
import pytest

from ari_app.flow.site import Tariff
from ari_app.model.campaign import Campaign, Phone
from ari_app.model.ids import ContactId
from tests.fakes.loop import run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.world import Field, campaign


def agentless(**changes: Any) -> Campaign:
    return campaign(mode="agentless", queue=None, at_once=40, **changes)


def test_X8_a_number_that_no_tariff_allows_is_never_dialled_by_a_campaign() -> None:
    async def story() -> None:
        field = Field(contacts=4)
        for ident, number in ((0, "+12025550123"), (1, "+55500123456"), (2, "+551930030000")):
            contact = field.store.contacts[ContactId(ident)]
            phone = Phone(number, ("America/Sao_Paulo",))
            field.store.contacts[ContactId(ident)] = msgspec.structs.replace(contact, phones=(phone,))
        field.outside_calls = msgspec.structs.replace(field.outside_calls, refused=("+5519",))
        await field.start()
        await field.settle(300.0)
        assert set(field.dialled) == {"+5511900000003"}
        refused = [a for a in field.store.attempts.values() if a.reason.startswith("toll_")]
        assert {a.reason for a in refused} <= {"toll_unknown_prefix", "toll_premium_rate", "toll_malformed"}
        assert len(refused) == 3, "each is asked once, not every minute"
        assert all(a.result == "withdrawn" for a in refused)
        assert field.toll.spent(field.clock.now())["trunks"]["carrier"] > 0.0
        await field.kill()

    run(story())


def test_X8_campaigns_stop_when_the_trunks_money_of_a_day_is_spent_and_say_so() -> None:
    async def story() -> None:
        field = Field(contacts=100, subscriber=lambda _: Subscriber("answer", patience_s=60.0))
        field.network.talk_s = 60.0
        field.outside_calls = msgspec.structs.replace(
            field.outside_calls,
            tariffs=(Tariff(prefix="+55", per_minute=1.0),),
            trunk_spend=10.0,
            longest_s=120.0,
        )
        await field.start()
        await field.settle(1500.0)
        assert field.live().held_by == "toll_trunk_spend"
        spent = field.toll.spent(field.clock.now())["trunks"]["carrier"]
        assert 9.0 <= spent <= 10.0
        talked_s = sum((a.ended_at or 0.0) - a.answered_at for a in field.ended("connected") if a.answered_at)
        assert talked_s <= 10.0 * 60.0 + 1.0
        before = len(field.dialled)
        await field.settle(300.0)
        assert len(field.dialled) == before
        await field.kill()

    run(story())


def test_X8_calls_at_once_of_a_trunk_are_counted_with_those_of_campaigns() -> None:
    async def story() -> None:
        field = Field(agentless(), contacts=100, subscriber=lambda _: Subscriber("ring"))
        field.outside_calls = msgspec.structs.replace(field.outside_calls, per_trunk=7)
        await field.start()
        for _ in range(40):
            await field.settle(1.0)
            assert len(field.network.ringing) <= 7
        assert len(field.dialled) >= 7
        await field.kill()

    run(story())


def test_X8_no_campaign_call_lasts_longer_than_its_money() -> None:
    async def story() -> None:
        field = Field(contacts=1)
        field.network.talk_s = 7200.0
        field.outside_calls = msgspec.structs.replace(field.outside_calls, longest_s=120.0)
        await field.start()
        await field.settle(300.0)
        (talked,) = field.ended("connected")
        assert talked.answered_at is not None
        assert talked.ended_at is not None
        assert 119.0 <= talked.ended_at - talked.answered_at <= 125.0
        await field.kill()

    run(story())


def talks_for(field: Field, seconds: float, per_minute: float = 1.0, **rules: Any) -> None:
    """Contacts that stay until somebody ends the call, at so much a minute."""
    field.network.talk_s = seconds
    tariffs = (Tariff(prefix="+55", per_minute=per_minute),)
    field.outside_calls = msgspec.structs.replace(field.outside_calls, tariffs=tariffs, **rules)


def test_X8_a_restart_neither_forgets_nor_doubles_what_a_campaigns_call_costs() -> None:
    async def story() -> None:
        field = Field(contacts=1)
        talks_for(field, 60.0, longest_s=600.0, trunk_spend=100.0)
        await field.start()
        await field.settle(20.0)
        assert field.live().talking == 1
        for _ in range(3):
            await field.kill()
            await field.settle(1.0)
            await field.start()
            await field.settle(1.0)
            held = field.toll.spent(field.clock.now())["trunks"]["carrier"]
            assert held == pytest.approx(10.0), "ten minutes at most, held once"
        await field.settle(120.0)
        (talked,) = field.ended("connected")
        assert talked.answered_at is not None
        assert talked.ended_at is not None
        minutes = (talked.ended_at - talked.answered_at) / 60.0
        assert field.toll.spent(field.clock.now())["trunks"]["carrier"] == pytest.approx(minutes, abs=0.05)
        await field.kill()
        await field.start()
        assert field.toll.spent(field.clock.now())["trunks"]["carrier"] == pytest.approx(minutes, abs=0.05)
        await field.kill()

    run(story())


def test_X8_a_campaigns_call_ends_with_its_money_though_we_restarted_under_it() -> None:
    async def story() -> None:
        field = Field(contacts=1)
        talks_for(field, 7200.0, longest_s=120.0)
        await field.start()
        await field.settle(40.0)
        await field.kill()
        await field.settle(30.0)
        await field.start()
        await field.settle(200.0)
        (talked,) = field.ended("connected")
        assert talked.answered_at is not None
        assert talked.ended_at is not None
        assert 119.0 <= talked.ended_at - talked.answered_at <= 125.0
        await field.kill()

    run(story())


def test_X8_after_a_restart_a_campaign_still_stops_at_the_trunks_money() -> None:
    async def story() -> None:
        field = Field(contacts=100, subscriber=lambda _: Subscriber("answer", patience_s=60.0))
        talks_for(field, 60.0, longest_s=120.0, trunk_spend=10.0)
        await field.start()
        for _ in range(12):
            await field.settle(120.0)
            await field.kill()
            await field.settle(2.0)
            await field.start()
        await field.settle(60.0)
        assert field.live().held_by == "toll_trunk_spend"
        talked_s = sum((a.ended_at or 0.0) - a.answered_at for a in field.store.attempts.values()
                       if a.answered_at)  # fmt: skip
        assert talked_s <= 10.0 * 60.0 + 1.0
        await field.kill()

    run(story())
