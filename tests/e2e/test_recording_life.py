"""What becomes of the recording of a real call: sealed, found, heard, held, deleted, handed out, erased."""

from __future__ import annotations

import io
import json
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.api import ApiError
from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.tones import read_wav, seconds
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ = 440.0, 850.0
CALLER = "+5511955550199"
TONES = Path(__file__).parents[1] / "support" / "tone_words.py"
SALES = "    skills: {sales: 1}\n"
_calls: list[str] = []
"""The call that the tests here share: the first of them makes it."""


def given_recorded(words: Words, key: str = "2", caller_id: str = CALLER) -> str:
    """A call of this caller with operator 1106, its recording complete."""
    words.given_operator("1106", {"support": 2, "sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials(caller=None, caller_id=caller_id)
    ident = words.newest_call()
    call.press(key)
    words.when_they_talk(call, OPERATOR_HZ)
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    words.then_recording_has(ident, CALLER_HZ, OPERATOR_HZ, least_s=0.5)
    return ident


@pytest.fixture
def recorded(words: Words) -> str:
    if not _calls:
        _calls.append(given_recorded(words))
    return _calls[0]


def manifest(words: Words, ident: str) -> dict[str, Any]:
    found: dict[str, Any] = words.api.get(f"/recordings/{ident}")
    return found


def refused(act: Any) -> int:
    with pytest.raises(ApiError) as refusal:
        act()
    return refusal.value.status


def audits(words: Words, action: str, target: str) -> list[int]:
    items = words.api.get("/audit?limit=200")["items"]
    return [item["status"] for item in items if item["action"] == action and item["target"] == target]


def test_M7_what_lies_on_the_disk_is_sealed_and_a_new_key_opens_it(words: Words, recorded: str) -> None:
    row = manifest(words, recorded)
    assert row["encrypted"]
    sealed = (words.centre.plan.recordings / row["file"]).read_bytes()
    assert all(mark not in sealed for mark in (b"RIFF", b"fLaC", b"OggS"))
    heard = words.api.raw("GET", f"/recordings/{recorded}/audio")
    assert json.loads(words.api.raw("POST", "/recording-keys/rotate"))["recordings"] >= 1
    assert words.api.raw("GET", f"/recordings/{recorded}/audio") == heard
    assert (words.centre.plan.recordings / row["file"]).read_bytes() == sealed
    check = json.loads(words.api.raw("POST", f"/recordings/{recorded}/verify"))
    assert check == {"ok": True, "detail": ""}


def test_M8_found_by_what_is_known_of_the_call_heard_by_ranges_noted_and_audited(
    words: Words, recorded: str
) -> None:
    call = words.api.get(f"/calls/{recorded}")
    hour = timedelta(hours=1)
    began = datetime.fromisoformat(call["started_at"]).astimezone(UTC)
    number = call["from"].replace("+", "%2B")

    def found(query: str) -> bool:
        page = words.api.get(f"/recordings?limit=200&{query}")
        return recorded in {item["id"] for item in page["items"]}

    stamp = "%Y-%m-%dT%H:%M:%SZ"
    for right in (
        f"from={number}",
        "operator=1106",
        "queue=support",
        f"since={(began - hour).strftime(stamp)}&until={(began + hour).strftime(stamp)}",
    ):
        assert found(right), right
    for wrong in (
        "from=%2B550",
        "operator=1999",
        "queue=payments",
        f"since={(began + hour).strftime(stamp)}",
    ):
        assert not found(wrong), wrong
    whole = words.api.raw("GET", f"/recordings/{recorded}/audio")
    token = words.centre.plan.token
    headers = {"Authorization": f"Bearer {token}", "Range": "bytes=10001-20000"}
    address = f"{words.centre.plan.api}/recordings/{recorded}/audio"
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=headers), timeout=PATIENCE_S
    ) as answer:
        assert (answer.status, answer.read()) == (206, whole[10001:20001])
    peaks = words.api.get(f"/recordings/{recorded}/peaks")
    assert max(peaks["caller"]) > 20
    assert max(peaks["operator"]) > 20
    words.api.post(f"/recordings/{recorded}/notes", {"at_s": 0.5, "text": "a good greeting"})
    notes = words.api.get(f"/recordings/{recorded}/notes")["items"]
    assert [(note["at_s"], note["text"]) for note in notes] == [(0.5, "a good greeting")]
    words.until(lambda: 206 in audits(words, "get_recordings_audio", recorded), "hearing it is audited")
    assert words.api.get("/audit/check")["whole"]


def test_S5_a_trainee_hears_a_shared_list_and_nothing_else(words: Words, recorded: str) -> None:
    words.given_operator("1107", {}, registered=False, signed_in=False)
    token = words.api.post("/tokens", {"name": "trainee", "role": "operator", "operator": "1107"})["token"]
    items = [{"recording_id": recorded, "note": "listen to the greeting", "from_s": 0.2, "until_s": 1.0}]
    made = words.api.post("/listening-lists", {"name": "Greetings", "items": items})
    path = f"/listening-lists/{made['id']}"
    trainee = type(words.api)(words.centre.plan.api, token)
    assert refused(lambda: trainee.get(path)) == 404
    words.api.patch(path, {"shared": True})
    assert trainee.get(path)["items"][0]["note"] == "listen to the greeting"
    heard = trainee.raw("GET", f"{path}/items/1/audio")
    assert heard == words.api.raw("GET", f"/recordings/{recorded}/audio")
    assert refused(lambda: trainee.raw("GET", f"/recordings/{recorded}/audio")) == 403
    words.api.delete(path)


def test_M6_a_hold_keeps_it_and_then_a_deletion_is_real_and_logged(words: Words, recorded: str) -> None:
    file = words.centre.plan.recordings / manifest(words, recorded)["file"]
    words.api.put(f"/recordings/{recorded}/hold", {"reason": "case 12"})
    assert refused(lambda: words.api.delete(f"/recordings/{recorded}")) == 409
    assert file.exists()
    words.api.put(f"/recordings/{recorded}/hold", {"reason": None})
    _calls.clear()
    words.api.delete(f"/recordings/{recorded}?reason=asked")
    row = manifest(words, recorded)
    assert (row["status"], row["deleted_why"]) == ("deleted", "asked")
    assert not list(words.centre.plan.recordings.rglob(f"*{recorded}*"))
    assert refused(lambda: words.api.raw("GET", f"/recordings/{recorded}/audio")) == 404
    words.until(lambda: bool(audits(words, "recording_deleted", recorded)), "the deletion is audited")
    assert audits(words, "recording_deleted", recorded) == [204]
    assert recorded not in {gap["id"] for gap in words.api.get("/recordings/gaps")["items"]}


def test_M9_everything_about_a_number_is_handed_out_and_then_erased(words: Words) -> None:
    ident = given_recorded(words, caller_id="+5511955550198")
    number = words.api.get(f"/calls/{ident}")["from"]
    archive = zipfile.ZipFile(io.BytesIO(words.api.raw("POST", "/persons/export", {"number": number})))
    assert archive.testzip() is None
    audio = archive.read(f"recordings/{ident}.wav")
    assert audio == words.api.raw("GET", f"/recordings/{ident}/audio")
    assert ident.encode() in archive.read("person.json")
    erased = words.api.post("/persons/erase", {"number": number, "reason": "asked"})
    assert (erased["recordings"] >= 1, erased["kept"]) == (True, [])
    assert not list(words.centre.plan.recordings.rglob(f"*{ident}*"))
    assert words.api.get(f"/calls?from={number.replace('+', '%2B')}")["items"] == []
    assert words.api.get("/audit/check")["whole"]


@pytest.fixture
def sales_rule(words: Words) -> Iterator[None]:
    """Sales without the music of callers on hold, transcribed; afterwards as before."""
    site = words.centre.plan.flows / "site.yaml"
    before = site.read_text(encoding="utf-8")
    rule = "    recording: {policy: always, hold_music: false, transcribe: true, codec: opus}\n"
    site.write_text(before.replace(SALES, SALES + rule), encoding="utf-8")
    words.centre.stop_application()
    words.centre.start_application()
    words.centre.await_ready()
    yield
    site.write_text(before, encoding="utf-8")
    words.centre.stop_application()
    words.centre.extra.clear()
    words.centre.start_application()
    words.centre.await_ready()


def test_M10_music_on_hold_is_left_out_by_rule_and_what_was_said_is_found(
    words: Words, sales_rule: None
) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("1")
    words.when_they_talk(call, OPERATOR_HZ)
    words.api.post(f"/calls/{ident}/hold")
    words.then_operator_is("1106", "on_hold")
    call.no_longer_hears(OPERATOR_HZ, least_s=4.0)
    words.api.post(f"/calls/{ident}/resume")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    page = words.api.wait(f"/recordings?call_id={ident}", lambda page: page["items"])
    words.then_recording_is_whole(page["items"][0], OPERATOR_HZ)
    assert page["items"][0]["policy"] == "queue sales"
    path = words.centre.plan.state / f"heard-{ident}.wav"
    path.write_bytes(words.api.raw("GET", f"/recordings/{ident}/audio"))
    audio, rate = read_wav(path)
    windows = audio[: len(audio) // 800 * 800, 1].reshape(-1, 800)
    loud_s = (abs(windows).max(axis=1) > 0.01).sum() / 10
    assert loud_s - seconds(audio[:, 1], OPERATOR_HZ, rate) < 2.0, "there is something else than the operator"
    words.centre.stop_application()
    words.centre.extra["RAMAL_TRANSCRIBER"] = f"{sys.executable} {TONES} {{language}}"
    words.centre.start_application()
    words.centre.await_ready()
    found = words.api.wait("/recordings?text=tone850%20tone440", lambda page: page["items"])
    assert [item["id"] for item in found["items"]] == [ident]
    said = words.api.get(f"/recordings/{ident}/transcript")["words"]
    assert {(word["channel"], word["text"]) for word in said} >= {
        ("caller", "tone440"),
        ("operator", "tone850"),
    }
