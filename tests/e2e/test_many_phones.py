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
        words.then_operator_is(extension, "available")
    callers: list[Call] = []
    for digit in "890" * 6 + "89":
        call = words.when_caller_dials(NUMBER)
        call.press(digit)  # ahead of the menu, as people do who know it
        callers.append(call)
    words.until(lambda: len(words.call_ids() - words._known) == 20, "all calls are known")
    mine = words.call_ids() - words._known
    words._known |= mine
    talks = [words.then_phase(ident, "talking", 90) for ident in mine]
    for talk in talks:
        assert staff[talk["operator"]].get(NEEDED[talk["digits"]], 0) >= 1, "nobody without the skill"
    assert {talk["operator"] for talk in talks} == set(staff), "twenty talks at once, one for each operator"
    for call in callers[::7]:
        call.hears(850)
    for call in callers:
        call.hangup()
    for ident in mine:
        assert words.then_ended(ident)["final_state"] == "answered"
        assert len(words.facts(ident, "OfferMade")) == 1
