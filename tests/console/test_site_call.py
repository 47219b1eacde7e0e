"""What an admin changes in the page, the next real call follows (C2, C20)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from pbx.telco_phones import Behaviour
from tests.console.at_centre import admin
from tests.support.words import Words

__all__ = ["admin"]
NUMBER, VOICE_HZ = "5077", 870.0
EVERY_DAY = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
FLOW = """\
flow: edited
language: pt-BR
start: line
nodes:
  line: {type: enqueue, queue: edited, on: {closed: shut, otherwise: bye}}
  shut: {type: hangup, prompt: goodbye/short}
  bye: {type: hangup, prompt: goodbye/thank-you}
"""
NOTHING = "flow: edited\nlanguage: pt-BR\nstart: bye\nnodes:\n  bye: {type: hangup, prompt: goodbye/short}\n"


@pytest.fixture
def edited(words: Words) -> Iterator[Words]:
    """A number whose queue rings for a minute, is always open, and lets operators go at once."""
    api = words.api
    before = api.get("/site")["version"]
    value = {"name": "Edited", "skills": {"edited": 1}, "ring_s": 60, "wrap_up_s": 0, "calendar": "edited"}
    api.put("/site/skills/edited", {"value": {"name": "Edited"}})
    api.put("/site/calendars/edited", {"value": {"hours": EVERY_DAY}})
    api.put("/site/queues/edited", {"value": value})
    api.post("/flows/edited/publish", {"source": FLOW})
    api.put(f"/site/numbers/{NUMBER}", {"value": {"flow": "edited"}})
    known(words)
    yield words
    api.post("/flows/edited/publish", {"source": NOTHING})
    api.post("/flows/site/rollback", {"version": before})
    api.raw("POST", "/flows/edited/retire")


def known(words: Words) -> None:
    """The dispatcher, who follows the site by and by, goes by the queue."""
    words.api.wait("/queues", lambda page: any(queue["id"] == "edited" for queue in page["items"]))


@pytest.fixture
def page(admin: Page) -> Page:
    """At the settings of the running centre."""
    admin.goto("/site/queues")
    return admin


def save(page: Page, words: Words) -> None:
    """What is saved is in force: the router goes by it."""
    log = words.centre.plan.state / "application.log"
    seen = log.stat().st_size
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("edited is saved").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    words.until(lambda: b'"event":"site.changed"' in log.read_bytes()[seen:], "the router goes by it")


def test_C20_next_real_call_follows_what_an_admin_changed_in_the_page(edited: Words, page: Page) -> None:
    words = edited
    words.given_operator("1191", {"edited": 5}, Behaviour(do="ring"))
    words.given_operator("1192", {"edited": 1}, Behaviour(say=f"tone:{VOICE_HZ:g}"), signed_in=False)
    page.get_by_role("button", name="Change edited").click()
    page.locator("[data-field=ring_s]").fill("10")
    page.locator("[data-field=wrap_up_s]").fill("600")
    save(page, words)
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    words.then_fact(ident, "OfferMade")
    words.api.put("/operators/1192/state", {"state": "available"})
    missed = words.then_fact(ident, "OfferEnded")
    assert (missed["operator"], missed["outcome"]) == ("1191", "missed")
    assert missed["ring_s"] < 40, "it rang for as long as the admin said, not for a minute"
    words.when_they_talk(call, VOICE_HZ)
    page.get_by_role("link", name="Calendars").click()
    page.get_by_role("button", name="Change edited").click()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        page.get_by_role("textbox", name=day).press("Backspace")
    save(page, words)
    call.hears(VOICE_HZ)  # the call in progress goes on
    call.hangup()
    words.then_ended(ident)
    words.then_operator_is("1192", "wrap_up")

    words.when_caller_dials(NUMBER)
    shut = words.newest_call()
    assert words.then_ended(shut)["final_state"] is not None
    assert "shut" in [fact["node"] for fact in words.facts(shut, "NodeEntered")]
    assert words.facts(shut, "OfferMade") == []
