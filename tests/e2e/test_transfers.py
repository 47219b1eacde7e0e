"""Hold, transfer, consult, conference, park on real calls; tones tell who hears whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo.api import Api, ApiError
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from pbx.tones import read_raw, seconds
from tests.support.softphone import softphone
from tests.support.words import Words

CALLER_HZ, FIRST_HZ, SECOND_HZ, OUTSIDE_HZ = 440.0, 850.0, 1100.0, 1500.0


def given_talk(words: Words, *, second: Behaviour | None = None) -> tuple[Call, str]:
    """Operator 1106 talks with a caller; 1107 is signed in besides, for another skill."""
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    words.given_operator("1107", {"sales": 1}, second or Behaviour(say="tone:1100"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, FIRST_HZ)
    return call, ident


def act(words: Words, ident: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    done: dict[str, Any] = words.api.post(f"/calls/{ident}/{what}", body)
    return done


def to(kind: str, target: str) -> dict[str, Any]:
    return {"target": {"kind": kind, "to": target}}


def test_P6_caller_on_hold_hears_music_and_is_taken_back_in_one_recording(words: Words) -> None:
    call, ident = given_talk(words)
    assert act(words, ident, "hold")["held"]
    words.then_operator_is("1106", "on_hold")
    call.no_longer_hears(FIRST_HZ)
    assert not act(words, ident, "resume")["held"]
    words.then_operator_is("1106", "talking")
    call.hears(FIRST_HZ)
    assert act(words, ident, "mute")["muted"]
    call.no_longer_hears(FIRST_HZ)
    act(words, ident, "unmute")
    call.hears(FIRST_HZ)
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    words.then_recording_has(ident, CALLER_HZ, FIRST_HZ, least_s=1.0)
    words.then_recording_is_unbroken(ident, CALLER_HZ)
    assert [fact["held"] for fact in words.facts(ident, "CallHeld")] == [True, False]
    words.then_operator_is("1106", "available")


def test_P6_blind_transfer_to_an_operator_frees_the_first_at_once(words: Words) -> None:
    call, ident = given_talk(words)
    act(words, ident, "transfer", to("operator", "1107"))
    words.then_operator_is("1106", "available")
    call.hears(SECOND_HZ)
    words.then_operator_is("1107", "talking")
    call.hangup()
    record = words.then_ended(ident)
    assert record["operator"] == "1107"
    talks = words.facts(ident, "TalkEnded")
    assert [talk["operator"] for talk in talks] == ["1106", "1107"]
    assert abs(sum(talk["talk_s"] for talk in talks) - record["talk_s"]) < 0.01
    recording = words.then_recording_has(ident, CALLER_HZ, SECOND_HZ)
    assert [leg["operator"] for leg in recording["legs"]] == ["1106", "1107"]
    words.then_recording_is_unbroken(ident, CALLER_HZ)


def test_P6_transfer_that_is_rejected_returns_the_caller_with_the_reason(words: Words) -> None:
    call, ident = given_talk(words, second=Behaviour(do="reject"))
    act(words, ident, "transfer", to("operator", "1107"))
    ended = words.then_fact(ident, "TransferEnded")
    assert (ended["outcome"], ended["back_to"]) == ("rejected", "1106")
    call.hears(FIRST_HZ)
    words.then_operator_is("1106", "talking")
    call.hangup()
    words.then_ended(ident)


def test_P6_transfer_to_an_outside_number_that_is_busy_comes_back_and_one_that_answers_stays(
    words: Words,
) -> None:
    words.telco.outside("+551130001111", Behaviour(do="busy"))
    words.telco.outside("+551130002222", Behaviour(say="tone:1500"))
    call, ident = given_talk(words)
    act(words, ident, "transfer", to("number", "+551130001111"))
    assert words.then_fact(ident, "TransferEnded")["outcome"] == "busy"
    call.hears(FIRST_HZ)
    act(words, ident, "transfer", to("number", "+551130002222"))
    call.hears(OUTSIDE_HZ)
    assert words.then_facts(ident, "TransferEnded", 2)[1]["outcome"] == "answered"
    words.then_operator_is("1106", "available")
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"


def test_P6_transfer_to_a_queue_asks_for_its_skills_and_keeps_what_is_known(words: Words) -> None:
    call, ident = given_talk(words)
    body = {"target": {"kind": "queue", "to": "sales", "needs": {"sales": 1}}}
    act(words, ident, "transfer", body)
    call.hears(SECOND_HZ)
    record = words.then_call(ident, lambda one: (one["phase"], one["operator"]) == ("talking", "1107"))
    assert (record["queue"], record["operator"], record["digits"]) == ("sales", "1107", "2")
    assert words.then_facts(ident, "CallQueued", 2)[-1]["needs"] == {"sales": 1}
    call.hangup()
    words.then_ended(ident)
    words.then_recording_has(ident, CALLER_HZ, FIRST_HZ)
    words.then_recording_has(ident, CALLER_HZ, SECOND_HZ)
    words.then_recording_is_unbroken(ident, CALLER_HZ)


def test_P6_operator_consults_toggles_and_completes_the_transfer(words: Words) -> None:
    call, ident = given_talk(words)
    talk = act(words, ident, "consult", to("operator", "1107"))
    assert (talk["consulting"], talk["with_caller"]) == ("1107", False)
    words.then_fact(ident, "PartyJoined")
    first = words.telco.calls_to("1106")[-1]
    call.no_longer_hears(FIRST_HZ)
    assert call.has_heard(SECOND_HZ) == 0
    words.until(lambda: read_tones(first["File"], SECOND_HZ), "1106 hears 1107")
    assert act(words, ident, "toggle")["with_caller"]
    call.hears(FIRST_HZ)
    assert not act(words, ident, "toggle")["with_caller"]
    act(words, ident, "complete")
    words.then_operator_is("1106", "available")
    call.hears(SECOND_HZ)
    assert read_tones(first["File"], CALLER_HZ)
    words.then_operator_is("1107", "talking")
    call.hangup()
    record = words.then_ended(ident)
    talks = {fact["operator"]: fact["talk_s"] for fact in words.facts(ident, "TalkEnded")}
    assert set(talks) == {"1106", "1107"}
    assert abs(sum(talks.values()) - record["talk_s"]) < 0.01
    words.then_recording_has(ident, CALLER_HZ, SECOND_HZ)
    words.then_recording_is_unbroken(ident, CALLER_HZ)


def test_P6_consultation_with_one_who_rejects_or_is_cancelled_ends_with_the_caller(words: Words) -> None:
    words.telco.outside("+551130003333", Behaviour(do="ring"))
    call, ident = given_talk(words, second=Behaviour(do="reject"))
    act(words, ident, "consult", to("operator", "1107"))
    assert words.then_fact(ident, "PartyLeft")["outcome"] == "rejected"
    call.hears(FIRST_HZ)
    since = words.telco.ami.mark()
    act(words, ident, "consult", to("number", "+551130003333"))
    words.telco.wait_call_to("+551130003333", since=since)
    act(words, ident, "cancel")
    call.hears(FIRST_HZ)
    assert words.then_facts(ident, "PartyLeft", 2)[1]["outcome"] == "cancelled"
    words.then_operator_is("1107", "available")
    call.hangup()
    words.then_ended(ident)


def test_P6_conference_with_an_outside_number_is_heard_by_all_and_recorded_on_the_right(words: Words) -> None:
    words.telco.outside("+551130002222", Behaviour(say="tone:1500"))
    call, ident = given_talk(words)
    act(words, ident, "conference", to("number", "+551130002222"))
    words.then_fact(ident, "PartyJoined")
    call.hears(OUTSIDE_HZ)
    call.hears(FIRST_HZ)
    outside = words.telco.calls_to("+551130002222")[-1]
    words.until(lambda: read_tones(outside["File"], CALLER_HZ, FIRST_HZ), "the outside party hears both")
    party = next(p for p in words.api.get(f"/calls/{ident}/talk")["parties"] if p["kind"] == "outside")
    words.api.delete(f"/calls/{ident}/parties/{party['channel']}")
    words.then_fact(ident, "PartyLeft")
    call.no_longer_hears(OUTSIDE_HZ)
    call.hears(FIRST_HZ)
    call.hangup()
    words.then_ended(ident)
    words.then_recording_has(ident, CALLER_HZ, OUTSIDE_HZ)
    words.then_recording_has(ident, CALLER_HZ, FIRST_HZ)
    words.then_recording_is_unbroken(ident, CALLER_HZ)


def test_P6_parked_caller_is_fetched_by_another_phone(words: Words) -> None:
    call, ident = given_talk(words)
    slot = act(words, ident, "park")["slot"]
    words.then_operator_is("1106", "available")
    assert {"slot": slot, "call_id": ident} in words.api.get("/parked")["items"]
    act(words, ident, "retrieve", {"extension": "1107"})
    call.hears(SECOND_HZ)
    assert words.api.get("/parked")["items"] == []
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1107"


def test_P6_caller_hangs_up_on_hold_and_in_a_consultation_and_all_are_freed(words: Words) -> None:
    call, ident = given_talk(words)
    act(words, ident, "hold")
    call.hangup()
    words.then_ended(ident)
    for extension in ("1106", "1107"):
        words.then_operator_is(extension, "available")
    again = words.when_caller_dials()
    ident = words.newest_call()
    again.press("2")
    words.when_they_talk(again, FIRST_HZ)
    act(words, ident, "consult", to("operator", "1107"))
    words.then_fact(ident, "PartyJoined")
    again.hangup()
    words.then_ended(ident)
    for extension in ("1106", "1107"):
        words.then_operator_is(extension, "available")
    words.then_nothing_is_left()


def test_P10_refer_of_a_softphone_transfers_and_one_to_nonsense_leaves_the_talk_alone(words: Words) -> None:
    first = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    words.given_operator("1107", {"sales": 1}, Behaviour(say="tone:1100"))
    assert first is not None
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, FIRST_HZ)
    host = f"127.0.0.1:{words.centre.plan.ports.sip}"
    first.refer(f"sip:nobody%24%7Bx%7D@{host}")
    assert first.await_referred() != "SUCCESS"
    call.hears(FIRST_HZ)
    first.refer(f"sip:1107@{host}")
    call.hears(SECOND_HZ)
    words.then_operator_is("1106", "available")
    started = words.then_fact(ident, "TransferStarted")
    assert (started["how"], started["target"]) == ("refer", "1107")
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1107"


def test_P10_refer_of_a_real_softphone_transfers_the_caller(words: Words, tmp_path: Path) -> None:
    words.given_operator("1106", {"support": 2}, registered=False, signed_in=False)
    words.given_operator("1107", {"sales": 1}, Behaviour(say="tone:1100"))
    host = f"127.0.0.1:{words.centre.plan.ports.sip}"
    with softphone(tmp_path / "phone", "1106", words.password("1106"), host, hz=850) as phone:
        words.api.put("/operators/1106/state", {"state": "available"})
        words.then_operator_is("1106", "available")
        call = words.when_caller_dials()
        ident = words.newest_call()
        call.press("2")
        words.when_they_talk(call, FIRST_HZ)
        phone.press("transfer", f"sip:1107@{host}")
        call.hears(SECOND_HZ)
        words.then_operator_is("1106", "available")
        started = words.then_fact(ident, "TransferStarted")
        assert (started["how"], started["target"]) == ("refer", "1107")
        call.hangup()
        assert words.then_ended(ident)["operator"] == "1107"


def read_tones(file: str, *wanted: float) -> bool:
    """Whether a phone has heard each of these tones."""
    audio = read_raw(Path(file))[:, 0]
    return all(seconds(audio, each) >= 0.3 for each in wanted)


def test_O6_a_number_on_the_do_not_call_list_is_fetched_into_no_talk(words: Words) -> None:
    number = "+551130004444"
    call, ident = given_talk(words)
    words.api.post("/dnc", {"numbers": [number], "source": "asked us to"})
    mark = words.telco.ami.mark()
    for what in ("transfer", "consult", "conference"):
        with pytest.raises(ApiError) as refused:
            act(words, ident, what, to("number", number))
        assert "do-not-call" in str(refused.value)
    assert words.telco.calls_to(number, mark) == []
    call.hears(FIRST_HZ)
    call.hangup()
    words.then_ended(ident)


def test_P6_operators_act_on_their_own_talk_only_and_premium_numbers_are_refused(words: Words) -> None:
    call, ident = given_talk(words)
    other = words.api.post("/tokens", {"name": "other", "role": "operator", "operator": "1107"})["token"]
    stranger = Api(words.centre.plan.api, other)
    for what in ("hold", "park", "complete"):
        assert refused(stranger, ident, what) == 404
    assert refused(words.api, ident, "transfer", to("number", "0900123456")) == 409
    assert refused(words.api, ident, "transfer", to("operator", "1199")) == 404
    assert refused(words.api, ident, "complete") == 409
    call.hears(FIRST_HZ)
    call.hangup()
    words.then_ended(ident)


def refused(api: Api, ident: str, what: str, body: dict[str, Any] | None = None) -> int:
    """The status of a refusal."""
    try:
        api.post(f"/calls/{ident}/{what}", body)
    except ApiError as error:
        return error.status
    return 0
