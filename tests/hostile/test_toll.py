"""Toll fraud on real calls: calls at once and money are capped, and a restart gives nobody new money (X8)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.api import ApiError
from pbx.telco_phones import Behaviour
from tests.e2e.test_transfers import FIRST_HZ, OUTSIDE_HZ, act, given_talk, to
from tests.support.words import Words

FRIEND, OTHER = "+551130002222", "+551130003333"
RULES = """
outside_calls:
  country: BR
  tariffs: [{prefix: "+55", per_minute: 6.0, name: Dear}]
  per_operator: 1
  operator_spend: 2.0
"""


@pytest.fixture
def dear(words: Words) -> Iterator[None]:
    """Outside calls cost so much that an operator's money lasts for twenty seconds."""
    before = (words.centre.plan.flows / "site.yaml").read_text(encoding="utf-8")
    words.when_site_is(before.partition("\noutside_calls:")[0] + "\n" + RULES)
    yield
    words.when_site_is(before)


def why_refused(words: Words, ident: str, number: str) -> str:
    with pytest.raises(ApiError) as refusal:
        act(words, ident, "conference", to("number", number))
    assert refusal.value.status == 409
    return str(refusal.value)


@pytest.mark.usefixtures("dear")
def test_X8_outside_calls_at_once_and_their_money_are_capped_over_a_restart(words: Words) -> None:
    words.telco.outside(FRIEND, Behaviour(say="tone:1500"))
    call, ident = given_talk(words)
    act(words, ident, "conference", to("number", FRIEND))
    words.then_fact(ident, "PartyJoined")
    assert "has 1 outside calls already" in why_refused(words, ident, OTHER)
    call.hears(OUTSIDE_HZ)
    left = words.then_fact(ident, "PartyLeft", timeout_s=90)
    assert left["talk_s"] < 35
    assert "has spent the money" in why_refused(words, ident, OTHER)
    call.hears(FIRST_HZ)
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    words.then_operator_is("1106", "talking")
    assert "has spent the money" in why_refused(words, ident, OTHER)
    call.hears(FIRST_HZ)
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
