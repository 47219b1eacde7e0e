"""One's own access: the second factor is set up on the page, asked for, and taken away again."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from ari_app.model.account import User
from ari_app.storage.secrets import totp
from pbx.telephony import until
from tests.console.conftest import SignedIn, Windows, go, sign_in
from tests.console.seed import PASSWORD
from tests.console.served import Served


def _code(secret: bytes, served: Served) -> str:
    """The code of now; each counts once, so half a minute passes before the next."""
    clock = served.house.clock
    clock.advance(30.0)
    return totp(secret, int(clock.now() // 30))


def _type_code(place: Locator, code: str) -> None:
    boxes = place.get_by_role("group", name="Code of your authenticator app").locator(
        "input:not([type=hidden])"
    )
    expect(boxes).to_have_count(6)
    boxes.first.click()
    place.page.keyboard.type(code)


def _fill_in(page: Page, who: str) -> None:
    page.fill("input[autocomplete=username]", who)
    page.fill("input[autocomplete=current-password]", PASSWORD)


@pytest.fixture(autouse=True)
def _clock(served: Served) -> Iterator[None]:
    """It is the machine's time again afterwards."""
    before = served.house.clock.now() - time.time()
    yield
    served.house.clock.advance(before - (served.house.clock.now() - time.time()))


def test_X7_second_factor_is_set_up_with_a_code_asked_for_and_removed(
    windows: Windows, signed_in: SignedIn, served: Served
) -> None:
    served.do(served.house.users.insert(User("careful", "auditor"), PASSWORD, now=time.time()))
    page = signed_in("careful", "/account", own=True)
    page.get_by_role("button", name="Set it up").click()
    factor = page.get_by_role("region", name="Second factor")
    expect(factor.get_by_role("img", name=re.compile("Scan this"))).to_be_visible()
    secret = base64.b32decode(page.locator("[data-secret]").inner_text())
    _type_code(factor, _code(secret, served))
    page.get_by_role("button", name="Use it from now on").click()
    expect(page.get_by_label("Name or extension")).to_be_visible()
    _fill_in(page, "careful")
    page.click("button[type=submit]")
    expect(page.locator("form").get_by_role("alert")).to_contain_text("wrong")
    page.get_by_role("button", name="I have a second factor").click()
    _type_code(page.locator("form"), _code(secret, served))
    page.click("button[type=submit]")
    page.wait_for_selector("#content h1")
    go(page, "/account")
    page.get_by_role("button", name="Remove the second factor").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[autocomplete=current-password]").fill(PASSWORD)
    _type_code(dialog, _code(secret, served))
    dialog.get_by_role("button", name="Remove the second factor").click()
    expect(dialog).to_have_count(0)
    other = windows.open().new_page()
    other.goto("/")
    _fill_in(other, "careful")
    other.click("button[type=submit]")
    other.wait_for_selector("#content h1")


def test_X7_admin_lets_a_person_in_changes_the_role_and_shuts_them_out(
    signed_in: SignedIn, windows: Windows, served: Served
) -> None:
    def known() -> User:
        kept = served.do(served.house.users.find("wanda"))
        assert kept is not None
        return kept

    page = signed_in("admin", "/people")
    page.get_by_role("button", name="New person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("wanda")
    dialog.locator("input[type=password]").fill(PASSWORD)
    dialog.get_by_role("textbox", name="Role").click()
    page.get_by_role("option", name="auditor").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("wanda can sign in now.")).to_be_visible()
    row = page.locator("[data-user=wanda]")
    theirs = windows.open().new_page()
    theirs.add_init_script("localStorage.setItem('ramal.language', 'en')")
    sign_in(theirs, "wanda")
    go(theirs, "/audit")
    expect(theirs.get_by_role("heading", name="Audit log")).to_be_visible()

    row.get_by_role("textbox", name="Role of wanda").click()
    page.get_by_role("option", name="supervisor").click()
    expect(row.get_by_role("textbox", name="Role of wanda")).to_have_value("supervisor")
    until(lambda: known().role == "supervisor", what="the role is changed")
    row.get_by_role("switch", name="Access of wanda").press("Space")
    expect(row.get_by_role("switch", name="Access of wanda")).not_to_be_checked()
    expect(theirs.get_by_role("dialog")).to_contain_text("Your session has ended")
    assert (known().role, known().enabled) == ("supervisor", False)
    row.get_by_role("button", name="Remove wanda").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
