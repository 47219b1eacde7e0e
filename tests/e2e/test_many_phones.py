"""Twenty real SIP phones with mixed skills, and as many callers at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.centre import Centre
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.support.day import NUMBER, day_site
from tests.support.words import Words

SKILLS: tuple[dict[str, int], ...] = (
    {"board": 3},
    {"paper": 3},
    {"back": 3},
    {"board": 1, "paper": 1, "back": 1},
)
NEEDED = {"8": "board", "9": "paper", "0": "back"}


@pytest.fixture(scope="module", autouse=True)
def site(centre: Centre) -> Iterator[None]:
    with day_site(centre):
        yield


def test_R6_twenty_phones_of_mixed_skills_take_twenty_callers_each_one_who_can(words: Words) -> None:
    staff = {str(1300 + number): SKILLS[number % 4] for number in range(20)}
    for extension, skills in staff.items():
        words.given_operator(extension, skills, Behaviour(say="tone:850"), signed_in=False)
    for extension in staff:
        words.api.put(f"/operators/{extension}/state", {"state": "available"})
    for extension in staff:
        words.then_operator_is(extension, "available", 20)
    callers: list[tuple[Call, str, str]] = []
    for digit in "890" * 6 + "89":
        call = words.when_caller_dials(NUMBER)
        ident = words.newest_call(15)
        words.then_waits_for_a_key(ident, 20)
        call.press(digit)
        callers.append((call, ident, digit))
    serving: dict[str, str] = {}
    for _, ident, digit in callers:
        talking = words.then_phase(ident, "talking", 30)
        assert staff[talking["operator"]].get(NEEDED[digit], 0) >= 1, "nobody without the skill"
        serving[talking["operator"]] = ident
    assert len(serving) == 20, "twenty talks at once, one for each operator"
    for call, _, _ in callers[::7]:
        call.hears(850, timeout_s=20)
    for call, _, _ in callers:
        call.hangup()
    for _, ident, _ in callers:
        assert words.then_ended(ident, 30)["final_state"] == "answered"
        assert len(words.facts(ident, "OfferMade")) == 1
