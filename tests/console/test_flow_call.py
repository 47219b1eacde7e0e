"""An admin edits, publishes, tries and rolls back a flow in the page; real calls go by it (C2, C4, C6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from demo.api import ApiError
from demo.centre import Centre
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from pbx.tones import seconds
from tests.console.at_centre import admin
from tests.support.tones import tone_file
from tests.support.words import Words

__all__ = ["admin"]
NUMBER, FLOW, OLD_HZ, NEW_HZ = "5078", "workshop", 700.0, 1250.0
WAIT_MS = 45_000
TEXT = """\
# what callers of the workshop hear
flow: workshop
language: pt-BR
start: hello
nodes:
  hello:            # changed now and then
    type: play
    prompt: own/old-tone
    next: ask
  # they have a quarter of an hour to press 1
  ask: {type: menu, prompt: menu/repeat, timeout_s: 900, keys: {1: bye}, on: {timeout: bye, invalid: bye}}
  bye: {type: hangup, prompt: goodbye/short}
"""
CHANGED = TEXT.replace("own/old-tone", "own/new-tone")


@pytest.fixture
def words(words: Words, centre: Centre) -> Iterator[Words]:
    """With a number that leads to the flow, and two prompts for it."""
    before = words.api.get("/site")["version"]
    for name, hertz in (("old-tone", OLD_HZ), ("new-tone", NEW_HZ)):
        words.api.put(f"/prompts/pt-BR/{name}", {"audio": tone_file(hertz), "text": name})
    words.until(lambda: publishes(words, TEXT), "the checker knows the prompts")
    words.api.put(f"/site/numbers/{NUMBER}", {"value": {"flow": FLOW}})
    yield words
    words.telco.hang_up_all()
    words.then_nothing_is_left()
    words.api.post("/flows/site/rollback", {"version": before})
    words.api.raw("POST", f"/flows/{FLOW}/retire")
    for name in ("old-tone", "new-tone"):
        words.api.delete(f"/prompts/pt-BR/{name}")


def publishes(words: Words, text: str) -> bool:
    try:
        words.api.post(f"/flows/{FLOW}/publish", {"source": text})
    except ApiError:
        return False
    return True


def live_text(words: Words) -> str:
    return str(words.api.get(f"/flows/{FLOW}/source")["source"])


def when_somebody_calls(words: Words, hertz: float) -> tuple[Call, str]:
    """He hears this tone, and waits at the menu; the call's id."""
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    words.until(lambda: call.has_heard(hertz) >= 1.0, f"the caller hears {hertz:g} Hz")
    words.then_waits_for_a_key(ident)
    return call, ident


def callers_at(page: Page, node: str, count: int) -> None:
    expect(page.locator(f"[data-node={node}] [data-callers='{count}']")).to_be_visible(timeout=WAIT_MS)


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cm-changedLine, .cm-insertedLine").first).to_be_visible()
    dialog.get_by_role("button", name="Publish").click()
    expect(page.get_by_text(f"{FLOW} is live.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def say_instead(page: Page, prompt: str) -> None:
    """By the form of the first node."""
    page.get_by_text("Graph and form").click()
    page.locator("[data-node=hello]").click()
    field = page.locator("[data-node-form=hello]").get_by_role("textbox", name="prompt", exact=True)
    field.press("Backspace")
    field.fill(prompt)
    field.press("Enter")
    expect(page.locator("[role=status]").filter(has_text="No errors")).to_be_visible()


def test_C2_C4_next_real_call_follows_the_flow_that_an_admin_changed_in_the_page(
    words: Words, admin: Page
) -> None:
    page = admin
    page.goto(f"/flows/{FLOW}")
    first, one = when_somebody_calls(words, OLD_HZ)
    callers_at(page, "ask", 1)

    say_instead(page, "own/new-tone")
    publish(page)
    assert live_text(words) == CHANGED, "one word changed; comments, order and spacing are as they were"
    second, two = when_somebody_calls(words, NEW_HZ)
    assert second.has_heard(OLD_HZ) == 0
    callers_at(page, "ask", 2)
    first.press("1")
    words.then_ended(one)
    assert first.has_heard(NEW_HZ) == 0, "who called before goes on in the flow of before"
    callers_at(page, "ask", 1)

    page.get_by_role("button", name="Versions").click()
    page.get_by_role("menuitem").nth(1).click()
    page.get_by_role("button", name="Make this version live").click()
    expect(page.get_by_text("The earlier version is live again.")).to_be_visible()
    assert live_text(words) == TEXT
    third, _ = when_somebody_calls(words, OLD_HZ)
    assert third.has_heard(NEW_HZ) == 0
    third.hangup()
    second.press("1")
    ended = words.then_ended(two)
    assert ended["flow_version"] != words.api.get(f"/calls/{one}")["flow_version"]

    page.goto(f"/calls/{two}")
    page.get_by_role("link", name="Show on the graph").click()
    for node in ("hello", "ask", "bye"):
        expect(page.locator(f"[data-replay={node}]")).to_be_visible()
        if node == "hello":
            expect(page.locator("[data-replay]")).to_contain_text("own/new-tone")
        if node != "bye":
            page.get_by_role("button", name="Next step").click()


def test_C6_draft_is_tried_by_a_called_phone_and_nothing_is_published(words: Words, admin: Page) -> None:
    robot = words.given_operator("1194", {}, Behaviour(after_s=0.2, say="tone:600"), signed_in=False)
    assert robot is not None
    page = admin
    page.goto(f"/flows/{FLOW}")
    say_instead(page, "own/new-tone")
    since = words.telco.ami.mark()
    page.get_by_role("button", name="Call me with this").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone to call").fill("1194")
    dialog.get_by_role("button", name="Call", exact=True).click()
    assert words.telco.wait_call_to("1194", since=since)
    running = dialog.locator("[data-rehearsal=live]")
    expect(running).to_contain_text("ask", timeout=WAIT_MS)
    words.until(lambda: seconds(robot.recorded_audio(), NEW_HZ) >= 1.0, "the phone hears the draft")
    assert seconds(robot.recorded_audio(), OLD_HZ) == 0
    assert live_text(words) == TEXT
    robot.hangup()
    expect(dialog.locator("[data-rehearsal=ended]")).to_be_visible(timeout=WAIT_MS)
