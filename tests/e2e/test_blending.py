"""One operator, an inbound queue and a campaign at once, on real calls (R14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.centre import Centre
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.support.campaigns import given_campaign, outside, then_results, when
from tests.support.words import Words

BLENDED_HZ, OTHER_HZ = 850.0, 700.0
ORDERS = "    skills: {orders: 1}\n    wrap_up_s: 5\n"


@pytest.fixture
def site(words: Words, centre: Centre) -> Iterator[None]:
    """Callers follow one another without wrap-up."""
    before = (centre.plan.flows / "site.yaml").read_text("utf-8")
    assert ORDERS in before
    words.when_site_is(before.replace(ORDERS, "    skills: {orders: 1}\n    wrap_up_s: 0\n"))
    yield
    words.when_site_is(before)


def when_caller_asks_for_orders(words: Words) -> tuple[Call, str]:
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("3")
    return call, ident


@pytest.mark.usefixtures("site")
def test_R14_inbound_first_and_the_campaign_dials_for_whom_no_inbound_caller_fits(words: Words) -> None:
    numbers = [outside("65001"), outside("65002")]
    for number in numbers:
        words.telco.outside(number, Behaviour(after_s=0.2, say="tone:440"))
    words.given_operator("1161", {"orders": 1, "sales": 1}, Behaviour(say=f"tone:{BLENDED_HZ:g}"))
    words.given_operator("1162", {"sales": 1}, Behaviour(say=f"tone:{OTHER_HZ:g}"), signed_in=False)
    since = words.telco.ami.mark()

    def dialled() -> list[str]:
        return [number for number in numbers if words.telco.calls_to(number, since)]

    first, _ = when_caller_asks_for_orders(words)
    words.when_they_talk(first, BLENDED_HZ)
    second, ident = when_caller_asks_for_orders(words)
    words.then_phase(ident, "waiting")
    third, last = when_caller_asks_for_orders(words)
    words.then_phase(last, "waiting")
    campaign = given_campaign(words, numbers)
    when(words, campaign, "start")
    first.hangup()
    words.when_they_talk(second, BLENDED_HZ)
    assert dialled() == [], "whom an inbound caller fits is not dialled for"
    words.api.put("/operators/1162/state", {"state": "available"})
    words.then_operator_is("1162", "talking")
    assert words.api.get(f"/calls/{last}")["phase"] == "waiting", "no inbound caller fits 1162"
    assert len(dialled()) == 1
    second.hangup()
    words.when_they_talk(third, BLENDED_HZ)
    assert len(dialled()) == 1, "the caller in line came before the rest of the list"

    third.hangup()
    words.until(lambda: len(dialled()) == 2, "the campaign fills the time of 1161")
    words.then_operator_is("1161", "talking")
    for extension in ("1161", "1162"):
        words.robot(extension).hangup()
    found = then_results(words, campaign, dict.fromkeys(numbers, "connected"))
    assert {attempt["operator"] for attempt in found.values()} == {"1161", "1162"}
