"""A pause that is longer than planned, as the operator, the supervisor and the admin see it."""

from __future__ import annotations

import time

import msgspec
from playwright.sync_api import expect

from ari_app.model.ids import OperatorId
from ari_app.model.operator import OperatorState
from tests.console.conftest import SignedIn
from tests.console.seed import operator_view, put_state
from tests.console.served import Served

WHO = OperatorId("1009")


def put_pause(served: Served, until: float | None, reason: str = "meal") -> None:
    """The operator's pause is planned until then."""
    put_state(served.house, WHO, OperatorState.PAUSED, since=time.time() - 3700)
    view = operator_view(served.house, WHO)
    served.house.desk._views[WHO] = msgspec.structs.replace(view, reason=reason, pause_until=until)


def test_P2_the_desk_and_the_list_tell_calmly_how_long_a_pause_is_over(
    signed_in: SignedIn, served: Served
) -> None:
    put_pause(served, time.time() + 600)
    page = signed_in(WHO)
    hint = page.locator("[data-pause]")
    expect(hint).to_contain_text("Meal · planned until")
    put_pause(served, time.time() - 130)
    page.reload()
    expect(hint).to_contain_text("longer than planned. Press Ready when you are back.")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "paused")
    floor = signed_in("supervisor", "/operators", own=True)
    row = floor.locator(f"[data-operator='{WHO}']")
    expect(row.locator("[data-over]")).to_contain_text("longer than planned")
    put_pause(served, None, "toilet")
    expect(row).to_contain_text("Toilet")
    expect(row.locator("[data-over]")).to_have_count(0)


def test_P2_an_admin_plans_pauses_and_P12_the_toilet_pause_is_refused_a_limit(
    signed_in: SignedIn, served: Served
) -> None:
    page = signed_in("admin", "/site/pauses")
    page.get_by_role("button", name="New pause limit").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Reason").fill("toilet")
    form.locator("[data-field=longest_s]").fill("300")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("nobody is timed in this pause")
    expect(form.locator(".mantine-InputWrapper-error")).to_contain_text("nobody is timed")
    form.get_by_label("Reason").fill("training")
    form.locator("[data-field=longest_s]").fill("1800")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("[data-site=training]")).to_contain_text("30:00")
    site = served.house.office.book.site  # type: ignore[attr-defined]
    assert site.pauses["training"].longest_s == 1800
    page.get_by_role("button", name="Remove training").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove training").click()
    expect(page.locator("[data-site=training]")).to_have_count(0)
