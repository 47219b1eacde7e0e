"""Admins set up queues, skills, calendars and numbers in the page; the real shelf publishes them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ari_app.flow.opening import standing
from tests.console.conftest import SignedIn
from tests.console.seed import HOSTILE
from tests.console.served import REPOSITORY, Served
from tests.console.test_every_page import AXE, AXE_RUN, RULES, Watch, fits

MONDAY_AT_10 = 1_790_600_400.0  # 2026-09-28 10:00 in São Paulo


def site_text(served: Served) -> str:
    text = served.house.office.source("site", None)
    assert text is not None
    return text


def open_entry(page: Page, name: str) -> Locator:
    """The form of an entry."""
    page.get_by_role("button", name=f"Change {name}", exact=True).click()
    return page.get_by_role("dialog")


def save(page: Page, name: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"{name} is saved").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_C20_admin_edits_a_queue_and_a_calendar_and_comments_are_kept(
    signed_in: SignedIn, served: Served
) -> None:
    shelf = served.house.office
    before, live = site_text(served), shelf.versions("site")[0]["version"]  # type: ignore[index]
    page = signed_in("admin", "/site/queues")
    form = open_entry(page, "sales")
    expect(form.locator("[data-field=ring_s]")).to_have_attribute("placeholder", "as usual: 20")
    form.locator("[data-field=ring_s]").fill("12")
    form.locator("[data-field=wrap_up_s]").fill("30")
    form.get_by_label("Open by calendar").click()
    page.get_by_role("option", name="office").click()
    save(page, "sales")
    page.get_by_role("link", name="Calendars").click()
    form = open_entry(page, "office")
    monday = form.get_by_role("textbox", name="Monday")
    monday.press("Backspace")
    monday.fill("13:00-18:00")
    monday.press("Enter")
    save(page, "office")
    site = shelf.book.site  # type: ignore[attr-defined]
    assert (site.queues["sales"].ring_s, site.queues["sales"].wrap_up_s) == (12.0, 30.0)
    assert site.queues["sales"].calendar == "office"
    assert standing(site.calendars["office"], MONDAY_AT_10) == "closed"
    after = site_text(served)
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert gone == ['      mon: ["08:00-18:00"]']  # comments, order and all else are as they were
    newest = shelf.versions("site")[0]  # type: ignore[index]
    assert newest["published_by"] == "admin"
    page.get_by_role("button", name="Versions").click()
    expect(page.get_by_role("menuitem").filter(has_text="Live")).to_contain_text(newest["version"][:8])
    page.get_by_role("menuitem").filter(has_text=live[:8]).first.click()
    expect(page.get_by_role("region", name="Compared with what is live")).to_contain_text("13:00-18:00")
    page.get_by_role("button", name="Make this version live").click()
    expect(page.get_by_text("The earlier version is live again.")).to_be_visible()
    assert site_text(served) == before


def test_C20_second_of_two_admins_sees_the_difference_and_neither_loses_anything(
    signed_in: SignedIn, served: Served
) -> None:
    first, second = signed_in("admin", "/site/queues"), signed_in("admin", "/site/queues", own=True)
    for page, seconds in ((first, "11"), (second, "14")):
        open_entry(page, "support").locator("[data-field=ring_s]").fill(seconds)
    first.get_by_role("dialog").locator("[data-field=max_wait_s]").fill("600")
    second.get_by_role("dialog").locator("[data-field=wrap_up_s]").fill("40")
    save(first, "support")
    dialog = second.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    clash = dialog.locator("[data-clash]")
    expect(clash).to_contain_text("Somebody else changed this meanwhile")
    expect(clash.get_by_role("row").filter(has_text="Ring time")).to_contain_text("11")
    expect(clash.get_by_role("row").filter(has_text="Ring time")).to_contain_text("14")
    expect(dialog.locator("[data-field=max_wait_s]")).to_have_value("600")  # theirs, untouched by the second
    dialog.get_by_role("button", name="Save what stands in the form").click()
    expect(second.get_by_text("support is saved").first).to_be_visible()
    queue = served.house.office.book.site.queues["support"]  # type: ignore[attr-defined]
    assert (queue.ring_s, queue.wrap_up_s, queue.max_wait_s) == (14.0, 40.0, 600.0)


def test_C20_mistakes_are_told_at_their_field_and_change_nothing(signed_in: SignedIn, served: Served) -> None:
    before = site_text(served)
    page = signed_in("admin", "/site/queues")
    form = open_entry(page, "orders")
    form.locator("[data-field=ring_s]").fill("99999")
    form.locator("[data-field=name]").fill(HOSTILE[:60])
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(form.locator(".mantine-InputWrapper-error")).to_contain_text("allowed is 0.1 to 14400")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    page.get_by_role("link", name="Calendars").click()
    form = open_entry(page, "office")
    tuesday = form.get_by_role("textbox", name="Tuesday")
    tuesday.fill("8-18")
    tuesday.press("Enter")
    expect(form.get_by_text("Write 08:00-18:00.")).to_be_visible()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("no span of hours")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    page.get_by_role("link", name="Numbers").click()
    page.get_by_role("button", name="New number").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Number dialled").fill("50 00")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("cannot be the name of a number")
    assert site_text(served) == before
    assert page.title() != "owned"


def test_C20_what_is_in_use_is_told_and_stays_and_what_is_not_goes(
    signed_in: SignedIn, served: Served
) -> None:
    page = signed_in("admin", "/site/skills")
    page.get_by_role("button", name="New skill").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Key").fill("french")
    form.get_by_label("Name for people").fill("Français <b>")
    save(page, "french")
    row = page.locator("[data-site=french]")
    expect(row).to_contain_text("Français <b>")
    row.get_by_role("button", name="Remove french").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nobody uses it.")
    dialog.get_by_role("button", name="Remove french").click()
    expect(row).to_have_count(0)
    expect(dialog).to_have_count(0)
    assert "french" not in site_text(served)
    page.get_by_role("button", name="Remove support", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-uses]")).to_contain_text("queue support")
    expect(dialog.locator("[data-uses]")).to_contain_text("operator 1001")
    expect(dialog.get_by_role("button", name="Remove support")).to_be_disabled()


def test_X7_supervisor_reads_settings_and_changes_none(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/site")
    expect(page.locator("[data-site=sales]")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^(New|Change|Remove)"))).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "pt-BR", "es"])
def test_S1_every_field_and_choice_of_the_site_has_its_words(language: str) -> None:
    """A field that is added to the schema is not shown to people by its key."""
    words = (REPOSITORY / "console/src/i18n" / language / "site.ts").read_text("utf-8")
    schema = json.loads((REPOSITORY / "callflows/schema/site.schema.json").read_text("utf-8"))
    wanted: set[str] = {"name"}
    choices: set[str] = set()

    def gather(part: dict[str, object], path: tuple[str, ...]) -> None:
        fields = part.get("properties", {})
        assert isinstance(fields, dict)
        for name, below in fields.items():
            wanted.add("_".join((*path, name)))
            choices.update(map(str, below.get("enum", ())))
            gather(below, (*path, name))
            if isinstance(below.get("items"), dict):
                gather(below["items"], (*path, name))

    for kind in ("queues", "calendars", "numbers", "pauses"):
        gather(schema["properties"][kind]["additionalProperties"], ())
    missing = [key for key in wanted | choices if not re.search(rf"^    {key}: '.+',$", words, re.MULTILINE)]
    assert missing == []


@pytest.mark.parametrize("kind", ["queues", "calendars", "numbers"])
def test_S1_forms_of_the_site_are_clean_in_both_themes_and_widths_and_by_keyboard(
    signed_in: SignedIn, kind: str
) -> None:
    page = signed_in("admin", f"/site/{kind}")
    watch = Watch(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    opener = page.get_by_role("button", name=re.compile("^Change ")).first
    opener.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save")).to_be_visible()
    for part in dialog.locator("summary").all():
        part.press("Enter")
    for add in dialog.get_by_role("button", name=re.compile("^Add ·")).all():
        add.click()
    for theme, width in (("light", 1280), ("light", 380), ("dark", 1280)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 860})
        page.wait_for_selector(f"html[data-mantine-color-scheme={theme}]")
        watch.wrong += page.evaluate(AXE_RUN, RULES)
        assert fits(page), (theme, width)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    assert watch.wrong == []
