"""Listening in on real calls: tones tell that a whisper reaches the operator alone."""

from __future__ import annotations

from typing import Any

from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour, Robot
from tests.support.day import hears_a_voice
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ, SUPERVISOR_HZ = 440.0, 850.0, 1300.0


def given_talk(words: Words) -> tuple[Call, str, Robot]:
    operator = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    assert operator is not None
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    return call, ident, operator


def watch(words: Words, **wanted: Any) -> str:
    begun = words.api.post("/supervision", wanted)
    return str(begun["id"])


def test_S2_supervisor_listens_whispers_barges_in_and_a_whisper_never_reaches_the_caller(
    words: Words,
) -> None:
    call, ident, operator = given_talk(words)
    supervisor = words.given_supervisor("1109")
    ears = watch(words, phone="1109", call_id=ident)
    words.then_fact(ident, "WatchBegan")
    supervisor.hears(CALLER_HZ)
    supervisor.hears(OPERATOR_HZ)
    words.api.patch(f"/supervision/{ears}", {"mode": "whisper"})
    operator.hears(SUPERVISOR_HZ)
    operator.hears(CALLER_HZ)
    supervisor.hears(CALLER_HZ)
    assert call.has_heard(SUPERVISOR_HZ) == 0
    words.api.patch(f"/supervision/{ears}", {"mode": "barge"})
    barged = len(call.recorded_audio())
    call.hears(SUPERVISOR_HZ)
    operator.hears(SUPERVISOR_HZ)
    supervisor.hears(CALLER_HZ)
    words.api.patch(f"/supervision/{ears}", {"mode": "listen"})
    call.no_longer_hears(SUPERVISOR_HZ)
    call.hears(OPERATOR_HZ)
    assert call.has_heard(SUPERVISOR_HZ, barged) > 0
    words.api.delete(f"/supervision/{ears}")
    call.hears(OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    modes = [(fact["watcher"], fact["mode"]) for fact in words.facts(ident, "WatchBegan")]
    assert modes == [("1109", "listen"), ("1109", "whisper"), ("1109", "barge"), ("1109", "listen")]
    acts = [entry["action"] for entry in words.api.get("/audit?limit=50")["items"]]
    assert {"post_supervision", "patch_supervision_one", "delete_supervision_one"} <= set(acts)


def test_S2_whisper_is_in_no_recording(words: Words) -> None:
    call, ident, operator = given_talk(words)
    words.given_supervisor("1109")
    watch(words, phone="1109", call_id=ident, mode="whisper")
    operator.hears(SUPERVISOR_HZ)
    call.hears(OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    words.then_recording_has(ident, CALLER_HZ, OPERATOR_HZ)
    words.then_recording_lacks(ident, SUPERVISOR_HZ)
    words.then_nothing_is_left()  # the supervisor came for this call alone


def test_S2_supervisor_takes_the_talk_over(words: Words) -> None:
    call, ident, _ = given_talk(words)
    words.given_supervisor("1109")
    ears = watch(words, phone="1109", call_id=ident)
    words.then_fact(ident, "WatchBegan")
    words.api.patch(f"/supervision/{ears}", {"mode": "take_over"})
    call.hears(SUPERVISOR_HZ)
    words.then_operator_is("1106", "available")
    call.no_longer_hears(OPERATOR_HZ)
    words.then_call(ident, lambda record: record["operator"] == "1109")
    call.hangup()
    record = words.then_ended(ident)
    assert [fact["operator"] for fact in words.facts(ident, "TalkEnded")] == ["1106", "1109"]
    assert record["final_state"] == "answered"
    words.then_operator_is("1109", "signed_out")


def test_S3_trainee_hears_every_call_of_a_senior_until_it_is_ended(words: Words) -> None:
    trainee = words.given_supervisor("1109", say="silence")
    call, ident, _ = given_talk(words)
    since = words.telco.ami.mark()
    ears = watch(words, phone="1109", operator="1106")
    trainee_hears(words, trainee, ident)
    call.hangup()
    words.then_ended(ident)
    words.then_operator_is("1106", "available")
    again = words.when_caller_dials()
    second = words.newest_call()
    again.press("2")
    words.when_they_talk(again, OPERATOR_HZ)
    trainee_hears(words, trainee, second)
    words.api.delete(f"/supervision/{ears}")
    again.hears(OPERATOR_HZ)
    again.hangup()
    words.then_ended(second)
    assert len(words.telco.calls_to("1109", since)) == 1


def test_S3_senior_is_on_the_line_of_a_trainee(words: Words) -> None:
    words.given_supervisor("1109")
    trainee = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    assert trainee is not None
    since = words.telco.ami.mark()
    ears = watch(words, phone="1109", operator="1106", mode="whisper")
    words.telco.wait_call_to("1109", since=since)
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    trainee.hears(SUPERVISOR_HZ)
    assert call.has_heard(SUPERVISOR_HZ) == 0
    call.hangup()
    words.then_ended(ident)
    words.api.delete(f"/supervision/{ears}")


def test_S2_by_phone_and_pin_whoever_leads_listens_and_whispers_and_nobody_else_does(words: Words) -> None:
    call, ident, operator = given_talk(words)
    supervisor = words.given_supervisor("1109")
    pin = words.pin("1109")
    dial_watch(words, "*20", "1109", pin)
    assert words.api.get("/supervision")["items"] == [], "who does not lead hears nothing"
    words.api.patch("/operators/1109", {"leads": True})
    dial_watch(words, "*21", "1109", pin, target="1106")
    words.then_fact(ident, "WatchBegan")
    supervisor.hears(CALLER_HZ)
    operator.hears(SUPERVISOR_HZ)
    assert call.has_heard(SUPERVISOR_HZ) == 0
    [watching] = words.api.get("/supervision")["items"]
    assert (watching["mode"], watching["phone"]) == ("whisper", "1109")
    told = words.api.get("/audit?limit=20")["items"]
    assert ("phone_watch-whisper", "1106", 200) in {(e["action"], e["target"], e["status"]) for e in told}
    assert ("phone_refused", "", 403) in {(e["action"], e["target"], e["status"]) for e in told}
    supervisor.hangup()
    call.hears(OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)


def test_S2_by_phone_and_pin_whoever_leads_takes_a_talk_over(words: Words) -> None:
    words.given_supervisor("1109")
    words.api.patch("/operators/1109", {"leads": True})
    call, ident, _ = given_talk(words)
    dial_watch(words, "*23", "1109", words.pin("1109"), target="1106")
    call.hears(SUPERVISOR_HZ)
    words.then_operator_is("1106", "available")
    call.no_longer_hears(OPERATOR_HZ)
    words.then_call(ident, lambda record: record["operator"] == "1109")
    told = words.api.get("/audit?limit=20")["items"]
    assert ("phone_watch-take_over", "1106") in {(entry["action"], entry["target"]) for entry in told}
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"


def dial_watch(words: Words, code: str, phone: str, pin: str, target: str = "") -> None:
    """Extension, PIN, whom to hear; without a target the code ends by itself."""
    dialled = words.when_operator_dials(phone, code)
    heard = hears_a_voice(dialled)
    for digits in (phone, pin, target) if target else (phone, pin):
        dialled.press(f"{digits}#")
        if digits != target:
            heard = hears_a_voice(dialled, since_s=heard + 1.0)
    dialled.wait_ended()


def trainee_hears(words: Words, trainee: Robot, ident: str) -> None:
    words.then_fact(ident, "WatchBegan")
    trainee.hears(CALLER_HZ)
    trainee.hears(OPERATOR_HZ)
