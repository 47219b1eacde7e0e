"""What browser operators do in a talk, on a real Asterisk: tones tell who hears whom."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from pbx.telco_phones import Behaviour
from tests.console.conftest import sign_in
from tests.console.desks import (
    CALLER_HZ,
    FIRST_HZ,
    OUTSIDE_HZ,
    SECOND_HZ,
    Desks,
    answer,
    choose,
    over,
    talk,
)
from tests.console.ears import hears, no_longer_hears
from tests.support.words import Words

OUTSIDE = "+551130002222"


def test_P6_browser_operator_pauses_the_recording_parks_takes_back_and_confers_with_outside(
    web_words: Words, desks: Desks
) -> None:
    web_words.telco.outside(OUTSIDE, Behaviour(say=f"tone:{OUTSIDE_HZ}"))
    page = desks.sit_down("1311", {"support": 3}, FIRST_HZ)
    call, ident = talk(web_words, page)
    expect(page.locator("[data-tape=recording]")).to_be_visible()
    page.get_by_role("button", name="Pause the recording").click()
    expect(page.locator("[data-tape=paused]")).to_be_visible()
    web_words.then_fact(ident, "RecordingPaused")
    page.get_by_role("button", name="Go on recording").click()
    expect(page.locator("[data-tape=recording]")).to_be_visible()

    page.get_by_role("button", name="Park", exact=True).click()
    call.no_longer_hears(FIRST_HZ)
    expect(page.locator("[data-phone-call]")).to_have_count(0)
    page.locator("[data-slot]").click()
    answer(page)
    call.hears(FIRST_HZ)
    hears(page, CALLER_HZ)

    choose(page, OUTSIDE, "Conference")
    call.hears(OUTSIDE_HZ)
    hears(page, OUTSIDE_HZ)
    hears(page, CALLER_HZ)
    ended = over(web_words, call, ident)
    assert (ended["final_state"], ended["operator"]) == ("answered", "1311")
    web_words.then_recording_has(ident, CALLER_HZ, FIRST_HZ)


def test_P6_browser_operators_consult_and_confer_with_presence(web_words: Words, desks: Desks) -> None:
    first = desks.sit_down("1312", {"support": 3}, FIRST_HZ)
    second = desks.sit_down("1313", {"sales": 1}, SECOND_HZ)
    call, ident = talk(web_words, first)
    first.get_by_role("button", name="Transfer", exact=True).click()
    dialog = first.get_by_role("dialog")
    expect(dialog.locator("[data-target$='1313']")).to_contain_text("free")
    dialog.get_by_role("button", name="Close").click()

    choose(first, "1313", "Ask first")
    answer(second)
    hears(second, FIRST_HZ)
    hears(first, SECOND_HZ)
    no_longer_hears(first, CALLER_HZ)
    assert call.has_heard(SECOND_HZ) == 0, "the caller heard the consultation"
    first.get_by_role("button", name="Conference", exact=True).click()
    call.hears(SECOND_HZ)
    call.hears(FIRST_HZ)
    hears(second, CALLER_HZ)
    hears(first, CALLER_HZ)
    over(web_words, call, ident)
    expect(first.locator("[data-phone-call]")).to_have_count(0)
    expect(second.locator("[data-phone-call]")).to_have_count(0)


def test_P6_browser_operator_transfers_at_once(web_words: Words, desks: Desks) -> None:
    first = desks.sit_down("1314", {"support": 3}, FIRST_HZ)
    second = desks.sit_down("1315", {"sales": 1}, SECOND_HZ)
    call, ident = talk(web_words, first)
    choose(first, "1315", "Transfer now")
    answer(second)
    call.hears(SECOND_HZ)
    hears(second, CALLER_HZ)
    expect(first.locator("[data-phone-call]")).to_have_count(0)
    assert over(web_words, call, ident)["operator"] == "1315"


def test_P3_reload_in_the_middle_of_a_call_brings_the_sound_back_both_ways(
    web_words: Words, desks: Desks
) -> None:
    page = desks.sit_down("1316", {"support": 3}, FIRST_HZ)
    call, ident = talk(web_words, page)
    reload(page)
    web_words.then_fact(ident, "CallRetrieved")
    hears(page, CALLER_HZ)
    call.hears(FIRST_HZ)
    web_words.then_operator_is("1316", "talking")
    assert over(web_words, call, ident)["operator"] == "1316"


def reload(page: Page) -> None:
    """In the middle of a talk: its sound is another line's afterwards."""
    page.reload()
    expect(page.locator("[data-phone-call=talking]")).to_be_visible()


def test_P3_reload_in_a_consultation_and_in_a_conference_takes_the_place_again_and_nobody_is_lost(
    web_words: Words, desks: Desks
) -> None:
    first = desks.sit_down("1317", {"support": 3}, FIRST_HZ)
    second = desks.sit_down("1318", {"sales": 1}, SECOND_HZ)
    call, ident = talk(web_words, first)
    choose(first, "1318", "Ask first")
    answer(second)
    hears(second, FIRST_HZ)
    reload(first)
    hears(first, SECOND_HZ)
    hears(second, FIRST_HZ)
    no_longer_hears(first, CALLER_HZ)
    assert call.has_heard(SECOND_HZ) == 0, "the caller heard the consultation"
    first.get_by_role("button", name="Conference", exact=True).click()
    call.hears(SECOND_HZ)
    hears(second, CALLER_HZ)
    for page, own, other in ((first, FIRST_HZ, SECOND_HZ), (second, SECOND_HZ, FIRST_HZ)):
        reload(page)
        hears(page, CALLER_HZ)
        hears(page, other)
        call.hears(own)
        call.hears(other)
    told = web_words.then_facts(ident, "PhoneRejoined", 3)
    assert [fact["operator"] for fact in told] == ["1317", "1317", "1318"]
    assert web_words.facts(ident, "PartyLeft") == []
    assert over(web_words, call, ident)["operator"] == "1317"
    web_words.then_recording_has(ident, CALLER_HZ, FIRST_HZ)


def test_S2_supervisor_presses_listen_whisper_barge_and_take_over_and_a_whisper_never_reaches_the_caller(
    web_words: Words, desks: Desks
) -> None:
    operator = desks.sit_down("1319", {"support": 3}, FIRST_HZ)
    phone = desks.sit_down("1320", {}, SECOND_HZ, ready=False)
    floor = desks.window(SECOND_HZ)
    sign_in(floor, "admin", web_words.centre.plan.admin_password)
    call, ident = talk(web_words, operator)
    floor.goto("/operators")
    floor.locator("[data-operator='1319']").get_by_role("button").click()
    floor.get_by_role("menuitem", name="Listen in").click()
    dialog = floor.get_by_role("dialog")
    dialog.get_by_role("textbox", name="My phone's extension").click()
    floor.get_by_role("option", name=re.compile("^1320")).click()
    dialog.get_by_role("button", name="Ring this phone").click()
    answer(phone)
    hears(phone, CALLER_HZ)
    hears(phone, FIRST_HZ)
    watch = floor.locator("[data-watch]")
    press_mode(watch, "Whisper", "whisper")
    hears(operator, SECOND_HZ)
    hears(operator, CALLER_HZ)
    hears(phone, CALLER_HZ)
    assert call.has_heard(SECOND_HZ) == 0, "the caller heard a whisper"
    press_mode(watch, "Barge in", "barge")
    call.hears(SECOND_HZ)
    hears(operator, SECOND_HZ)
    hears(phone, CALLER_HZ)
    press_mode(watch, "Listen", "listen")
    call.no_longer_hears(SECOND_HZ)
    no_longer_hears(operator, SECOND_HZ)
    watch.get_by_text("Take over", exact=True).click()
    expect(watch).to_have_count(0)  # it is a talk of his own now
    call.hears(SECOND_HZ)
    call.no_longer_hears(FIRST_HZ)
    hears(phone, CALLER_HZ)
    expect(operator.locator("[data-phone-call]")).to_have_count(0)
    assert over(web_words, call, ident)["operator"] == "1320"
    audit = web_words.api.get("/audit?limit=50")["items"]
    assert {"post_supervision", "patch_supervision_one"} <= {
        entry["action"] for entry in audit if entry["who"] == "admin"
    }


def press_mode(watch: Locator, label: str, mode: str) -> None:
    """Another way of listening in."""
    watch.get_by_text(label, exact=True).click()
    expect(watch).to_have_attribute("data-mode", mode)
