"""An operator's shift at the browser on a real Asterisk: offers, keys, recording, paper work, mishaps."""

from __future__ import annotations

import re
from functools import partial

from playwright.sync_api import expect

from pbx.ami import Event
from pbx.patience import PATIENCE_S
from tests.console.conftest import go
from tests.console.desks import CALLER_HZ, FIRST_HZ, SECOND_HZ, Desks, answer, dial, over, talk
from tests.console.ears import hears
from tests.support.words import Words

COUNTS_NOTES = """
window.notes = 0;
AudioContext.prototype.createOscillator = (make => function () {
  window.notes += 1;
  return make.call(this);
})(AudioContext.prototype.createOscillator);
"""
NO_MICROPHONE = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
"""


def test_P4_offer_pops_up_on_any_page_with_sound_and_title_and_P5_its_form_holds_the_wrap_up(
    web_words: Words, desks: Desks
) -> None:
    page = desks.sit_down("1331", {"support": 3}, FIRST_HZ, COUNTS_NOTES)
    pill = page.locator("[data-state]").first
    go(page, "/work")
    call, ident = dial(web_words, "2")
    ringing = page.locator("[data-phone-call=ringing]")
    expect(ringing).to_be_visible()
    number = web_words.api.get(f"/calls/{ident}")["from"]
    expect(ringing).to_contain_text(number.lstrip("+"))
    expect(page).to_have_title(re.compile(re.escape(number)))
    page.wait_for_function("() => window.notes >= 2")
    go(page, "/desk")
    pop = page.locator(f"[data-call='{ident}']")
    expect(pop).to_contain_text(number)
    expect(pop.locator("kbd")).to_have_text("2")
    assert web_words.api.get(f"/calls/{ident}")["phase"] == "offered", "all that was seen before the answer"
    answer(page)
    call.hears(FIRST_HZ)
    expect(pill).to_have_attribute("data-state", "talking")
    expect(pill).to_contain_text(re.compile(r"[1-9]$"))  # its timer counts
    expect(page.locator("[data-quality]")).to_be_visible()
    over(web_words, call, ident)

    expect(pill).to_have_attribute("data-state", "wrap_up")
    form = page.locator("[data-form=visit]")
    expect(form).to_contain_text("needed before the next call")
    form.get_by_label("Fault").fill("no signal")
    form.get_by_role("button", name="Save").click()
    written = page.locator("[data-disposition=visit]")
    expect(written.get_by_role("link")).to_have_text(re.compile(r"^\d{14}$"))
    expect(page.get_by_text("Next call in")).to_be_visible()
    before = web_words.api.get("/operators/1331")["wrap_up_until"]
    page.get_by_role("button", name="+ 2 min").click()
    web_words.api.wait("/operators/1331", lambda one: one["wrap_up_until"] > before)
    page.keyboard.press("Alt+r")
    expect(pill).to_have_attribute("data-state", "available")


def test_P3_keys_of_the_browser_are_heard_and_a_session_that_ends_in_a_call_cuts_nothing(
    web_words: Words, desks: Desks
) -> None:
    page = desks.sit_down("1332", {"support": 3}, FIRST_HZ)
    call, ident = talk(web_words, page)
    since = web_words.telco.ami.mark()
    page.get_by_role("button", name="Keypad").click()
    for key in "5#":
        page.get_by_role("button", name=key, exact=True).click()
        wanted = {"Event": "DTMFEnd", "Digit": key, "Channel": call.channel, "Direction": "Received"}
        came = web_words.telco.ami.wait(partial(_is, wanted), PATIENCE_S, since)
        assert came is not None, f"the caller's phone got no {key}"
    page.keyboard.press("Escape")

    page.context.clear_cookies()
    dialog = page.get_by_role("dialog").filter(has_text="A call in this browser is not cut off.")
    expect(dialog).to_be_visible()
    call.hears(FIRST_HZ)
    hears(page, CALLER_HZ)
    dialog.locator("input[type=password]").fill(desks.made["1332"]["console_password"])
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator("[data-line=registered]")).to_be_visible()
    call.hears(FIRST_HZ)
    page.get_by_role("button", name="Hang up").click()
    assert web_words.then_ended(ident)["operator"] == "1332"


def _is(wanted: dict[str, str], event: Event) -> bool:
    return wanted.items() <= event.items()


def test_M2_recording_on_demand_is_begun_by_a_button_and_P3_a_second_tab_is_locked(
    web_words: Words, desks: Desks
) -> None:
    page = desks.sit_down("1333", {"sales": 3}, FIRST_HZ)
    call, ident = talk(web_words, page, "1")
    expect(page.locator("[data-tape=held]")).to_be_visible()
    other = page.context.new_page()
    other.goto("/desk")
    expect(other.get_by_text("Your desk is open in another tab.")).to_be_visible()
    expect(other.locator("[data-line]")).to_have_count(0)
    other.close()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("[data-tape=recording]")).to_be_visible()
    web_words.when_they_talk(call, FIRST_HZ)
    hears(page, CALLER_HZ)
    over(web_words, call, ident)
    kept = web_words.then_recording_has(ident, CALLER_HZ, FIRST_HZ, least_s=1.0)
    assert kept["policy"] == "queue sales"


def test_P3_operator_whose_microphone_is_denied_is_told_and_the_caller_goes_to_the_next(
    web_words: Words, desks: Desks
) -> None:
    denied = desks.sit_down("1334", {"support": 3}, FIRST_HZ, NO_MICROPHONE)
    able = desks.sit_down("1335", {"support": 3}, SECOND_HZ)
    call, ident = dial(web_words, "2")
    expect(denied.locator("[data-phone-call=ringing]")).to_be_visible()
    denied.keyboard.press("Alt+a")
    told = denied.get_by_role("alert").filter(has_text="allow it in the address bar")
    expect(told).to_be_visible()
    answer(able)
    call.hears(SECOND_HZ)
    hears(able, CALLER_HZ)
    assert over(web_words, call, ident)["operator"] == "1335"
