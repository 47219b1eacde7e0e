"""The operator's page: state, pause with reason, time clock, the call and what was keyed, one tab only."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from ari_app.model.ids import OperatorId
from ari_app.model.operator import OperatorState
from tests.console.conftest import SignedIn
from tests.console.seed import operator_view, put_call, put_state
from tests.console.served import Served


def test_P1_operator_signs_in_pauses_with_a_reason_and_is_ready_again(
    signed_in: SignedIn, served: Served
) -> None:
    put_state(served.house, OperatorId("1010"), OperatorState.SIGNED_OUT, since=time.time())
    page = signed_in("1010")
    pill = page.locator("[data-state]").first
    expect(pill).to_have_attribute("data-state", "signed_out")
    page.get_by_role("button", name="Sign in for calls").click()
    expect(pill).to_have_attribute("data-state", "available")
    page.keyboard.press("Alt+p")
    page.get_by_role("menuitem", name="Meal").click()
    expect(pill).to_have_attribute("data-state", "paused")
    assert operator_view(served.house, "1010").reason == "meal"
    page.keyboard.press("Alt+r")
    expect(pill).to_have_attribute("data-state", "available")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(pill).to_have_attribute("data-state", "signed_out")


def test_W1_operator_clocks_in_and_out(signed_in: SignedIn, served: Served) -> None:
    put_state(served.house, OperatorId("1010"), OperatorState.SIGNED_OUT, since=time.time())
    page = signed_in("1010")
    page.get_by_role("button", name="Clock in").click()
    expect(page.get_by_role("button", name="Clock out")).to_be_visible()
    assert operator_view(served.house, "1010").clocked_in
    page.get_by_role("button", name="Clock out").click()
    expect(page.get_by_role("button", name="Clock in")).to_be_visible()


def test_P4_C11_ringing_call_pops_with_caller_digits_and_history(signed_in: SignedIn, served: Served) -> None:
    caller = "+5511955554444"
    served.do(put_call(served.house, "before", caller, "1011", ended=True))
    served.do(put_call(served.house, "now", caller, "1011", ended=False))
    put_state(served.house, OperatorId("1011"), OperatorState.RINGING, since=time.time(), call="now")
    page = signed_in("1011")
    call = page.locator("[data-call=now]")
    expect(call).to_contain_text(caller)
    expect(call.locator("kbd")).to_have_text(["2", "7"])
    expect(call).to_contain_text("Earlier calls with this number")
    expect(page).to_have_title(re.compile(re.escape(caller)))


def test_P3_desk_opens_in_one_tab_only(signed_in: SignedIn) -> None:
    page = signed_in("1001")
    expect(page.locator("[data-state]").first).to_be_visible()
    other = page.context.new_page()
    other.goto("/desk")
    other.get_by_role("button", name="Use it here").click()
    expect(other.locator("[data-state]").first).to_be_visible()
    expect(page.get_by_text("Your desk is open in another tab.")).to_be_visible()
    other.close()
    page.get_by_role("button", name="Use it here").click()
    expect(page.locator("[data-state]").first).to_be_visible()
