"""Each dialog by axe, in both themes and widths and three languages; and no line of it is a key for words."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import SignedIn
from tests.console.served import Served
from tests.console.test_desk import talk
from tests.console.test_every_page import AXE, AXE_RUN, COLOURS, LANGUAGES, RULES, SPEAK, Watch


class Dialog(NamedTuple):
    """Who opens it where, by a click on each of these in turn: a button's name, or a selector."""

    who: str
    path: str
    clicks: tuple[str, ...]


DIALOGS = {
    "new operator": Dialog("admin", "/operators", ("New operator",)),
    "operator": Dialog("supervisor", "/operators", ("[data-operator='1003'] button", "Skills and settings")),
    "softphone": Dialog("admin", "/operators", ("[data-operator='1003'] button", "Set up a softphone")),
    "new passwords": Dialog("admin", "/operators", ("[data-operator='1003'] button", "New passwords")),
    "listen": Dialog("supervisor", "/operators", ("[data-operator='1003'] button", "Listen in …")),
    "message to": Dialog("supervisor", "/operators", ("[data-operator='1003'] button", "Send a message")),
    "prompt from a file": Dialog("admin", "/prompts", ("New prompt",)),
    "prompt from a text": Dialog("admin", "/prompts", ("New prompt", "text=Speak a text")),
    "prompt by phone": Dialog("admin", "/prompts", ("New prompt", "text=By phone")),
    "call me": Dialog("admin", "/flows/clinic", ("Call me with this",)),
    "scenarios": Dialog("admin", "/flows/clinic", ("Scenarios", "Run")),
    "message": Dialog("supervisor", "/work", ("[data-message=m3] button",)),
    "callback": Dialog("supervisor", "/work", ("[role=tab] >> text=Callbacks", "[data-callback=cb5] button")),
    "new case": Dialog("supervisor", "/cases", ("New case",)),
    "new campaign": Dialog("supervisor", "/campaigns", ("New campaign",)),
    "do not call": Dialog("admin", "/campaigns", ("Do not call",)),
    "new receiver": Dialog("admin", "/webhooks", ("New receiver",)),
    "new token": Dialog("admin", "/tokens", ("New token",)),
    "new person": Dialog("admin", "/people", ("New person",)),
    "gaps": Dialog("supervisor", "/recordings", ("[data-gaps]",)),
    "player": Dialog(
        "admin",
        "/recordings",
        ("[data-recording=r1] button", "[aria-expanded=false] >> text=Who accessed it"),
    ),
    "transfer": Dialog("1011", "/desk", ("Transfer",)),
    "phone check": Dialog("1003", "/desk", ("Check before the shift",)),
}


def click(page: Page, what: str) -> None:
    selector = bool(re.match(r"[\[a-z]+[=\]]|\[", what))
    if selector:
        page.locator(what).first.click()
        return
    found = page.get_by_role("button", name=what, exact=True)
    found.or_(page.get_by_role("menuitem", name=what)).last.click()


@pytest.mark.parametrize("name", DIALOGS)
def test_S1_every_dialog_is_clean(signed_in: SignedIn, served: Served, name: str) -> None:
    dialog = DIALOGS[name]
    if name == "transfer":
        talk(served, "dialogs", "1011")
    page = signed_in(dialog.who, dialog.path)
    watch = Watch(page)
    for what in dialog.clicks:
        click(page, what)
    if name != "player":
        expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, width, rules in (("light", 1280, RULES), ("dark", 1280, COLOURS), ("light", 380, RULES)):
        watch.where = f"{theme} {width}"
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 860})
        page.wait_for_selector(f"html[data-mantine-color-scheme={theme}]")
        watch.wrong += [f"{watch.where} {complaint}" for complaint in page.evaluate(AXE_RUN, rules)]
    for language in LANGUAGES:
        watch.where = language
        page.evaluate(SPEAK, language)
        watch.check(language)
    assert not watch.wrong, "\n".join(dict.fromkeys(watch.wrong))
