"""Recordings of real calls when something fails: marked, told by webhook and metric, never complete (M5)."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx.patience import PATIENCE_S
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from pbx.tones import read_wav, seconds
from tests.support.listener import Listener, listening
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ = 440.0, 850.0


@pytest.fixture
def told(words: Words) -> Iterator[Listener]:
    """Another system that hears of recordings and calls."""
    with listening() as listener:
        body = {"url": listener.url, "events": ["recording.*", "call.ended"], "private": True}
        hook = words.api.post("/webhooks", body)
        yield listener
        words.api.delete(f"/webhooks/{hook['id']}")


def in_the_menu(words: Words) -> tuple[Call, str, Path]:
    """A caller before his choice, and where the PBX will write his talk."""
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    return call, ident, words.centre.plan.recordings / f"{ident}.raw"


def test_M5_a_disk_that_is_full_is_told_at_once_and_the_recording_has_failed(
    words: Words, told: Listener
) -> None:
    call, ident, raw = in_the_menu(words)
    raw.symlink_to("/dev/full")  # the kernel's own full disk: the PBX gets ENOSPC for every byte
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)  # the call itself is not harmed
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    alarm = told.wait(lambda event: event["type"] == "recording.alarm" and event["data"]["call_id"] == ident)
    assert alarm["data"]["kind"] == "incomplete"
    stored = told.wait(lambda e: e["type"] == "recording.stored" and e["data"]["call_id"] == ident)
    assert stored["data"]["status"] == "failed"
    ended = told.wait(lambda e: e["type"] == "call.ended" and e["data"]["call_id"] == ident)
    assert ended["data"]["call"]["final_state"] == "answered"
    recording = words.api.get(f"/recordings?call_id={ident}")["items"][0]
    assert (recording["status"], recording["duration_s"]) == ("failed", 0.0)
    words.until(lambda: not raw.is_symlink(), "what the PBX wrote is gone")
    assert 'ramal_recording_alarms_total{kind="incomplete"}' in metrics(words)


def test_X10_another_system_is_told_of_a_recording_that_could_not_be_written(
    words: Words, told: Listener
) -> None:
    call, ident, raw = in_the_menu(words)
    raw.mkdir()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    stored = told.wait(lambda e: e["type"] == "recording.stored" and e["data"]["call_id"] == ident)
    assert stored["data"]["status"] == "failed"
    told.wait(lambda event: event["type"] == "recording.alarm" and event["data"]["call_id"] == ident)


def test_M5_hung_up_while_the_app_was_dead_and_the_recording_is_as_long_as_the_talk(words: Words) -> None:
    call, ident, _ = in_the_menu(words)
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    words.then_phase(ident, "talking")
    words.centre.kill_application()
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    call.wait_ended()
    assert words.centre.pbx is not None
    deadline = time.monotonic() + PATIENCE_S
    while words.centre.pbx.channels():
        assert time.monotonic() < deadline, "the PBX keeps channels"
        time.sleep(0.05)
    words.centre.start_application()
    words.centre.await_ready()
    record = words.then_ended(ident)
    recording = words.api.wait(f"/recordings?call_id={ident}", lambda page: page["items"])["items"][0]
    assert recording["status"] == "repaired", recording
    assert abs(recording["duration_s"] - record["talk_s"]) < 0.2
    path = words.centre.plan.state / f"heard-{ident}.wav"
    path.write_bytes(words.api.raw("GET", f"/recordings/{ident}/audio"))
    audio, rate = read_wav(path)
    assert seconds(audio[-3 * rate :, 1], OPERATOR_HZ, rate) > 0.5, "to the end of the talk"


def metrics(words: Words) -> str:
    root = words.centre.plan.api.removesuffix("/api/v1")
    with urllib.request.urlopen(f"{root}/metrics", timeout=PATIENCE_S) as answer:
        return str(answer.read().decode())
