"""Supervisors lead the floor: listen in, write to operators, close queues, set limits; all of it audited."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from ari_app.model.ids import OperatorId
from ari_app.model.operator import OperatorState
from tests.console.conftest import SignedIn
from tests.console.floor import watches
from tests.console.seed import HOSTILE, put_call, put_state
from tests.console.served import Served


def _audited(served: Served) -> list[tuple[str, str, str]]:
    rows = served.do(served.house.audit.entries(limit=40))
    return [(row.entry.who, row.entry.action, row.entry.target) for row in rows]


def test_S2_supervisor_listens_whispers_takes_over_and_stops(signed_in: SignedIn, served: Served) -> None:
    served.do(put_call(served.house, "talk2", "+5511933332222", "1002", ended=False))
    put_state(served.house, OperatorId("1002"), OperatorState.TALKING, since=time.time(), call="talk2")
    page = signed_in("supervisor", "/operators")
    page.locator("[data-operator='1002']").get_by_role("button").click()
    page.get_by_role("menuitem", name="Listen in").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="My phone's extension").click()
    page.get_by_role("option", name=re.compile("^1001")).click()
    expect(dialog).to_contain_text("Nobody hears this phone.")
    dialog.get_by_role("button", name="Ring this phone").click()
    watch = page.locator("[data-watch]")
    expect(watch).to_have_attribute("data-mode", "listen")
    expect(watch).to_contain_text("the call of Bruno Lima")
    for label, mode in (("Whisper", "whisper"), ("Barge in", "barge"), ("Take over", "take_over")):
        watch.get_by_text(label, exact=True).click()
        expect(watch).to_have_attribute("data-mode", mode)
    watch.get_by_role("button", name="Stop listening").click()
    expect(watch).to_have_count(0)
    assert watches().modes == ["listen", "whisper", "barge", "take_over"]
    acts = [action for who, action, _ in _audited(served) if who == "supervisor" and "supervision" in action]
    assert len(acts) >= 5, "begun, three changes, ended: each in the audit log"


def test_S6_message_reaches_the_operators_page_and_is_gone_once_read(
    signed_in: SignedIn, served: Served
) -> None:
    operator = signed_in("1008", "/calls")
    page = signed_in("supervisor", "/operators")
    page.locator("[data-operator='1008']").get_by_role("button").click()
    page.get_by_role("menuitem", name="Send a message").click()
    page.get_by_role("dialog").get_by_label("Message").fill(f"Fila cheia, volte. {HOSTILE[:60]}")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    notice = operator.locator("[data-notice]")
    expect(notice).to_contain_text("Fila cheia, volte.")
    expect(notice).to_contain_text("supervisor")
    operator.reload()
    expect(notice).to_have_count(1)
    notice.get_by_role("button", name="Read").click()
    expect(notice).to_have_count(0)
    operator.reload()
    operator.wait_for_selector("#content h1")
    expect(notice).to_have_count(0)
    assert operator.title() != "owned"
    assert any("notices" in action for _, action, _ in _audited(served))


def test_C20_queue_is_closed_announced_to_and_opened_from_its_page(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/queues")
    queue = page.locator("[data-queue=orders]")
    acts = queue.get_by_role("button", name="Actions for the queue Orders")
    acts.click()
    page.get_by_role("menuitem", name="Close at once").click()
    expect(queue).to_contain_text("closed")
    acts.click()
    page.get_by_role("menuitem", name="Open again").click()
    expect(queue.get_by_text("closed", exact=True)).to_have_count(0)


def test_S1_limits_of_the_wallboard_are_the_screens_own(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", own=True)
    waiting = page.locator("[data-figure=waiting]")
    expect(waiting).to_contain_text("3")
    assert waiting.get_attribute("data-tone") is None
    page.get_by_role("button", name="When figures warn").click()
    page.get_by_label("Waiting: red").fill("3")
    expect(waiting).to_have_attribute("data-tone", "bad")
    page.reload()
    expect(waiting).to_have_attribute("data-tone", "bad")
