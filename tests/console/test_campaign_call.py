"""A campaign run from its page at a running call centre: started, paused, resumed, stopped (O15, O13)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from pbx.telco_phones import Behaviour
from tests.console.at_centre import admin
from tests.support.campaigns import given_campaign, outside, then_results
from tests.support.words import Words

__all__ = ["admin"]
WAIT_MS = 45_000


def figure(page: Page, name: str, count: str) -> None:
    expect(page.locator(f"[data-figure={name}]")).to_contain_text(count, timeout=WAIT_MS)


def test_O15_O13_campaign_is_started_paused_and_stopped_from_its_live_page(words: Words, admin: Page) -> None:
    numbers = [outside("64001"), outside("64002"), outside("64003")]
    robot = words.given_operator("1196", {"sales": 3}, Behaviour(after_s=0.2, say="tone:850"))
    assert robot is not None
    for number in numbers:
        words.telco.outside(number, Behaviour(after_s=0.5, say="tone:440"))
    campaign = given_campaign(words, numbers)
    page = admin
    page.goto(f"/campaigns/{campaign}")
    expect(page.locator("[data-contacts=ready]")).to_contain_text("3")
    page.get_by_role("button", name="Start").click()
    figure(page, "talking", "1")
    expect(page.locator(".uplot canvas")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-held=paused]")).to_be_visible(timeout=WAIT_MS)
    figure(page, "talking", "1")  # who talks goes on
    robot.hangup()
    figure(page, "talking", "0")
    expect(page.locator("[data-contacts=ready]")).to_contain_text("2", timeout=WAIT_MS)

    page.get_by_role("button", name="Go on").click()
    figure(page, "talking", "1")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-held=stopped]")).to_be_visible(timeout=WAIT_MS)
    robot.hangup()
    figure(page, "talking", "0")
    page.get_by_role("tab", name="Attempts").click()
    expect(page.locator("[data-attempt]")).to_have_count(2)
    dialled = page.locator("[data-attempt] a").all_inner_texts()
    assert set(dialled) < set(numbers)
    then_results(words, campaign, dict.fromkeys(dialled, "connected"))
    page.get_by_role("tab", name="Live").click()
    expect(page.locator("[data-contacts=ready]")).to_contain_text("1", timeout=WAIT_MS)
