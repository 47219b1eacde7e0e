"""The browser's phone on a real Asterisk: a caller is answered in Chromium, both hear each other."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Page, Playwright, WebSocketRoute, expect

from demo.centre import Centre
from pbx.tones import loudness
from tests.console.conftest import CHROMIUM, FLAGS, WAIT_MS
from tests.console.desks import MEDIA_FLAGS, connect
from tests.support.words import Words

QUIET = 0.002


@pytest.fixture
def page(web_centre: Centre, playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A browser of its own with a false microphone."""
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path / "profile"),
        executable_path=CHROMIUM,
        args=[*FLAGS, *MEDIA_FLAGS],
        ignore_https_errors=True,
        base_url=web_centre.plan.console_url,
    )
    context.set_default_timeout(WAIT_MS)
    context.add_init_script("localStorage.setItem('ramal.language', 'en')")
    yield context.pages[0]
    context.close()


def test_P3_browser_operator_takes_a_real_call_with_sound_both_ways(web_words: Words, page: Page) -> None:
    made = web_words.api.post("/operators", {"extension": "1301", "name": "Web", "skills": {"support": 3}})
    web_words._operators.append("1301")
    connect(page, made)
    page.get_by_role("button", name="Sign in for calls").click()
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "available")

    call = web_words.when_caller_dials(say="tone:440")
    ident = web_words.newest_call()
    web_words.then_waits_for_a_key(ident)
    call.press("2")
    expect(page.locator("[data-phone-call=ringing]")).to_be_visible()
    expect(page.locator(f"[data-call='{ident}'] kbd")).to_have_text("2")
    page.keyboard.press("Alt+a")
    expect(page.locator("[data-phone-call=talking]")).to_be_visible()
    web_words.then_phase(ident, "talking")
    expect(page.locator("[data-quality]")).to_contain_text(re.compile("good|fair|bad"))  # as the machine is
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("button", name="Unmute")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Unmute").click()
    page.get_by_role("button", name="Hold").click()
    web_words.then_operator_is("1301", "on_hold")
    page.get_by_role("button", name="Take back").click()
    web_words.then_operator_is("1301", "talking")
    page.get_by_role("button", name="Hang up").click()

    ended = web_words.then_ended(ident)
    assert ended["final_state"] == "answered"
    assert ended["operator"] == "1301"
    web_words.then_fact(ident, "RecordingStored")
    expect(page.locator("[data-phone-call]")).to_have_count(0)
    audio = web_words.api.raw(
        "GET", f"/recordings/{web_words.api.get(f'/calls/{ident}')['recording_id']}/audio"
    )
    samples, _ = soundfile.read(io.BytesIO(audio))
    assert loudness(samples[:, 0]) > QUIET, "the caller is not on the recording"
    assert loudness(samples[:, 1]) > QUIET, "the browser is not on the recording"


class Deaf:
    """Between browser and PBX: takes connections and never answers them, as an Asterisk does that boots."""

    def __init__(self, page: Page) -> None:
        self.deaf_to = 0
        page.context.route_web_socket(re.compile(r"/ws$"), self._through)

    def _through(self, line: WebSocketRoute) -> None:
        if self.deaf_to == 0:
            line.connect_to_server()
        else:
            self.deaf_to -= 1


def test_P3_phone_registers_again_after_a_restart_of_the_pbx_and_after_a_reload(
    web_words: Words, page: Page
) -> None:
    made = web_words.api.post("/operators", {"extension": "1302", "name": "Web", "skills": {"support": 3}})
    web_words._operators.append("1302")
    between = Deaf(page)
    connect(page, made)
    page.reload()  # the password is kept for this tab
    expect(page.locator("[data-line=registered]")).to_be_visible()
    assert web_words.centre.pbx is not None
    between.deaf_to = 1
    web_words.centre.pbx.kill()
    expect(page.locator("[data-line=lost]")).to_be_visible()
    web_words.centre.start_pbx()
    # Each attempt that a PBX which boots lets go unanswered is waited for longer than the one before.
    expect(page.locator("[data-line=registered]")).to_be_visible(timeout=2 * WAIT_MS)
    assert between.deaf_to == 0, "a connection that was taken and never answered was given up"
    web_words.centre.await_ready()
    page.get_by_role("button", name="Sign in for calls").click()
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "available")
    call = web_words.when_caller_dials(say="tone:440")
    ident = web_words.newest_call()
    web_words.then_waits_for_a_key(ident)
    call.press("2")
    expect(page.locator("[data-phone-call=ringing]")).to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.locator("[data-phone-call=talking]")).to_be_visible()
    page.get_by_role("button", name="Hang up").click()
    assert web_words.then_ended(ident)["operator"] == "1302"


def test_X4_talk_in_the_browser_ends_when_the_pbx_dies_and_the_next_caller_gets_through(
    web_words: Words, page: Page
) -> None:
    made = web_words.api.post("/operators", {"extension": "1303", "name": "Web", "skills": {"sales": 3}})
    web_words._operators.append("1303")
    connect(page, made)
    page.get_by_role("button", name="Sign in for calls").click()

    def when_answered() -> str:
        expect(page.locator("[data-state]").first).to_have_attribute("data-state", "available")
        call = web_words.when_caller_dials(say="tone:440")
        ident = web_words.newest_call()
        web_words.then_waits_for_a_key(ident)
        call.press("1")
        page.get_by_role("button", name="Answer").click()
        expect(page.locator("[data-phone-call=talking]")).to_be_visible()
        web_words.then_phase(ident, "talking")
        return ident

    torn = when_answered()
    assert web_words.centre.pbx is not None
    web_words.centre.pbx.kill()
    expect(page.locator("[data-line=lost]")).to_be_visible()
    web_words.centre.start_pbx()
    web_words.centre.await_ready()
    expect(page.locator("[data-line=registered]")).to_be_visible()
    expect(page.locator("[data-phone-call]")).to_have_count(0)
    assert web_words.then_ended(torn)["final_state"] == "lost_media"
    web_words.api.put("/operators/1303/state", {"state": "available"})
    following = when_answered()
    page.get_by_role("button", name="Hang up").click()
    assert web_words.then_ended(following)["final_state"] == "answered"
    assert [offer["operator"] for offer in web_words.facts(following, "OfferMade")] == ["1303"]
