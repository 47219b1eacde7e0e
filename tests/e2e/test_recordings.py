"""Recordings on real calls: paused for card data, on demand, with consent, over a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from pbx.tones import Samples, read_raw, read_wav, seconds
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ, CARD_HZ, EARLY_HZ = 440.0, 850.0, 1150.0, 1400.0
DTMF = (697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0)
RULES = """
recordings:
  default: {policy: always, pause_max_s: 60}
"""
FLOW = """
flow: consented
language: pt-BR
start: ask
nodes:
  ask: {type: consent, next: line, on: {refused: line}}
  line: {type: enqueue, queue: sales, on: {answered: end, otherwise: end}}
"""


@pytest.fixture
def rules(words: Words) -> Iterator[None]:
    """Sales on demand with four seconds before, a number with consent; afterwards as before."""
    site, flow = words.centre.plan.flows / "site.yaml", words.centre.plan.flows / "consented.yaml"
    before = site.read_text(encoding="utf-8")
    sales = "    skills: {sales: 1}\n"
    text = before.replace(sales, f"{sales}    recording: {{policy: on_demand, before_s: 4}}\n")
    text = text.replace("numbers:\n", 'numbers:\n  "5099": {flow: consented}\n')
    flow.write_text(FLOW, encoding="utf-8")
    words.when_site_is(text + RULES)
    words.api.wait("/flows", lambda page: any(f["id"] == "consented" for f in page["items"]))
    yield
    words.when_site_is(before)
    flow.unlink()


def longest_silence(audio: Samples) -> int:
    """The most samples in a row in which neither side has any sound."""
    sound = np.flatnonzero(audio.any(axis=1))
    return int(np.diff(sound, prepend=-1, append=len(audio)).max()) - 1


def talk(words: Words, key: str = "2", number: str = "5000", **how: Any) -> tuple[Call, str]:
    """A caller talks with operator 1106."""
    words.given_operator("1106", {"support": 2, "sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials(number, **how)
    ident = words.newest_call()
    if key:
        call.press(key)
    words.when_they_talk(call, OPERATOR_HZ)
    words.then_phase(ident, "talking")
    return call, ident


def recorded(words: Words, ident: str) -> dict[str, Any]:
    """The finished recording, its audio on disk as `wav`."""
    page = words.api.wait(f"/recordings?call_id={ident}", lambda page: page["items"])
    recording: dict[str, Any] = page["items"][0]
    path = words.centre.plan.state / f"heard-{ident}.wav"
    path.write_bytes(words.api.raw("GET", f"/recordings/{ident}/audio"))
    recording["wav"] = path
    return recording


def raw_of(words: Words, ident: str) -> Path:
    return words.centre.plan.recordings / f"{ident}.raw"


def test_M3_card_data_in_a_pause_is_nowhere_on_disk_and_recording_goes_on(words: Words) -> None:
    call, ident = talk(words)
    state = words.api.post(f"/calls/{ident}/recording/pause", {"max_s": 60})
    assert state["state"] == "paused"
    call.say(f"tone:{CARD_HZ:g}")
    call.press("4111")
    words.when_they_talk(call, OPERATOR_HZ)
    call.say(f"tone:{CALLER_HZ:g}")
    words.when_they_talk(call, OPERATOR_HZ)
    raw = read_raw(raw_of(words, ident), channels=2)
    assert words.api.post(f"/calls/{ident}/recording/resume", {})["state"] == "recording"
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    record = words.then_ended(ident)
    recording = recorded(words, ident)
    words.then_recording_is_whole(recording, OPERATOR_HZ)
    audio, rate = read_wav(recording["wav"])
    for sound in (raw, audio):
        assert seconds(sound[:, 0], CARD_HZ, rate) < 0.1
        assert all(seconds(sound[:, 0], tone, rate) < 0.2 for tone in DTMF)
    assert seconds(audio[:, 0], CALLER_HZ, rate) > 0.8
    (pause,) = recording["pauses"]
    assert pause["end_s"] - pause["start_s"] > 1.5
    assert longest_silence(audio) / rate > 1.0, "the pause is in it, as silence"  # a busy machine writes less
    assert (pause["by"], pause["ended_by"]) == ("token:set-up", "token:set-up")
    assert recording["duration_s"] < record["talk_s"] + 1.0
    words.until(lambda: not raw_of(words, ident).exists(), "what the PBX wrote is gone")
    kinds = [fact["fact"] for fact in words.facts(ident)]
    assert kinds.index("RecordingStarted") < kinds.index("RecordingPaused") < kinds.index("RecordingResumed")


def test_M3_a_pause_ends_by_itself(words: Words) -> None:
    call, ident = talk(words)
    words.api.post(f"/calls/{ident}/recording/pause", {"max_s": 1})
    words.then_fact(ident, "RecordingResumed")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    recording = recorded(words, ident)
    assert recording["pauses"][0]["ended_by"] == "time limit"
    audio, rate = read_wav(recording["wav"])
    assert seconds(audio[-3 * rate :, 1], OPERATOR_HZ, rate) > 0.5


def test_M3_app_killed_while_paused_and_it_is_still_paused(words: Words) -> None:
    call, ident = talk(words)
    words.api.post(f"/calls/{ident}/recording/pause", {"max_s": 60})
    words.then_fact(ident, "RecordingPaused")  # a store that takes its time is not waited for
    words.centre.kill_application()
    call.say(f"tone:{CARD_HZ:g}")
    words.centre.start_application()
    words.centre.await_ready()
    words.api.wait(f"/calls/{ident}/recording", lambda tape: tape["state"] == "paused")
    words.when_they_talk(call, OPERATOR_HZ)
    call.say(f"tone:{CALLER_HZ:g}")
    words.when_they_talk(call, OPERATOR_HZ)
    words.api.post(f"/calls/{ident}/recording/resume", {})
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    audio, rate = read_wav(recorded(words, ident)["wav"])
    assert seconds(audio[:, 0], CARD_HZ, rate) < 0.1
    assert seconds(audio[:, 0], CALLER_HZ, rate) > 0.8


def test_M2_on_demand_with_the_last_seconds_and_nothing_of_before(words: Words, rules: None) -> None:
    call, ident = talk(words, "1", say=f"tone:{EARLY_HZ:g}")
    assert words.api.get(f"/calls/{ident}/recording")["state"] == "held"
    for _ in range(2):
        words.when_they_talk(call, OPERATOR_HZ)
    call.say(f"tone:{CALLER_HZ:g}")
    for _ in range(5):
        words.when_they_talk(call, OPERATOR_HZ)
    assert words.api.post(f"/calls/{ident}/recording/start", {})["state"] == "recording"
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    recording = recorded(words, ident)
    audio, rate = read_wav(recording["wav"])
    assert seconds(audio[:, 0], EARLY_HZ, rate) < 0.1
    assert seconds(audio[:, 0], CALLER_HZ, rate) > 2.0, "more than was said after it was asked for"
    assert recording["policy"] == "queue sales"


def test_M2_what_nobody_asked_to_record_leaves_no_file(words: Words, rules: None) -> None:
    call, ident = talk(words, "1")
    words.until(raw_of(words, ident).exists, "the PBX writes it")
    call.hangup()
    assert words.then_ended(ident)["recording_id"] is None
    words.until(lambda: not raw_of(words, ident).exists(), "nothing of it is left")
    assert words.api.get(f"/recordings?call_id={ident}")["items"] == []
    assert ident not in {gap["id"] for gap in words.api.get("/recordings/gaps")["items"]}


def test_M4_who_refuses_is_served_and_no_byte_is_kept(words: Words, rules: None) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials("5099")
    ident = words.newest_call()
    words.then_fact(ident, "PromptPlayed")
    call.press("9")
    words.when_they_talk(call, OPERATOR_HZ)
    assert not raw_of(words, ident).exists()
    assert words.api.get(f"/calls/{ident}/recording")["consent"] == "refused"
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    assert [fact["consent"] for fact in words.facts(ident, "ConsentTold")] == ["refused"]
    assert not list(words.centre.plan.recordings.rglob(f"*{ident}*"))


def test_M4_consent_withdrawn_during_and_after_the_call_deletes(words: Words) -> None:
    call, ident = talk(words)
    words.until(raw_of(words, ident).exists, "the PBX writes it")
    words.api.post(f"/calls/{ident}/recording/withdraw", {"reason": "asked for it"})
    assert not raw_of(words, ident).exists()
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    words.until(lambda: not list(words.centre.plan.recordings.rglob(f"*{ident}*")), "nothing of it is left")
    words.then_operator_is("1106", "available")
    again = words.when_caller_dials()
    stored = words.newest_call()
    again.press("2")
    words.when_they_talk(again, OPERATOR_HZ)
    again.hangup()
    words.then_ended(stored)
    words.api.wait(f"/recordings?call_id={stored}", lambda page: page["items"])
    assert list(words.centre.plan.recordings.rglob(f"*{stored}*"))
    words.api.post(f"/calls/{stored}/recording/withdraw", {"reason": "asked later"})
    assert not list(words.centre.plan.recordings.rglob(f"*{stored}*"))
    why = "consent withdrawn: asked later"
    words.api.wait(f"/recordings/{stored}", lambda row: row["deleted_why"] == why)


def test_M2_an_operator_starts_pauses_and_resumes_by_codes_from_the_phone(words: Words, rules: None) -> None:
    call, ident = talk(words, "1")
    for code, state in (("*31", "recording"), ("*32", "paused"), ("*33", "recording")):
        words.when_operator_dials("1106", code).wait_ended()
        words.api.wait(f"/calls/{ident}/recording", lambda tape, state=state: tape["state"] == state)
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    recording = recorded(words, ident)
    words.then_recording_is_whole(recording, OPERATOR_HZ)
    assert [pause["by"] for pause in recording["pauses"]] == ["1106"]
    assert [fact["by"] for fact in words.facts(ident, "RecordingStarted")] == ["1106"]
