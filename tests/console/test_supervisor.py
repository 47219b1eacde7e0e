"""Wallboard, queues, operators and calls as supervisors and admins use them."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from ari_app.model.ids import OperatorId
from ari_app.model.operator import OperatorState
from tests.console.conftest import SignedIn, go, sign_in
from tests.console.ears import both_ears
from tests.console.seed import PASSWORD, operator_view, put_call
from tests.console.served import Served


def test_S1_wallboard_shows_figures_and_says_when_they_are_old(signed_in: SignedIn) -> None:
    page = signed_in("supervisor")
    expect(page.locator("[data-figure=waiting]")).to_contain_text("3")
    expect(page.locator("[data-figure=oldest]")).to_contain_text("1:14")
    expect(page.locator("[data-figure=level]")).to_contain_text(re.compile(r"\d+%"))
    expect(page.locator("[data-fresh=true]")).to_be_visible()
    page.route("**/api/v1/queues**", lambda route: route.abort())
    expect(page.locator("[data-fresh=false]")).to_contain_text(re.compile(r"Figures are \d+ s old"))
    page.unroute("**/api/v1/queues**")
    expect(page.locator("[data-fresh=true]")).to_be_visible()


def test_S1_wallboard_names_nobody(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("supervisor")
    words = page.locator("#content").inner_text()
    assert not [view.operator.name for view in served.house.desk.views() if view.operator.name in words]


def test_R10_queue_says_in_words_why_a_caller_still_waits(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/queues")
    caller = page.locator("[data-call=w1]")
    caller.get_by_role("button", name="Why?").click()
    expect(caller).to_contain_text("All who fit are busy: 4 of them.")
    expect(caller).to_contain_text("support at level 1, 2 needed")


def test_S6_supervisor_forces_a_state_and_changes_skills(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("supervisor", "/operators")
    row = page.locator("[data-operator='1006']")
    row.get_by_role("button").click()
    page.get_by_role("menuitem", name="Pause").click()
    expect(row.locator("[data-state]")).to_have_attribute("data-state", "paused")
    assert operator_view(served.house, "1006").state is OperatorState.PAUSED
    row.get_by_role("button").click()
    page.get_by_role("menuitem", name="Skills and settings").click()
    page.get_by_label("Level of support").fill("5")
    page.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("support5")
    assert operator_view(served.house, "1006").operator.skills["support"] == 5  # type: ignore[index]


def test_P8_admin_creates_an_operator_and_sees_the_passwords_once(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/operators")
    page.get_by_role("button", name="New operator").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Extension").fill("1077")
    dialog.get_by_label("Name").fill("Nova Operadora")
    dialog.get_by_label("Add a skill").first.fill("support")
    dialog.get_by_role("button", name="Add a skill").click()
    page.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("phone-1077-")
    page.get_by_role("button", name="I have noted them").click()
    row = page.locator("[data-operator='1077']")
    expect(row).to_contain_text("Nova Operadora")
    row.get_by_role("button").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_R7_O4_admin_says_whose_phone_answers_by_itself_and_who_takes_calls_by_a_key(
    signed_in: SignedIn, served: Served
) -> None:
    page = signed_in("admin", "/operators")
    page.get_by_role("button", name="New operator").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Extension").fill("1078")
    dialog.get_by_label("Name").fill("Mobile")
    by_itself = dialog.get_by_role("switch", name="The phone answers by itself")
    by_itself.press("Space")
    expect(by_itself).to_be_checked()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="I have noted them").click()
    assert operator_view(served.house, "1078").operator.auto_answer
    page.locator("[data-operator='1078']").get_by_role("button").click()
    page.get_by_role("menuitem", name="Skills and settings").click()
    expect(by_itself).to_be_checked()
    dialog.get_by_role("switch", name="Takes a call by pressing 1").press("Space")
    expect(by_itself).not_to_be_checked()  # a phone cannot do both
    expect(by_itself).to_be_disabled()
    leads = dialog.get_by_role("switch", name="May supervise by phone")
    leads.press("Space")
    expect(leads).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    kept = operator_view(served.house, "1078").operator
    assert (kept.confirm, kept.auto_answer, kept.leads) == (True, False, True)
    served.do(served.house.desk.remove(OperatorId("1078"), by="test"))


def test_C13_caller_whose_line_dropped_is_called_back_from_his_call(
    signed_in: SignedIn, served: Served
) -> None:
    for ident, operator in (("cut-1", "1009"), ("cut-2", "1008")):
        served.do(put_call(served.house, ident, "+5511933332222", operator, ended=True))
    page = signed_in("1009", "/calls/cut-1")
    button = page.get_by_role("button", name="The line dropped: call back")
    with page.expect_response("**/calls/cut-1/callback") as answer:
        button.click()
    assert answer.value.status == 202
    expect(page.get_by_text("+5511933332222 is called back")).to_be_visible()
    expect(button).to_be_disabled()  # once is enough
    page = signed_in("auditor", "/calls/cut-2")
    expect(page.locator("[data-call=cut-2]")).to_be_visible()
    expect(page.get_by_role("button", name="The line dropped: call back")).to_have_count(0)


def test_C16_call_list_filters_pages_and_leads_to_the_trace(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/calls")
    expect(page.locator("tr[data-call]").first).to_be_visible()
    assert page.locator("tr[data-call]").count() < 60  # of 320: only the rows in sight exist
    page.get_by_label("Caller").fill("+55")
    page.get_by_label("Caller").fill("")
    page.get_by_label("Protocol").fill("20260101000003")
    expect(page.locator("tr[data-call]")).to_have_count(1)
    page.locator("tr[data-call] a").click()
    expect(page.locator("[data-fact=CallQueued]")).to_contain_text("Joined the queue support")
    expect(page.locator("[data-fact=DigitPressed]")).to_contain_text("Key 2")
    page.get_by_role("tab", name="Routing").click()
    expect(page.locator("[data-decision]")).to_contain_text("1004")
    expect(page.get_by_text("not answered")).to_be_visible()


def test_C16_scrolling_down_a_list_fetches_the_next_pages(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/calls")
    expect(page.get_by_text("100 shown")).to_be_visible()
    scroller = page.locator("[role=region]").first
    for shown in (200, 300):
        scroller.evaluate("element => element.scrollTo(0, element.scrollHeight)")
        expect(page.get_by_text(f"{shown} shown")).to_be_visible()


def test_M8_recording_is_drawn_and_plays(signed_in: SignedIn) -> None:
    page = signed_in("supervisor")
    both_ears(page)
    page.goto("/calls/c00000")
    page.get_by_role("button", name="Open").click()
    play = page.get_by_role("button", name="Play")
    expect(play).to_be_enabled()
    page.get_by_role("radiogroup", name="Speed").get_by_text("1.5").click()
    play.click()
    page.wait_for_function("() => window.media?.currentTime > 0")  # eight seconds may be over when one looks


def test_X7_pages_of_other_roles_are_not_there(signed_in: SignedIn) -> None:
    page = signed_in("1001")
    for path in ("/wallboard", "/operators", "/flows", "/people", "/tokens"):
        go(page, path)
        expect(page.get_by_text("There is no such page.")).to_be_visible()


def test_X7_session_that_ends_is_asked_for_above_the_page(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", own=True)
    page.context.clear_cookies()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your session has ended")
    dialog.locator("input[type=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator("[data-fresh=true]")).to_be_visible()


def test_X7_signing_out_leaves_nothing_behind(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", own=True)
    _sign_out(page)
    page.goto("/operators")
    expect(page.locator("button[type=submit]")).to_be_visible()
    sign_in(page, "1002")
    expect(page.get_by_text("Bruno Lima")).to_be_visible()


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="My account").click()
    page.get_by_role("menuitem", name="Sign out of the console").click()
    page.wait_for_selector("button[type=submit]")
