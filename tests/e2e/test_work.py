"""What calls leave to be done, on real calls: messages, surveys, cases, callbacks."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from demo.api import ApiError
from demo.centre import Centre
from pbx.patience import PATIENCE_S
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour, Robot
from pbx.tones import read_raw, read_wav, seconds
from tests.support.words import Words, put_site

CALLER_HZ, OPERATOR_HZ = 440.0, 850.0

FLOW = """
flow: work
language: pt-BR
start: choose
variables:
  protocol_keyed: {type: text, default: ""}
  case_state: {type: text, default: ""}
nodes:
  choose:
    type: menu
    prompt: menu/invalid
    timeout_s: 60
    keys: {1: voicemail, 2: support, 3: complaint, 4: ask-protocol, 5: complaints}
    on: {timeout: bye, invalid: bye}
  voicemail:
    type: voicemail
    prompt: voicemail/after-beep
    queue: support
    max_s: 4
    next: bye
  support:
    type: enqueue
    queue: support
    callback: {after_s: 1}
    on: {answered: survey, callback: bye, otherwise: bye}
  survey:
    type: survey
    prompt: survey/solved
    questions: [{name: csat, prompt: menu/invalid}, {name: solved, prompt: menu/invalid, keys: [1, 2]}]
    comment: true
    timeout_s: 60
    thanks: survey/thanks
    next: bye
  complaint:
    type: protocol
    kind: complaint
    times: 1
    next: bye
  ask-protocol:
    type: collect
    prompt: protocol/enter
    into: protocol_keyed
    min_digits: 14
    max_digits: 14
    timeout_s: 60
    between_s: 30
    next: look
    on: {otherwise: bye}
  look:
    type: lookup
    url: http://ramal.internal/cases/${protocol_keyed}
    into: {case_state: answer.state}
    next: which
    on: {failed: unknown, not_found: unknown}
  which:
    type: branch
    cases:
      - {when: 'case_state == "open"', to: is-open}
      - {when: 'case_state == "closed"', to: is-closed}
    otherwise: bye
  is-open: {type: hangup, prompt: protocol/state-open}
  is-closed: {type: hangup, prompt: protocol/state-closed}
  unknown: {type: hangup, prompt: protocol/not-found}
  complaints:
    type: enqueue
    queue: complaints
    on: {otherwise: bye}
  bye:
    type: hangup
    prompt: goodbye/short
"""

FORMS = """
forms:
  complaint:
    name: Complaint
    opens: complaint
    fields:
      about: {label: About, required: true}
"""


@pytest.fixture(scope="module", autouse=True)
def flow(centre: Centre) -> Iterator[None]:
    """A flow of our own behind number 5070."""
    site, work = centre.plan.flows / "site.yaml", centre.plan.flows / "work.yaml"
    before = site.read_text("utf-8")
    after = before.replace("numbers:\n", 'numbers:\n  "5070": {flow: work, name: Work}\n')
    support = "  support:\n    name: Technical support\n"
    assert support in after
    rules = '    calling_back: {hours: "00:00-24:00", tries: 2, spacing_s: 5, ring_s: 120}\n'
    complaints = "  complaints:\n    name: Complaints and cancellations\n"
    assert complaints in after
    after = after.replace(complaints, complaints + "    form: complaint\n    form_required: true\n")
    after += FORMS
    work.write_text(FLOW, "utf-8")
    put_site(centre, after.replace(support, support + rules))
    centre.api.wait(
        "/flows", lambda page: any(flow["id"] == "work" and flow["version"] for flow in page["items"])
    )
    yield
    put_site(centre, before)


def then_waits(words: Words, ident: str, stage: str, times: int = 1, timeout_s: float = PATIENCE_S) -> None:
    """Until the flow waits in this stage, for that many times."""
    deadline = time.monotonic() + timeout_s
    while sum(fact["kind"] == stage for fact in words.facts(ident, "WaitStarted")) < times:
        assert time.monotonic() < deadline, words.facts(ident)[-3:]
        time.sleep(0.05)


def then_at(words: Words, ident: str, node: str, timeout_s: float = PATIENCE_S) -> None:
    """Until the call has come to a node."""
    deadline = time.monotonic() + timeout_s
    while node not in {fact["node"] for fact in words.facts(ident, "NodeEntered")}:
        assert time.monotonic() < deadline, words.facts(ident)[-3:]
        time.sleep(0.05)


def when_time_passes_on_the_line(call: Call, seconds_: float) -> None:
    """Until the caller has been on the line for so much longer, by the sound that he got."""
    begin = len(call.recorded_audio())
    deadline = time.monotonic() + seconds_ + PATIENCE_S
    while len(call.recorded_audio()) - begin < seconds_ * 8000:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def then_heard(file: Path, hertz: float, timeout_s: float = PATIENCE_S) -> None:
    """Somebody whom we called has heard a tone."""
    deadline = time.monotonic() + timeout_s
    while not file.exists() or seconds(read_raw(file)[:, 0], hertz) < 0.5:
        assert time.monotonic() < deadline, f"{hertz} Hz was not heard"
        time.sleep(0.1)


def item_of(words: Words, ident: str) -> dict[str, Any]:
    """The one work item of a call, with its audio fetched."""
    page = words.api.wait(
        f"/work-items?call_id={ident}",
        lambda page: page["items"] and page["items"][0]["audio"] != "pending",
    )
    assert len(page["items"]) == 1
    item: dict[str, Any] = page["items"][0]
    return item


def then_item_has(words: Words, item: dict[str, Any], hertz: float, least_s: float, path: Path) -> None:
    """The item's audio is the caller's voice, whole, and as the item says."""
    assert item["audio"] == "stored"
    raw = words.api.raw("GET", f"/work-items/{item['id']}/audio")
    assert hashlib.sha256(raw).hexdigest() == item["sha256"]
    path.write_bytes(raw)
    audio, rate = read_wav(path)
    assert len(audio) / rate == pytest.approx(item["duration_s"], abs=0.01)
    assert seconds(audio[:, 0], hertz, rate) >= least_s


def test_C14_voicemail_is_reviewed_kept_and_arrives_as_work_with_its_audio(
    words: Words, tmp_path: Path
) -> None:
    call = words.when_caller_dials("5070")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    call.press("1")
    then_waits(words, ident, "review")
    call.press("3")
    call.hears(CALLER_HZ, least_s=1.0)
    then_waits(words, ident, "review", 2)
    call.press("1")
    assert words.then_ended(ident)["final_state"] == "voicemail"
    item = item_of(words, ident)
    assert (item["kind"], item["queue"], item["state"], item["to"]) == ("voicemail", "support", "new", "5070")
    then_item_has(words, item, CALLER_HZ, 1.0, tmp_path / "heard.wav")
    assert words.then_fact(ident, "MessageLeft")["item"] == item["id"]


def test_C14_caller_who_hangs_up_while_recording_has_left_his_message(words: Words, tmp_path: Path) -> None:
    call = words.when_caller_dials("5070")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    call.press("1")
    then_waits(words, ident, "recording")
    when_time_passes_on_the_line(call, 2.5)
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "voicemail"
    then_item_has(words, item_of(words, ident), CALLER_HZ, 1.0, tmp_path / "heard.wav")


def test_C14_work_is_taken_once_and_done(words: Words) -> None:
    call = words.when_caller_dials("5070")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    call.press("1")
    then_waits(words, ident, "recording")
    when_time_passes_on_the_line(call, 2.5)
    call.hangup()
    item = item_of(words, ident)
    taken = words.api.patch(f"/work-items/{item['id']}", {"state": "taken", "owner": "1106"})
    assert (taken["state"], taken["owner"]) == ("taken", "1106")
    done = words.api.patch(f"/work-items/{item['id']}", {"state": "done", "note": "called back"})
    assert (done["state"], done["owner"], done["note"]) == ("done", "1106", "called back")
    assert item["id"] in {i["id"] for i in words.api.get("/work-items?state=done")["items"]}
    with pytest.raises(ApiError, match="404"):
        words.api.raw("GET", "/work-items/none/audio")


def when_caller_takes_the_callback(words: Words, number: str) -> tuple[Call, str]:
    """Somebody who waits for support accepts to be called back at the number he shows."""
    call = words.when_caller_dials("5070", caller=None, caller_id=f"+{number}")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    call.press("2")
    words.then_phase(ident, "waiting")
    deadline = time.monotonic() + PATIENCE_S
    while not any("callback/offer" in fact["prompts"] for fact in words.facts(ident, "PromptPlayed")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    call.press("1")
    then_waits(words, ident, "callback-confirm")
    call.press("1")
    return call, ident


def given_operator_signs_in(words: Words) -> Robot:
    """An operator for support, who may be taken in the moment of signing in."""
    robot = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"), signed_in=False)
    assert robot is not None
    words.api.put("/operators/1106/state", {"state": "available"})
    return robot


def callback_of(words: Words, ident: str) -> dict[str, Any]:
    page = words.api.wait(f"/callbacks?call_id={ident}", lambda page: page["items"])
    found: dict[str, Any] = page["items"][0]
    return found


def test_C13_caller_keeps_his_place_and_is_called_back_when_it_is_his_turn(words: Words) -> None:
    number = "5511911110001"
    words.telco.outside(number, Behaviour(say="tone:440"))
    _, ident = when_caller_takes_the_callback(words, number)
    record = words.then_ended(ident)
    assert record["final_state"] == "callback"
    callback = callback_of(words, ident)
    assert (callback["state"], callback["number"], callback["queue"]) == ("waiting", number, "support")
    assert callback["entered_at"] == record["queued_at"]
    later = words.when_caller_dials("5070")
    later_id = words.newest_call()
    then_waits(words, later_id, "key")
    later.press("2")
    words.then_phase(later_id, "waiting")
    robot = given_operator_signs_in(words)
    offered = words.telco.wait_call_to(number)
    attempt = words.newest_call()
    assert attempt == f"{callback['id']}-1"
    words.then_phase(attempt, "talking")
    assert words.api.get(f"/calls/{later_id}")["phase"] == "waiting"
    then_heard(Path(offered["File"]), OPERATOR_HZ)
    robot.hangup()
    called = words.then_ended(attempt)
    assert (called["final_state"], called["direction"], called["from"]) == ("answered", "outbound", number)
    words.when_they_talk(later, OPERATOR_HZ)
    later.hangup()
    words.then_ended(later_id)
    kept = words.api.wait(f"/callbacks/{callback['id']}", lambda found: found["state"] == "done")
    assert [(tried["number"], tried["outcome"]) for tried in kept["tried"]] == [(1, "answered")]
    words.then_recording_has(attempt, left=CALLER_HZ, right=OPERATOR_HZ)


def test_C13_busy_caller_is_tried_again_with_spacing_and_never_beyond_the_tries(words: Words) -> None:
    number = "5511911110002"
    words.telco.outside(number, Behaviour(do="busy"))
    _, ident = when_caller_takes_the_callback(words, number)
    words.then_ended(ident)
    callback = callback_of(words, ident)
    since = words.telco.ami.mark()
    given_operator_signs_in(words)
    url = f"/callbacks/{callback['id']}"
    given_up = words.api.wait(url, lambda found: found["state"] == "failed")
    assert [(tried["number"], tried["outcome"]) for tried in given_up["tried"]] == [(1, "busy"), (2, "busy")]
    first, second = (tried["started_at"] for tried in given_up["tried"])
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) >= timedelta(seconds=4)
    assert len(words.telco.calls_to(number, since)) == 2
    words.then_operator_is("1106", "available")


def test_C13_a_promise_survives_the_death_of_the_application(words: Words) -> None:
    number = "5511911110003"
    words.telco.outside(number, Behaviour(say="tone:440"))
    _, ident = when_caller_takes_the_callback(words, number)
    words.then_ended(ident)
    before = callback_of(words, ident)
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    assert callback_of(words, ident)["entered_at"] == before["entered_at"]
    robot = given_operator_signs_in(words)
    attempt = words.newest_call()
    words.then_phase(attempt, "talking")
    robot.hangup()
    assert words.then_ended(attempt)["final_state"] == "answered"
    words.api.wait(f"/callbacks/{before['id']}", lambda found: found["state"] == "done")


def test_C13_a_number_that_costs_is_not_called_back(words: Words) -> None:
    call, ident = when_caller_takes_the_callback(words, "1900555123456")
    words.then_fact(ident, "PromptPlayed")
    deadline = time.monotonic() + PATIENCE_S
    while not any("callback/not-available" in fact["prompts"] for fact in words.facts(ident, "PromptPlayed")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert words.api.get(f"/calls/{ident}")["phase"] == "waiting"
    assert words.api.get(f"/callbacks?call_id={ident}")["items"] == []
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "abandoned"


def test_C15_survey_after_the_call_is_stored_with_it_and_with_the_spoken_comment(
    words: Words, tmp_path: Path
) -> None:
    robot = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    assert robot is not None
    call = words.when_caller_dials("5070")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    robot.hangup()
    then_waits(words, ident, "question")
    call.press("4")
    then_waits(words, ident, "question", 2)
    call.press("1")
    then_waits(words, ident, "comment")
    call.press("1")
    then_waits(words, ident, "recording")
    when_time_passes_on_the_line(call, 4.0)
    call.press("#")
    then_waits(words, ident, "thanks")
    words.then_ended(ident)
    survey = words.api.wait(
        f"/calls/{ident}/survey",
        lambda found: found["comments"] and found["comments"][0]["audio"] == "stored",
    )
    assert [(a["question"], a["answer"]) for a in survey["answers"]] == [("csat", "4"), ("solved", "1")]
    then_item_has(words, survey["comments"][0], CALLER_HZ, 1.0, tmp_path / "comment.wav")


class Posts(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.got.put(json.loads(self.rfile.read(length)))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing: tests are quiet."""


@contextmanager
def posted_to(got: queue.Queue[dict[str, Any]]) -> Iterator[str]:
    """Where a server of our own listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Posts) as server:
        server.got = got  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_C17_complaint_gets_a_protocol_number_and_a_case_with_a_deadline(words: Words) -> None:
    """It is spoken, and sent to the system that tells the caller in writing."""
    got: queue.Queue[dict[str, Any]] = queue.Queue()
    with posted_to(got) as url:
        body = {"url": url, "events": ["call.protocol_given"], "private": True}
        webhook = words.api.post("/webhooks", body)["id"]
        call = words.when_caller_dials("5070", caller=None, caller_id="+5511922223333")
        ident = words.newest_call()
        then_waits(words, ident, "key")
        call.press("3")
        protocol = words.then_ended(ident, 90)["protocol"]
        sent = got.get(timeout=PATIENCE_S)["data"]
        words.api.delete(f"/webhooks/{webhook}")
    assert (sent["protocol"], sent["call_id"], sent["call"]["from"]) == (protocol, ident, "+5511922223333")
    said = [prompt for fact in words.facts(ident, "PromptPlayed") for prompt in fact["prompts"]]
    assert "".join(prompt[6] for prompt in said if prompt.startswith("digit/")).startswith(protocol)
    given = words.facts(ident, "ProtocolGiven")
    assert [(fact["protocol"], fact["kind"]) for fact in given] == [(protocol, "complaint")]
    case = words.api.get(f"/cases/{protocol}")
    assert (case["kind"], case["from"], case["call_id"], case["state"]) == (
        "complaint",
        "+5511922223333",
        ident,
        "open",
    )
    owed = datetime.fromisoformat(case["deadline_at"]) - datetime.fromisoformat(case["opened_at"])
    assert timedelta(days=7) <= owed < timedelta(days=8)
    history = words.api.get("/cases?from=%2B5511922223333")["items"]
    assert protocol in {item["protocol"] for item in history}


def test_C17_no_protocol_number_is_given_twice_across_a_restart(words: Words) -> None:
    earlier = [words.api.post("/cases", {"kind": "support", "from": "5511"})["protocol"] for _ in range(20)]
    words.api.wait(f"/cases/{earlier[-1]}", lambda case: case["state"] == "open")
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    later = words.api.post("/cases", {"kind": "support", "from": "5511"})["protocol"]
    assert int(later) > int(earlier[-1])


def test_P11_case_is_taken_answered_and_closed(words: Words) -> None:
    opened = words.api.post("/cases", {"kind": "order", "from": "+5511944445555", "note": "two pizzas"})
    url = f"/cases/{opened['protocol']}"
    words.api.wait(url, lambda case: case["state"] == "open")
    taken = words.api.patch(url, {"state": "in_progress", "owner": "1106"})
    assert (taken["state"], taken["owner"], taken["note"]) == ("in_progress", "1106", "two pizzas")
    assert words.api.patch(url, {"state": "closed", "note": "delivered"})["state"] == "closed"
    assert words.api.get("/cases?state=closed&owner=1106")["items"][0]["protocol"] == opened["protocol"]


def test_C13_attempt_under_way_when_the_application_dies_is_not_dialled_again(words: Words) -> None:
    number = "5511911110004"
    words.telco.outside(number, Behaviour(do="ring", say="tone:440"))
    _, ident = when_caller_takes_the_callback(words, number)
    words.then_ended(ident)
    since = words.telco.ami.mark()
    robot = given_operator_signs_in(words)
    words.telco.wait_call_to(number, since=since)
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    words.telco.pick_up(number, since)
    attempt = words.newest_call()
    words.then_phase(attempt, "talking")
    robot.hangup()
    assert words.then_ended(attempt)["final_state"] == "answered"
    words.api.wait(f"/callbacks?call_id={ident}", lambda page: page["items"][0]["state"] == "done")
    assert len(words.telco.calls_to(number, since)) == 1


def test_P11_caller_keys_his_protocol_and_hears_its_state(words: Words) -> None:
    protocol = words.api.post("/cases", {"kind": "order", "from": "+5511944446666"})["protocol"]
    words.api.wait(f"/cases/{protocol}", lambda case: case["state"] == "open")
    heard = []
    for keyed in (protocol, "19990101000000"):
        call = words.when_caller_dials("5070")
        ident = words.newest_call()
        then_waits(words, ident, "key")
        call.press("4")
        then_at(words, ident, "ask-protocol")
        call.press(keyed)
        words.then_ended(ident)
        heard.append(words.facts(ident, "PromptPlayed")[-1]["prompts"])
    assert heard == [["protocol/state-open"], ["protocol/not-found"]]


def test_C14_voicemail_taken_without_the_application_is_work_when_it_is_back(
    words: Words, tmp_path: Path
) -> None:
    """Of a caller whom it left in the middle of the menu, too."""
    left = words.when_caller_dials("5070", caller=None, caller_id="+5511933335555")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    words.centre.kill_application()
    try:
        came = words.telco.call("5070", caller=None, caller_id="+5511933334444")
        folder = words.centre.plan.state / "recordings" / "voicemail"
        deadline = time.monotonic() + 90  # 20 s until the one who was left is taken back
        while sum(path.stat().st_size > 60_000 for path in folder.glob("*.wav")) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        left.hangup()
        came.hangup()
    finally:
        words.centre.start_application()
        words.centre.await_ready()

    callers = {"+5511933334444", "+5511933335555"}

    def taken(page: dict[str, Any]) -> list[dict[str, Any]]:
        kept = [item for item in page["items"] if item["id"].endswith("-fallback")]
        return [item for item in kept if item["from"] in callers and item["audio"] == "stored"]

    page = words.api.wait("/work-items?kind=voicemail", lambda page: len(taken(page)) == 2, 90)
    items = {item["from"]: item for item in taken(page)}
    assert set(items) == callers
    assert {(item["to"], item["queue"]) for item in items.values()} == {("5070", "general")}
    assert items["+5511933335555"]["call_id"] == ident
    words.then_ended(ident)
    assert len(words.facts(ident, "CallEnded")) == 1
    for number, item in items.items():
        then_item_has(words, item, CALLER_HZ, 1.0, tmp_path / f"{number}.wav")


def test_P5_operator_is_ready_only_after_writing_what_the_queue_wants_written(words: Words) -> None:
    words.centre.kill_application()  # queues are read at the start
    words.centre.start_application()
    words.centre.await_ready()
    words.given_operator("1106", {"orders": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials("5070")
    ident = words.newest_call()
    then_waits(words, ident, "key")
    call.press("5")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    words.then_operator_is("1106", "wrap_up")
    with pytest.raises(ApiError, match="409"):
        words.api.put("/operators/1106/state", {"state": "available"})
    with pytest.raises(ApiError, match="about is required"):
        words.api.post(f"/calls/{ident}/disposition", {"answers": {}})
    written = words.api.post(f"/calls/{ident}/disposition", {"answers": {"about": "late delivery"}})
    assert words.api.wait(f"/cases/{written['protocol']}", lambda case: case["form"])["kind"] == "complaint"
    words.api.put("/operators/1106/state", {"state": "available"})
    words.then_operator_is("1106", "available")
