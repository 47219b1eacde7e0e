"""The operator's page: state, pause with reason, time clock, the call and what was keyed, one tab only."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from ari_app.campaigns.ports import Preview
from ari_app.model.ids import AttemptId, CallId, CampaignId, OperatorId
from ari_app.model.operator import OperatorState
from ari_app.model.recording import Tape
from ari_app.model.talks import Consult, Hold, TalkView, Transfer
from pbx.telephony import until
from tests.console.conftest import SignedIn
from tests.console.floor import previews
from tests.console.seed import HOSTILE, operator_view, put_call, put_state
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


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_P4_on_a_narrow_screen_the_offer_comes_first(
    signed_in: SignedIn, served: Served, language: str
) -> None:
    served.do(put_call(served.house, "narrow", "+5511955551111", "1011", ended=False))
    put_state(served.house, OperatorId("1011"), OperatorState.RINGING, since=time.time(), call="narrow")
    page = signed_in("1011", "/desk", language)
    page.set_viewport_size({"width": 390, "height": 844})
    offer = page.locator("[data-call=narrow]")
    expect(offer.locator("kbd")).to_have_text(["2", "7"])
    expect(page.locator("[data-line]")).to_be_attached()
    expect(page.locator("input[type=tel]")).to_be_hidden()
    # It begins in the upper third, all of it is in sight without scrolling, the phone stands below it.
    page.wait_for_function(
        """() => {
          const [offer, line] = ['[data-call=narrow]', '[data-line]']
            .map(one => document.querySelector(one).getBoundingClientRect());
          return offer.top < 300 && offer.bottom < 844 && line.top > offer.bottom;
        }"""
    )


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


def talk(served: Served, call: str, operator: str) -> None:
    """An operator in a talk that is being recorded."""
    ident, who = CallId(call), OperatorId(operator)
    served.do(put_call(served.house, call, "+5511955556666", operator, ended=False))
    put_state(served.house, who, OperatorState.TALKING, since=time.time(), call=call)
    served.house.talks.views[ident] = TalkView(ident, "talking", who)
    served.house.kit.live.tapes[ident] = Tape(running=True, kept=True, since=time.time())


def acts(served: Served) -> list[type]:
    """What was asked of the call `acts`."""
    return [type(ask) for call, ask, _ in served.house.talks.asked if call == "acts"]


def test_P6_talk_is_held_transferred_and_its_recording_paused_from_the_page(
    signed_in: SignedIn, served: Served
) -> None:
    talk(served, "acts", "1011")
    page = signed_in("1011")
    bar = page.locator("[data-talk=talking]")
    bar.get_by_role("button", name="Hold").click()
    until(lambda: acts(served) == [Hold], what="the hold is asked for")
    expect(page.locator("[data-tape=recording]")).to_be_visible()
    bar.get_by_role("button", name="Pause the recording").click()
    until(lambda: ("acts", "pause", "1011") in served.house.kit.live.acts, what="the recording pauses")
    asked: list[type] = [Hold]
    for act, target, kind in (("Ask first", "1001", Consult), ("Transfer now", "queue:sales", Transfer)):
        bar.get_by_role("button", name="Transfer", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("To whom").first.fill(target.split(":")[-1])
        row = dialog.locator(f"[data-target$='{target}']")
        expect(row).to_be_visible()
        row.get_by_role("button", name=act).click()
        expect(dialog).to_have_count(0)  # it closes before the request is made
        asked.append(kind)
        until(lambda: acts(served) == asked, what=f"{act} is asked for")


def test_P4_reload_in_the_middle_of_a_call_finds_it_again(signed_in: SignedIn, served: Served) -> None:
    talk(served, "reloaded", "1011")
    page = signed_in("1011")
    call = page.locator("[data-call=reloaded]")
    expect(call).to_contain_text("+5511955556666")
    page.reload()
    expect(call).to_contain_text("+5511955556666")
    expect(page.locator("[data-talk=talking]").get_by_role("button", name="Hold")).to_be_enabled()
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "talking")


def test_O2_contact_is_previewed_passed_over_and_the_next_one_dialled(
    signed_in: SignedIn, served: Served
) -> None:
    who, shown = OperatorId("1012"), previews()

    def put(attempt: str) -> None:
        shown.shown[who] = Preview(
            attempt=AttemptId(attempt),
            campaign=CampaignId("spring"),
            operator=who,
            number="+5511988881111",
            name=HOSTILE[:40],
            data={"contract": "4711"},
            attempts=2,
            since=time.time(),
            until=time.time() + 600,
        )
        put_state(served.house, who, OperatorState.RESERVED, since=time.time(), call=f"dial-{attempt}")

    put("a1")
    page = signed_in("1012")
    card = page.locator("[data-preview=a1]")
    expect(card).to_contain_text("+5511988881111")
    expect(card).to_contain_text("4711")
    card.get_by_role("textbox", name="Why not").click()
    page.get_by_role("option", name="Wrong person").click()
    card.get_by_role("button", name="Pass over").click()
    expect(card).to_have_count(0)
    put("a2")
    page.locator("[data-preview=a2]").get_by_role("button", name="Call now").click()
    expect(page.locator("[data-preview]")).to_have_count(0)
    assert shown.decided == [("skip", "a1", "wrong_person", "3600.0"), ("accept", "a2")]


def test_P10_number_is_called_by_a_click(signed_in: SignedIn) -> None:
    page = signed_in("1001")
    form = page.get_by_role("form", name="Call somebody")
    call = form.get_by_role("button", name="Call")
    form.get_by_label("Number to call").fill("12")
    expect(call).to_be_disabled()
    form.get_by_label("Number to call").fill("(11) 98888-7777")
    call.click()
    expect(page.get_by_text("then 11988887777 is called")).to_be_visible()
    expect(form.get_by_label("Number to call")).to_have_value("")
