"""What calls leave to be done, as operators and supervisors do it."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from ari_app.model.ids import OperatorId
from ari_app.model.operator import OperatorState
from tests.console.conftest import SignedIn, go, sign_in
from tests.console.seed import PASSWORD, put_call, put_state
from tests.console.served import Served


def test_C14_a_message_is_heard_taken_noted_and_done(signed_in: SignedIn) -> None:
    page = signed_in("1002", "/work")
    row = page.locator("[data-message=m1]")
    row.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("audio")).to_have_attribute("src", re.compile("/work-items/m1/audio"))
    dialog.get_by_label("Note").fill("called back")
    dialog.get_by_role("button", name="Take it").click()
    expect(dialog).to_contain_text("Taken")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_contain_text("Open again")
    dialog.get_by_role("button", name="Close").click()
    expect(row).to_have_count(0)


def test_C14_lost_audio_says_so(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/work")
    page.locator("[data-message=m4]").get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("still being fetched")


def test_C13_promises_are_listed_with_their_place_in_line(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/work")
    page.get_by_role("tab", name="Callbacks").click()
    expect(page.locator("[data-callback=cb5]")).to_contain_text("Waiting in line")


def test_P11_case_is_opened_taken_and_closed(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/cases")
    expect(page.locator("[data-case='20260101000000']")).to_contain_text("overdue")
    page.get_by_role("button", name="New case").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Customer's number").fill("+5511977776666")
    dialog.get_by_label("Note").fill("wants his money back")
    dialog.get_by_role("button", name="New case").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"Case \d{14}"))
    page.get_by_role("button", name="Take the case").click()
    expect(page.get_by_label("Owner")).to_have_value("supervisor")
    page.get_by_label("What was done").fill("paid back")
    page.get_by_role("textbox", name="State").click()
    page.get_by_role("option", name="Closed").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dl").first).to_contain_text("Closed")


def test_P5_form_is_filled_in_wrap_up_and_gives_a_protocol(signed_in: SignedIn, served: Served) -> None:
    served.do(put_call(served.house, "formed", "+5511944443333", "1004", ended=True))
    put_state(served.house, OperatorId("1004"), OperatorState.WRAP_UP, since=time.time(), call="formed")
    page = signed_in("1004", "/desk")
    form = page.locator("[data-form=visit]")
    expect(form).to_contain_text("needed before the next call")
    form.get_by_label("Fault").fill("no signal")
    page.reload()
    expect(form.get_by_label("Fault")).to_have_value("no signal")
    form.get_by_role("button", name="Save").click()
    written = page.locator("[data-disposition=visit]")
    expect(written).to_contain_text("no signal")
    expect(written.get_by_role("link")).to_have_text(re.compile(r"\d{14}"))


def test_X7_own_password_is_changed_and_signs_out(signed_in: SignedIn) -> None:
    page = signed_in("1007", "/account", own=True)  # no other test's: they are all signed out
    fresh = "another long password"
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(fresh)
    page.get_by_label("New password again").fill("something else")
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    page.get_by_label("New password again").fill(fresh)
    page.get_by_role("button", name="Change the password").click()
    page.wait_for_selector("button[type=submit]")
    sign_in(page, "1007", fresh)
    go(page, "/account")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()


def test_X7_token_is_issued_told_once_and_revoked(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/tokens")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill("reports")
    dialog.get_by_role("button", name="New token").click()
    expect(dialog.locator("[data-told]")).to_have_text(re.compile(r"\S{20,}"))
    dialog.get_by_role("button", name="I have noted them").click()
    page.get_by_role("button", name="Revoke reports").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("[data-token]").filter(has_text="reports")).to_have_count(0)
