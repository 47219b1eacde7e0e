"""A campaign that does not dial, or dials less than it could, says why in words, and what to set (O15)."""

from __future__ import annotations

from typing import Any

import msgspec.structs
import pytest

from ari_app.campaigns.ports import Held
from ari_app.flow.site import Tariff
from ari_app.model.campaign import Campaign
from ari_app.model.operator import OperatorState
from tests.fakes.loop import run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.test_control import changed
from tests.unit.campaigns.world import Field, campaign


def agentless(**changes: Any) -> Campaign:
    return campaign(mode="agentless", queue=None, at_once=40, **changes)


def told(field: Field) -> Held:
    held = field.live().held
    assert held is not None
    return held


def rings(_: str) -> Subscriber:
    return Subscriber("ring")


def test_O15_the_calls_that_all_outside_calls_share_are_told_with_the_setting_to_raise() -> None:
    async def story() -> None:
        field = Field(agentless(), contacts=100, subscriber=rings)
        field.outside_calls = msgspec.structs.replace(field.outside_calls, per_trunk=7)
        await field.start()
        await field.settle(5.0)
        assert len(field.network.ringing) == 7
        held = told(field)
        assert (held.rule, held.setting, held.now, held.limit) == (
            "toll_trunk_calls", "outside_calls.per_trunk", 7.0, 7.0,
        )  # fmt: skip
        assert "7 of the 7" in held.text
        assert "`outside_calls.per_trunk`" in held.text
        assert not field.ended("withdrawn"), "nobody is claimed for whom there is no room"
        field.outside_calls = msgspec.structs.replace(field.outside_calls, per_trunk=60)
        await field.settle(3.0)
        assert len(field.network.ringing) == 40, "a raised cap holds from the next second"
        assert field.live().held is None
        await field.kill()

    run(story())


def test_O15_spent_money_is_told_and_more_of_it_lets_the_campaign_go_on() -> None:
    async def story() -> None:
        field = Field(contacts=100)
        field.network.talk_s = 60.0
        field.outside_calls = msgspec.structs.replace(
            field.outside_calls,
            tariffs=(Tariff(prefix="+55", per_minute=1.0),), trunk_spend=10.0, longest_s=120.0,
        )  # fmt: skip
        await field.start()
        await field.settle(1500.0)
        held = told(field)
        assert (held.rule, held.setting, held.limit) == (
            "toll_trunk_spend", "outside_calls.trunk_spend", 10.0
        )  # fmt: skip
        assert "10.00 that the guard against toll fraud allows in 24 hours" in held.text
        before = len(field.dialled)
        field.outside_calls = msgspec.structs.replace(field.outside_calls, trunk_spend=2000.0)
        await field.settle(120.0)
        assert len(field.dialled) > before
        await field.kill()

    run(story())


def test_O15_a_campaign_that_its_own_trunk_caps_only_slow_down_says_so_too() -> None:
    async def story() -> None:
        field = Field(agentless(trunk_concurrency=5), contacts=100, subscriber=rings)
        await field.start()
        await field.settle(5.0)
        held = told(field)
        assert (held.rule, held.setting, held.now, held.limit) == (
            "trunk_full", "trunk_concurrency", 5.0, 5.0
        )  # fmt: skip
        await changed(field, trunk_concurrency=100, calls_per_s=2.0)
        await field.settle(3.0)
        held = told(field)
        assert (held.rule, held.setting, held.limit) == ("trunk_pace", "calls_per_s", 2.0)
        assert "2 calls a second" in held.text
        assert len(field.network.ringing) < 20
        await changed(field, calls_per_s=50.0)
        await field.settle(3.0)
        assert field.live().held is None
        await field.kill()

    run(story())


@pytest.mark.parametrize(
    ("how", "rule", "words"),
    [
        ("signs out", "no_operators", "No operator who fits the campaign"),
        ("no number", "no_caller_id", "`caller_ids`"),
        ("congested", "trunk_down", "one call tries again"),
        ("clock", "clock_not_trusted", "/clock/confirm"),
        ("paused", "paused", "is paused"),
    ],
)
def test_O15_what_holds_a_campaign_is_told_in_words(how: str, rule: str, words: str) -> None:
    async def story() -> None:
        subscriber = Subscriber("congested" if how == "congested" else "ring")
        field = Field(contacts=100, subscriber=lambda _: subscriber)
        await field.start()
        await field.settle(2.0)
        match how:
            case "signs out":
                field.operators_are(OperatorState.SIGNED_OUT)
            case "no number":
                await changed(field, caller_ids=())
            case "clock":
                field.clock.set_by(7200.0)
            case "paused":
                await field.desk.pause("sale", by="test")  # type: ignore[arg-type]
        await field.settle(1.5)
        held = told(field)
        assert held.rule == rule
        assert words in held.text
        await field.kill()

    run(story())


def test_O15_a_broken_cap_is_told_with_the_share_and_what_still_goes_out() -> None:
    async def story() -> None:
        field = Field(contacts=20)
        await field.start()
        await field.settle(1.0)
        running = next(iter(field.campaigns.tower.running.values()))
        running.guard.restore(field.clock.now(), 100, 5)
        await field.settle(2.0)
        held = told(field)
        assert (held.rule, held.limit) == ("abandon_cap", 0.03)
        assert held.now == pytest.approx(0.05, abs=0.01)
        assert "operator reserved" in held.text
        await field.kill()

    run(story())
