"""A pause that lasts longer than the site plans, keyed in by phone on a real Asterisk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.api import ApiError
from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from tests.support.day import hears_a_voice
from tests.support.listener import listening
from tests.support.words import Words

PAUSES = "/site/pauses"


@pytest.fixture
def short_trainings(words: Words) -> Iterator[None]:
    """Trainings of a second are in force."""
    made = words.api.put(f"{PAUSES}/training", {"value": {"longest_s": 1}})
    yield
    words.api.delete(f"{PAUSES}/training?base={made['version']}")


@pytest.mark.usefixtures("short_trainings")
def test_P2_a_pause_over_its_limit_is_told_and_nobody_is_rung_at_an_empty_desk(words: Words) -> None:
    """Told to other systems and shown; a caller who waits meanwhile rings only who came back by himself."""
    words.given_operator("1131", {"support": 2}, Behaviour(say="tone:850"))
    with listening() as crm:
        webhook = words.api.post(
            "/webhooks", {"url": crm.url, "events": ["operator.pause_overran"], "private": True}
        )["id"]
        code = words.when_operator_dials("1131", "*13")
        words.then_operator_is("1131", "paused")
        hears_a_voice(code)
        code.press("4")
        # The site is looked at every half second: the limit may hold a moment after the pause began.
        paused = words.api.wait("/operators/1131", lambda one: one["pause_until"] is not None)
        assert (paused["state"], paused["reason"]) == ("paused", "training")
        told = crm.wait(lambda event: event["type"] == "operator.pause_overran")["data"]
        words.api.delete(f"/webhooks/{webhook}")
    assert (told["operator"], told["reason"], told["longest_s"]) == ("1131", "training", 1)
    code.hangup()
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("2")
    words.then_phase(ident, "waiting")
    assert words.api.get("/operators/1131")["state"] == "paused"
    words.when_operator_dials("1131", "*14")
    words.when_they_talk(call, 850)
    assert [offer["operator"] for offer in words.facts(ident, "OfferMade")] == ["1131"]
    call.hangup()
    words.then_ended(ident, PATIENCE_S)


def test_P12_no_limit_is_taken_for_the_toilet_pause_nor_for_the_protected_one(words: Words) -> None:
    words.given_operator("1131", {"support": 2})
    for reason in ("toilet", "protected"):
        with pytest.raises(ApiError) as refused:
            words.api.put(f"{PAUSES}/{reason}", {"value": {"longest_s": 600}})
        assert refused.value.status == 422
        assert f"pauses: {reason}: longest_s: nobody is timed in this pause" in refused.value.text
        words.api.put("/operators/1131/state", {"state": "paused", "reason": reason})
        assert words.api.get("/operators/1131")["pause_until"] is None
    assert {one["name"] for one in words.api.get(PAUSES)["items"]} == {"break", "meal"}
