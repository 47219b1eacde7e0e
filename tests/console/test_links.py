"""Other systems that are told of what happens, and softphones that are set up by a link."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.console.conftest import SignedIn
from tests.console.served import Served


def test_X10_receiver_is_made_tried_given_a_new_secret_and_removed(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/webhooks")
    page.get_by_role("button", name="New receiver").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("http://169.254.169.254/latest")
    dialog.get_by_role("button", name="New receiver").click()
    expect(dialog.get_by_role("alert")).to_contain_text("url:")  # clouds' own addresses are refused
    dialog.get_by_label("Address").fill("https://127.0.0.1:9/ramal")
    dialog.get_by_label("It lies in our own network").check()
    dialog.get_by_role("textbox", name="Events").fill("queue.*")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="New receiver").click()
    told = dialog.locator("[data-told]")
    expect(told).to_have_text(re.compile(r"whsec_\S{20,}"))
    first = told.inner_text()
    dialog.get_by_role("button", name="I have noted them").click()
    expect(dialog).to_have_count(0)
    row = page.locator("[data-webhook]").filter(has_text="127.0.0.1:9/ramal")
    expect(row).to_contain_text("call.ended, queue.*")
    assert first not in page.content(), "the secret is shown once"
    row.get_by_role("link").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("[data-delivery]")).to_contain_text("On its way")
    page.get_by_role("button", name="New secret").click()
    page.get_by_role("dialog").get_by_role("button", name="New secret").click()
    expect(dialog.locator("[data-told]")).to_have_text(re.compile(r"whsec_\S{20,}"))
    expect(dialog.locator("[data-told]")).not_to_have_text(first)
    dialog.get_by_role("button", name="I have noted them").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    expect(page.get_by_role("button", name="Send a test")).to_be_disabled()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Webhooks")
    expect(row).to_have_count(0)


def test_X10_dead_letters_are_listed_and_sent_once_more(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/webhooks/wh_seeded")
    page.get_by_text("Dead letter", exact=True).first.click()
    rows = page.locator("[data-delivery]")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("<img src=x")
    rows.first.get_by_role("button", name="Send call.ended again").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Send all dead letters again").click()
    expect(rows).to_have_count(0)
    page.get_by_text("On its way", exact=True).first.click()
    expect(rows).to_have_count(2)
    assert page.title() != "owned"


def test_X10_auditor_sees_receivers_and_changes_none(signed_in: SignedIn) -> None:
    page = signed_in("auditor", "/webhooks/wh_seeded")
    expect(page.locator("[data-delivery]").first).to_be_visible()
    for name in ("Send a test", "New secret", "Remove", re.compile("Send .* again")):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_P8_softphone_is_set_up_by_a_code_that_works_once(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("admin", "/operators")
    page.locator("[data-operator='1002']").get_by_role("button").click()
    page.get_by_role("menuitem", name="Set up a softphone").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="Code that sets a softphone up")).to_be_visible()
    expect(dialog).to_contain_text("server pbx.example:5061, name 1002, TLS")
    link = dialog.locator("[data-link-once]").inner_text()
    assert link.startswith(f"{served.url}/api/v1/phone-setup/")
    fetched = page.context.request.get(link)
    assert fetched.status == 200
    assert "1002" in fetched.text()
    assert page.context.request.get(link).status == 404, "a link works once"
    dialog.get_by_role("button", name="A new link").click()
    expect(dialog.locator("[data-link-once]")).not_to_have_text(link)
    for softphone, mark in (("Groundwire", "<account>"), ("MicroSIP", "[Settings]")):
        before = dialog.locator("[data-link-once]").inner_text()
        dialog.get_by_text(softphone, exact=True).click()
        expect(dialog.locator("[data-link-once]")).not_to_have_text(before)
        file = page.context.request.get(dialog.locator("[data-link-once]").inner_text())
        assert mark in file.text()
    dialog.get_by_text("Linphone", exact=True).click()
    expect(dialog.get_by_role("img", name="Code that sets a softphone up")).to_be_visible()
    dialog.get_by_text("MicroSIP", exact=True).click()
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Save microsip.ini").click()
    assert download.value.suggested_filename == "microsip.ini"
    dialog.get_by_role("button", name="Close").last.click()
