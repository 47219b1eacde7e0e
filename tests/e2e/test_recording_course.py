"""Recordings of calls with more than one talk: paused by the flow, refused afterwards, called back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pbx.telco_phones import Behaviour, Robot
from pbx.tones import read_raw, read_wav, seconds
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ, CARD_HZ = 440.0, 850.0, 1150.0
PERSON = "5511911110051"
FLOWS = {
    "carded": """
flow: carded
language: pt-BR
start: first
nodes:
  first: {type: enqueue, queue: sales, on: {answered: pause, otherwise: end}}
  pause: {type: recording, action: pause, max_s: 900, next: second}
  second: {type: enqueue, queue: sales, on: {answered: resume, otherwise: end}}
  resume: {type: recording, action: resume, next: third}
  third: {type: enqueue, queue: sales, on: {answered: end, otherwise: end}}
""",
    "refusing": """
flow: refusing
language: pt-BR
start: first
nodes:
  first: {type: enqueue, queue: sales, on: {answered: ask, otherwise: end}}
  ask: {type: consent, wait_s: 60, next: second, on: {refused: second}}
  second: {type: enqueue, queue: sales, on: {answered: end, otherwise: end}}
""",
}
CALLING_BACK = '    calling_back: {hours: "00:00-24:00", tries: 1, first: operator, dropped: true}\n'
RULES = "\nrecordings:\n  default: {policy: always, pause_max_s: 900}\n"


@pytest.fixture
def site(words: Words) -> Iterator[None]:
    """Numbers with these flows, and sales calls back whose line dropped; afterwards as before."""
    folder = words.centre.plan.flows
    before = (folder / "site.yaml").read_text(encoding="utf-8")
    for name, flow in FLOWS.items():
        (folder / f"{name}.yaml").write_text(flow, encoding="utf-8")
    sales = "    skills: {sales: 1}\n"
    text = before.replace(sales, sales + CALLING_BACK)
    text = text.replace("numbers:\n", 'numbers:\n  "5098": {flow: carded}\n  "5097": {flow: refusing}\n')
    words.when_site_is(text + RULES)
    words.api.wait("/flows", lambda page: set(FLOWS) <= {flow["id"] for flow in page["items"]})
    yield
    words.when_site_is(before)
    for name in FLOWS:
        (folder / f"{name}.yaml").unlink()


def given_robot(words: Words) -> Robot:
    """Operator 1106 in sales."""
    robot = words.given_operator("1106", {"sales": 1}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    assert robot is not None
    return robot


def files(words: Words) -> set[Path]:
    """All that lies in the recordings' folder."""
    return {path for path in words.centre.plan.recordings.rglob("*") if path.is_file()}


def most_heard(words: Words, hertz: float, old: set[Path]) -> float:
    """The longest that a tone can be heard in any file of the recordings' folder that is not old."""
    found = [0.0]
    for path in files(words) - old:
        try:
            stereo, mono = read_raw(path, channels=2), read_raw(path)
        except FileNotFoundError:
            continue
        found += [seconds(sound, hertz) for sound in (stereo[:, 0], stereo[:, 1], mono[:, 0])]
    return max(found)


def recorded(words: Words, ident: str) -> tuple[dict[str, Any], Any, int]:
    """The finished recording, its audio, its rate."""
    page = words.api.wait(f"/recordings?call_id={ident}", lambda page: page["items"])
    path = words.centre.plan.state / f"heard-{ident}.wav"
    path.write_bytes(words.api.raw("GET", f"/recordings/{ident}/audio"))
    return page["items"][0], *read_wav(path)


@pytest.mark.parametrize("resumed_by", ["flow", "operator"])
def test_M3_a_pause_of_the_flow_leaves_nothing_of_the_next_talk_on_disk_until_it_is_resumed(
    words: Words, site: None, resumed_by: str
) -> None:
    robot, old = given_robot(words), files(words)
    call = words.when_caller_dials("5098", say=f"tone:{CALLER_HZ:g}")
    ident = words.newest_call()
    words.when_they_talk(call, OPERATOR_HZ)
    robot.hangup()
    words.then_fact(ident, "RecordingPaused")
    call.say(f"tone:{CARD_HZ:g}")
    words.then_facts(ident, "CallConnected", 2)
    call.press("4111")
    words.when_they_talk(call, OPERATOR_HZ)
    assert most_heard(words, CARD_HZ, old) < 0.1
    assert words.api.get(f"/calls/{ident}/recording")["state"] == "paused"
    call.say(f"tone:{CALLER_HZ:g}")  # before anything is recorded again, however late that is seen
    words.when_they_talk(call, OPERATOR_HZ)
    if resumed_by == "operator":
        assert words.api.post(f"/calls/{ident}/recording/resume", {})["state"] == "recording"
    else:
        robot.hangup()
        words.then_fact(ident, "RecordingResumed")
        words.then_facts(ident, "CallConnected", 3)
    words.when_they_talk(call, OPERATOR_HZ)
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    recording, audio, rate = recorded(words, ident)
    words.then_recording_is_whole(recording, OPERATOR_HZ)
    (pause,) = recording["pauses"]
    assert pause["by"] == "flow"
    for side in (0, 1):
        assert seconds(audio[:, side], CARD_HZ, rate) < 0.1
    assert seconds(audio[: 2 * rate, 0], CALLER_HZ, rate) > 0.5, "the first talk"
    for side, hertz in ((0, CALLER_HZ), (1, OPERATOR_HZ)):
        assert seconds(audio[-2 * rate :, side], hertz, rate) > 0.8, "what was said after the pause"
    assert most_heard(words, CARD_HZ, old) < 0.1
    words.then_no_gap(ident)


def test_M4_who_refuses_after_a_recorded_talk_leaves_no_byte_of_that_either(words: Words, site: None) -> None:
    robot, old = given_robot(words), files(words)
    call = words.when_caller_dials("5097", say=f"tone:{CALLER_HZ:g}")
    ident = words.newest_call()
    words.when_they_talk(call, OPERATOR_HZ)
    words.until(lambda: most_heard(words, CALLER_HZ, old) > 0.5, "the first talk is being recorded")
    robot.hangup()
    words.then_trace(ident, lambda trace: "ask" in [f["node"] for f in trace if f["fact"] == "NodeEntered"])
    call.press("9")
    assert words.then_fact(ident, "ConsentTold")["consent"] == "refused"
    words.then_facts(ident, "CallConnected", 2)
    words.when_they_talk(call, OPERATOR_HZ)
    assert words.api.get(f"/calls/{ident}/recording")["consent"] == "refused"
    assert most_heard(words, CALLER_HZ, old) == 0
    call.hangup()
    ended = words.then_ended(ident)
    assert (ended["final_state"], ended["recording_id"]) == ("answered", None)
    assert words.api.get(f"/recordings?call_id={ident}")["items"] == []
    assert not [path for path in files(words) if ident in path.name]
    assert most_heard(words, CALLER_HZ, old) == 0
    words.then_no_gap(ident)


def test_M1_a_callback_is_one_recording_without_a_gap_beside_that_of_the_talk_that_dropped(
    words: Words, site: None
) -> None:
    words.telco.outside(PERSON, Behaviour(say=f"tone:{CALLER_HZ:g}"))
    robot = given_robot(words)
    call = words.when_caller_dials("5097", say=f"tone:{CARD_HZ:g}", caller=None, caller_id=f"+{PERSON}")
    dropped = words.newest_call()
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(dropped)
    words.then_operator_is("1106", "available")
    mark = words.telco.ami.mark()
    words.api.raw("POST", f"/calls/{dropped}/callback")
    file = Path(words.telco.wait_call_to(PERSON, since=mark)["File"])
    attempt = words.newest_call()
    words.then_phase(attempt, "talking")
    words.until(
        lambda: file.exists() and seconds(read_raw(file)[:, 0], OPERATOR_HZ) >= 2.0, "they talk for a while"
    )
    robot.hears(CALLER_HZ, least_s=1.5)
    robot.hangup()
    ended = words.then_ended(attempt)
    recording = words.then_recording_has(attempt, CALLER_HZ, OPERATOR_HZ, least_s=1.0)
    words.then_recording_is_unbroken(attempt, CALLER_HZ)
    assert recording["duration_s"] < ended["talk_s"] + 1.0
    assert recording["duration_s"] > seconds(read_raw(file)[:, 0], OPERATOR_HZ) - 1.0
    assert [leg["operator"] for leg in recording["legs"]] == ["1106"]
    assert words.then_recording_has(dropped, CARD_HZ, OPERATOR_HZ)["id"] == dropped
    words.then_no_gap(dropped, attempt)
