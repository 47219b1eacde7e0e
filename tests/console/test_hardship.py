"""What goes wrong around a page: lines cut, sessions ended in a call, no microphone, lists without end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocketRoute, expect

from ari_app.model import facts
from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.ids import DEFAULT_CLIENT, CallId, ChannelId, OperatorId, RecordingId
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.ports import OperatorView, PromptMade, Stamped
from pbx.telephony import until
from tests.console.conftest import SignedIn
from tests.console.seed import HOSTILE, PASSWORD, put_call, put_state
from tests.console.served import Served

MANY = 10_000
TO_THE_END = """([row, last]) => {
  const scroller = document.querySelector('[role=region]');
  scroller.scrollTo(0, scroller.scrollHeight);
  return [...document.querySelectorAll(row)].some(one => one.textContent.includes(last));
}"""


def test_S1_line_that_is_cut_for_a_minute_is_said_and_taken_up_at_its_cursor(
    signed_in: SignedIn, served: Served
) -> None:
    cut, opened = [False], list[str]()
    page = signed_in("1008", own=True)
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        opened.append(line.url)
        if cut[0]:
            line.close(code=1001)
            return
        line.connect_to_server()
        lines.append(line)

    page.context.route_web_socket("**/api/v1/live*", through)
    page.clock.install()
    page.reload()
    pill = page.locator("[data-state]").first
    expect(pill).to_have_attribute("data-state", "talking")
    expect(page.locator("[data-live=open]")).to_have_count(1)
    cut[0] = True
    lines[-1].close(code=1001)
    expect(page.locator("[data-link=lost]")).to_be_visible()
    put_state(served.house, OperatorId("1008"), OperatorState.PAUSED, since=time.time())
    fact = facts.OperatorStateChanged(OperatorId("1008"), "talking", "paused", "meal", "seed")
    served.call(lambda: served.house.journal.put_facts([Stamped(time.time(), fact)]))
    served.flush()
    tried = len(opened)
    for _ in range(10):
        page.clock.run_for(6_000)  # a minute of the page's own time
    expect(page.locator("[data-link=lost]")).to_be_visible()

    def tries_on() -> bool:
        """Each attempt takes a while of the machine's time, in which the page's may have gone by."""
        page.clock.run_for(6_000)
        return len(opened) > tried + 3

    until(tries_on, what="it has not given up")
    cut[0] = False
    page.clock.run_for(6_000)
    expect(page.locator("[data-link=lost]")).to_have_count(0)
    expect(pill).to_have_attribute("data-state", "paused")
    assert "after=" in opened[-1], "it is taken up where it was cut, not begun anew"
    put_state(served.house, OperatorId("1008"), OperatorState.TALKING, since=time.time())


def test_X7_session_that_ends_in_a_call_is_asked_for_and_the_call_stays(
    signed_in: SignedIn, served: Served
) -> None:
    served.do(put_call(served.house, "kept", "+5511912341234", "1005", ended=False))
    put_state(served.house, OperatorId("1005"), OperatorState.TALKING, since=time.time(), call="kept")
    page = signed_in("1005", own=True)
    call = page.locator("[data-call=kept]")
    expect(call).to_contain_text("+5511912341234")
    with page.expect_response(lambda told: told.url.endswith("/api/v1/operators") and told.status == 401):
        page.context.clear_cookies()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("A call in this browser is not cut off.")
    dialog.locator("input[type=password]").fill(PASSWORD)
    expect(call).to_have_count(1)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(call).to_contain_text("+5511912341234")


LOOK_AGAIN = "setInterval(() => window.dispatchEvent(new Event('visibilitychange')), 200)"


@pytest.mark.parametrize(
    ("path", "asked", "shown"),
    [
        ("/flows", "**/api/v1/flows", "[data-flow]"),
        ("/prompts", "**/api/v1/prompts", "#content table"),
        ("/calls/seen", "**/api/v1/calls/seen", "[role=tabpanel]"),
    ],
)
def test_X7_what_is_on_the_page_stays_while_it_cannot_be_had_anew(
    signed_in: SignedIn, served: Served, path: str, asked: str, shown: str
) -> None:
    served.do(put_call(served.house, "seen", "+5511912341234", "1005", ended=True))
    page = signed_in("admin", path)
    expect(page.locator(shown).first).to_be_visible()
    page.evaluate("window.mark = document.querySelector('#content h1')")
    page.route(asked, lambda route: route.fulfill(status=404, json={"title": "away"}))
    for _ in range(2):  # who asks a second time has drawn what came of the first
        with page.expect_response(lambda told: told.status == 404):
            page.evaluate(LOOK_AGAIN)
    expect(page.locator(shown).first).to_be_visible()
    assert page.evaluate("window.mark.isConnected"), "it is the same page, not one drawn anew"


def test_P3_microphone_that_is_denied_is_said_with_what_to_do(signed_in: SignedIn) -> None:
    page = signed_in("1001")
    page.get_by_role("button", name="Check before the shift").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("allow it in the address bar")


@pytest.fixture
def crowded(served: Served) -> Iterator[None]:
    """Ten thousand operators and prompts, all with hostile names, for one test."""
    desk, office = served.house.desk, served.house.prompts
    known, made = desk._views, office.made
    views, prompts = dict(known), dict(made)
    for place in range(MANY):
        ident = OperatorId(str(30_000 + place))
        operator = Operator(ident, f"{HOSTILE[:60]} {place}", {})
        views[ident] = OperatorView(
            operator, OperatorState.SIGNED_OUT, "", time.time(), None, reachable=False, clocked_in=False
        )
        name = f"many/{place}"
        prompts["default", "en", name] = PromptMade(name, "en", DEFAULT_CLIENT, "seed", HOSTILE[:60])
    desk._views, office.made = views, prompts  # at once: the server's thread may be reading them
    yield
    desk._views = known
    office.made = made


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize(
    ("who", "path", "row", "last"),
    [
        ("admin", "/operators", "tr[data-operator]", "39999"),
        ("admin", "/prompts", "tr[data-prompt]", "own/many/9999"),
    ],
)
def test_S1_ten_thousand_rows_are_scrolled_and_only_those_in_sight_exist(
    signed_in: SignedIn, who: str, path: str, row: str, last: str
) -> None:
    page = signed_in(who, path)
    rows = page.locator(row)
    expect(rows.first).to_be_visible()
    page.wait_for_function(TO_THE_END, arg=[row, last])
    assert rows.count() < 100
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0


def _put_old_calls(served: Served) -> None:
    began = time.time() - 40 * 86_400
    for place in range(MANY):
        ident = CallId(f"old{place:05d}")
        served.house.journal.put_call(
            CallRecord(
                ident, ChannelId(ident), HOSTILE[:50], "5999", began - place, phase=Phase.ENDED,
                ended_at=began - place + 9, final_state=FinalState.SELF_SERVED,
            ),
            None,
        )  # fmt: skip
        served.house.journal.put_recording(
            Recording(RecordingId(ident), ident, RecordingStatus.COMPLETE, began - place, duration_s=9.0)
        )


def test_S1_ten_thousand_calls_and_recordings_come_by_pages(signed_in: SignedIn, served: Served) -> None:
    served.call(lambda: _put_old_calls(served))
    served.flush()
    for path, mark in (("/calls", "call"), ("/recordings", "recording")):
        page = signed_in("supervisor", path)
        expect(page.get_by_text("100 shown")).to_be_visible()
        scroller = page.locator("[role=region]").first
        for shown in (200, 300, 400, 500):
            scroller.evaluate("element => element.scrollTo(0, element.scrollHeight)")
            expect(page.get_by_text(f"{shown} shown")).to_be_visible()
        assert page.locator(f"tr[data-{mark}]").count() < 100
        assert page.title() != "owned"
        assert page.locator("img[src=x]").count() == 0
