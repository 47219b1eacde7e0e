"""The flow editor against the real checker and shelf: draft, check, publish, compare, roll back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.console.conftest import SignedIn
from tests.console.served import Served


def _type_at_end(page: Page, text: str) -> None:
    editor = page.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def test_C3_broken_draft_is_told_with_line_and_node_and_cannot_be_published(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/flows/clinic")
    expect(page.locator("[data-node=greeting]")).to_be_visible()
    _type_at_end(page, "\n  lost:\n    type: play\n    prompt: menu/main-greeting\n    next: nowhere\n")
    problems = page.get_by_role("region", name="Problems")
    expect(problems).to_contain_text("clinic.yaml:")
    expect(problems).to_contain_text("nowhere")
    expect(page.locator("[data-node=lost][data-trouble=error]")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()
    page.get_by_role("button", name="Discard the draft").click()
    expect(problems).to_have_count(0)


def test_C4_admin_publishes_and_rolls_back(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("admin", "/flows/main")
    _type_at_end(page, "\n# seen by the next caller\n")
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cm-changedLine, .cm-insertedLine").first).to_be_visible()
    dialog.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("main is live.")).to_be_visible()
    assert "# seen by the next caller" in (served.house.office.source("main", None) or "")
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("menuitem").nth(1).click()
    page.get_by_role("button", name="Make this version live").click()
    expect(page.get_by_text("The earlier version is live again.")).to_be_visible()
    assert "# seen by the next caller" not in (served.house.office.source("main", None) or "")


def test_C4_second_admin_sees_the_difference_and_loses_nothing(signed_in: SignedIn, served: Served) -> None:
    first, second = signed_in("admin", "/flows/clinic"), signed_in("admin", "/flows/clinic", own=True)
    for page, words in ((first, "\n# by the first\n"), (second, "\n# by the second\n")):
        _type_at_end(page, words)
    first.get_by_role("button", name="Publish").click()
    first.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(first.get_by_text("clinic is live.")).to_be_visible()
    second.get_by_role("button", name="Publish").click()
    expect(second.get_by_role("alert").first).to_contain_text("Somebody else published meanwhile")
    expect(second.get_by_role("dialog")).to_contain_text("# by the second")
    assert "# by the first" in (served.house.office.source("clinic", None) or "")


def test_C9_editor_completes_by_the_schema(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/flows/clinic")
    _type_at_end(page, "\n  extra:\n    type: enq")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("enqueue")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard the draft").click()


def test_X7_supervisor_reads_flows_and_changes_none(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/flows/main")
    expect(page.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
