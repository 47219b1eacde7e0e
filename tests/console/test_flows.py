"""The flow editor against the real checker and shelf: draft, check, publish, compare, roll back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.console.conftest import SignedIn
from tests.console.seed import put_caller_at
from tests.console.served import Served

DRAFT = "JSON.parse(localStorage['ramal.draft.clinic']).text"


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


def test_C8_node_form_writes_into_the_same_text_and_keeps_comments(
    signed_in: SignedIn, served: Served
) -> None:
    page = signed_in("admin", "/flows/clinic")
    page.get_by_text("Graph and form").click()
    page.locator("[data-node=choice]").click()
    form = page.locator("[data-node-form=choice]")
    form.get_by_label("retries", exact=True).fill("2")
    form.get_by_role("button", name="Remove key 2").click()
    form.get_by_role("button", name="Add a key").click()
    form.get_by_role("textbox", name="Key 2").fill("urgent")
    form.get_by_role("textbox", name="Key 2").blur()
    expect(page.locator("[role=status]").filter(has_text="No errors")).to_be_visible()
    page.wait_for_function(f"key => {DRAFT}.includes(key)", arg='"2": urgent')
    draft = page.evaluate(DRAFT)
    assert "    retries: 2\n" in draft
    assert '      "2": urgent\n' in draft
    lines = (served.house.office.source("clinic", None) or "").splitlines()
    changed = [line for line in lines if line not in draft.splitlines()]
    assert changed == ["      2: urgent"]  # comments, order and spacing of all else are as they were
    page.get_by_text("Changes", exact=True).click()
    expect(page.locator(".cm-changedLine, .cm-insertedLine").first).to_be_visible()
    page.get_by_text("Graph and form").click()
    page.get_by_role("button", name="Add a node").click()
    page.get_by_role("dialog").get_by_label("Name").fill("farewell")
    page.get_by_role("dialog").get_by_role("button", name="Add a node").click()
    expect(page.locator("[data-node=farewell]")).to_be_visible()
    page.get_by_role("button", name="Discard the draft").click()


def test_C16_trace_is_replayed_on_the_graph(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/calls/c00000")
    page.get_by_role("link", name="Show on the graph").click()
    expect(page.locator("[data-replay=first-menu]")).to_contain_text("Key 2")
    expect(page.get_by_text("Step 1 of 1")).to_be_visible()


def test_C2_graph_shows_how_many_callers_are_at_each_node(signed_in: SignedIn, served: Served) -> None:
    served.call(lambda: put_caller_at(served.house, "heated", "main", "first-menu"))
    served.flush()
    page = signed_in("supervisor", "/flows/main")
    expect(page.locator("[data-callers='1']")).to_have_count(1)


def test_X7_supervisor_reads_flows_and_changes_none(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/flows/main")
    expect(page.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
