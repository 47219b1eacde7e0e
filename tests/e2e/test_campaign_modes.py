"""Modes that dial more calls than operators are free, and changes under way, on real calls."""

from __future__ import annotations

from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.telephony import until
from tests.support.campaigns import (
    SOON_MS,
    attempts_of,
    given_campaign,
    given_history,
    outside,
    when,
)
from tests.support.words import Words


def test_O2_power_dials_its_ratio_and_predictive_what_the_risk_bears_changed_while_it_runs(
    words: Words,
) -> None:
    numbers = [outside(f"610{n:02}") for n in range(40)]
    for number in numbers:
        words.telco.outside(number, Behaviour(do="ring"))
    for extension in ("1106", "1107", "1108"):
        words.given_operator(extension, {"sales": 3}, Behaviour(after_s=0.1, say="tone:850", hang_up_s=2.0))
    campaign = given_campaign(words, numbers, mode="power", ratio=2.0, calls_per_s=50, ring_s=100)
    given_history(words, campaign, live=400)
    since = words.telco.ami.mark()

    def dialled() -> int:
        return sum(len(words.telco.calls_to(number, since)) for number in numbers)

    when(words, campaign, "start")
    until(lambda: dialled() == 6, PATIENCE_S, "twice as many calls as operators")
    live = words.api.wait(f"/campaigns/{campaign}/stats", lambda stats: stats["live"]["ringing"] == 6)["live"]
    assert (live["rule"], live["operators_free"], live["reasons"]["ratio"]) == ("power", 3, 2.0)
    words.api.patch(f"/campaigns/{campaign}", {"mode": "predictive"})
    until(lambda: dialled() > 6, PATIENCE_S, "more calls than the ratio gave")
    live = words.api.wait(
        f"/campaigns/{campaign}/stats", lambda stats: stats["live"]["rule"] == "predictive"
    )["live"]
    assert {"risk_allowed", "risk_of_next", "answers_expected", "abandons_left"} <= live["reasons"].keys()
    assert live["reasons"]["abandons_left"] >= 1.0
    words.api.patch(f"/campaigns/{campaign}", {"abandon_cap": 0.0001})
    words.api.wait(f"/campaigns/{campaign}/stats", lambda stats: stats["live"]["rule"] == "progressive")
    before = len(attempts_of(words, campaign))
    told = when(words, campaign, "stop")
    assert len(told["still_ringing"]) >= 6
    words.telco.hang_up_all()
    until(
        lambda: all(a["result"] != "dialing" for a in attempts_of(words, campaign)),
        PATIENCE_S,
        "all outcomes",
    )
    assert dialled() <= before + 1, "a cap of next to nothing is progressive: nobody more than operators"
    assert all(len(words.telco.calls_to(number, since)) <= 1 for number in numbers)


def test_O2_O3_power_connects_who_answers_and_apologises_to_whom_it_dialled_too_many(words: Words) -> None:
    words.given_operator("1106", {"sales": 3}, Behaviour(after_s=0.1, say="tone:850", hang_up_s=12.0))

    def dialled_two(first: int) -> str:
        numbers = [outside(f"620{n:02}") for n in (first, first + 1)]
        for number in numbers:
            words.telco.outside(number, Behaviour(after_s=3.0, say="tone:440"))
        campaign = given_campaign(words, numbers, mode="power", ratio=2.0, calls_per_s=50)
        given_history(words, campaign, live=400)
        when(words, campaign, "start")
        words.until(lambda: len(ended(campaign)) == 2 and "dialing" not in ended(campaign), "both ended")
        return campaign

    def ended(campaign: str) -> list[str]:
        return sorted(a["result"] for a in attempts_of(words, campaign))

    for first in (0, 2, 4):  # a machine that stands still for the law's two seconds apologises to both
        campaign = dialled_two(first)
        if ended(campaign) != ["abandoned", "abandoned"]:
            break
        words.then_operator_is("1106", "available")
    assert ended(campaign) == ["abandoned", "connected"]
    (dropped,) = words.api.get(f"/campaigns/{campaign}/attempts?dropped=true")["items"]
    assert 1000 <= dropped["drop_ms"] <= SOON_MS
    both = {"abandoned": 1, "connected": 1}
    words.api.wait(f"/campaigns/{campaign}/stats", lambda stats: stats["results"] == both)
