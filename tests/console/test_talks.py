"""What browser operators do in a talk, on a real Asterisk: tones tell who hears whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from demo.centre import Centre
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.console.conftest import CHROMIUM, FLAGS
from tests.console.ears import hears, no_longer_hears, speak
from tests.console.test_phone import MEDIA_FLAGS, connect, web_centre
from tests.support.words import Words

__all__ = ["web_centre"]
CALLER_HZ, FIRST_HZ, SECOND_HZ, OUTSIDE_HZ = 440, 850, 1100, 1500
OUTSIDE = "+551130002222"

Desk = Callable[..., Page]


@pytest.fixture
def words(web_centre: Centre) -> Iterator[Words]:
    spoken = Words(web_centre)
    yield spoken
    spoken.clean_up()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MEDIA_FLAGS])
    yield opened
    opened.close()


@pytest.fixture
def desk(words: Words, chromium: Browser) -> Iterator[Desk]:
    """`desk("1311", {"support": 3}, 850)`: an operator who is ready, in a browser that says this tone."""
    contexts = []

    def sit_down(extension: str, skills: dict[str, int], hz: int) -> Page:
        made = words.api.post("/operators", {"extension": extension, "name": f"Web {hz}", "skills": skills})
        words._operators.append(extension)
        context = chromium.new_context(
            base_url=words.centre.plan.console_url, ignore_https_errors=True, permissions=["microphone"]
        )
        contexts.append(context)
        context.add_init_script("localStorage.setItem('ramal.language', 'en')")
        speak(context, hz)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        connect(page, made)
        page.get_by_role("button", name="Sign in for calls").click()
        expect(page.locator("[data-state]").first).to_have_attribute("data-state", "available")
        return page

    yield sit_down
    for context in contexts:
        context.close()


def talk(words: Words, page: Page) -> tuple[Call, str]:
    """A caller is answered in the browser, and both hear each other."""
    call = words.when_caller_dials(say=f"tone:{CALLER_HZ}")
    ident = words.newest_call()
    words.then_fact(ident, "PromptPlayed")
    call.press("2")
    expect(page.locator("[data-phone-call=ringing]")).to_be_visible(timeout=30_000)
    page.keyboard.press("Alt+a")
    call.hears(FIRST_HZ, timeout_s=30)
    hears(page, CALLER_HZ)
    return call, ident


def choose(page: Page, target: str, act: str) -> None:
    """In the directory of who can be reached."""
    page.get_by_role("button", name="Transfer", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To whom").first.fill(target)
    dialog.locator(f"[data-target$='{target}']").get_by_role("button", name=act, exact=True).click()


def answer(page: Page) -> None:
    expect(page.locator("[data-phone-call=ringing]")).to_be_visible(timeout=30_000)
    page.keyboard.press("Alt+a")


def over(words: Words, call: Call, ident: str) -> dict[str, Any]:
    call.hangup()
    return words.then_ended(ident)


def test_P6_browser_operator_pauses_the_recording_parks_takes_back_and_confers_with_outside(
    words: Words, desk: Desk
) -> None:
    words.telco.outside(OUTSIDE, Behaviour(say=f"tone:{OUTSIDE_HZ}"))
    page = desk("1311", {"support": 3}, FIRST_HZ)
    call, ident = talk(words, page)
    expect(page.locator("[data-tape=recording]")).to_be_visible()
    page.get_by_role("button", name="Pause the recording").click()
    expect(page.locator("[data-tape=paused]")).to_be_visible()
    words.then_fact(ident, "RecordingPaused")
    page.get_by_role("button", name="Go on recording").click()
    expect(page.locator("[data-tape=recording]")).to_be_visible()

    page.get_by_role("button", name="Park", exact=True).click()
    call.no_longer_hears(FIRST_HZ)
    expect(page.locator("[data-phone-call]")).to_have_count(0)
    page.locator("[data-slot]").click()
    answer(page)
    call.hears(FIRST_HZ, timeout_s=30)
    hears(page, CALLER_HZ)

    choose(page, OUTSIDE, "Conference")
    call.hears(OUTSIDE_HZ, timeout_s=30)
    hears(page, OUTSIDE_HZ)
    hears(page, CALLER_HZ)
    ended = over(words, call, ident)
    assert (ended["final_state"], ended["operator"]) == ("answered", "1311")
    words.then_recording_has(ident, CALLER_HZ, FIRST_HZ)


def test_P6_browser_operators_consult_and_confer_with_presence(words: Words, desk: Desk) -> None:
    first = desk("1312", {"support": 3}, FIRST_HZ)
    second = desk("1313", {"sales": 1}, SECOND_HZ)
    call, ident = talk(words, first)
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
    call.hears(SECOND_HZ, timeout_s=30)
    call.hears(FIRST_HZ, timeout_s=30)
    hears(second, CALLER_HZ)
    hears(first, CALLER_HZ)
    over(words, call, ident)
    expect(first.locator("[data-phone-call]")).to_have_count(0)
    expect(second.locator("[data-phone-call]")).to_have_count(0)


def test_P6_browser_operator_transfers_at_once(words: Words, desk: Desk) -> None:
    first = desk("1314", {"support": 3}, FIRST_HZ)
    second = desk("1315", {"sales": 1}, SECOND_HZ)
    call, ident = talk(words, first)
    choose(first, "1315", "Transfer now")
    answer(second)
    call.hears(SECOND_HZ, timeout_s=30)
    hears(second, CALLER_HZ)
    expect(first.locator("[data-phone-call]")).to_have_count(0)
    assert over(words, call, ident)["operator"] == "1315"


def test_P3_reload_in_the_middle_of_a_call_brings_the_sound_back_both_ways(words: Words, desk: Desk) -> None:
    page = desk("1316", {"support": 3}, FIRST_HZ)
    call, ident = talk(words, page)
    page.reload()
    words.then_fact(ident, "CallRetrieved")
    expect(page.locator("[data-phone-call=talking]")).to_be_visible(timeout=30_000)
    hears(page, CALLER_HZ)
    call.hears(FIRST_HZ, timeout_s=30)
    words.then_operator_is("1316", "talking")
    assert over(words, call, ident)["operator"] == "1316"
