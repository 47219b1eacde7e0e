"""The operators' day on a real Asterisk: waiting, overflow, wrap-up, seats, closing, calls of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from demo.api import ApiError
from demo.centre import Centre
from pbx import PbxError
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.support.day import NUMBER, OUTSIDE, day_site, hears_a_voice
from tests.support.words import Words


@pytest.fixture(scope="module", autouse=True)
def site(centre: Centre) -> Iterator[None]:
    with day_site(centre):
        yield


def dial(words: Words, digit: str) -> tuple[Call, str]:
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press(digit)
    return call, ident


def test_R2_the_demand_relaxes_in_time_and_R1_nobody_below_it_rings_before(words: Words) -> None:
    words.given_operator("1121", {"day": 2}, Behaviour(say="tone:850"))
    call, ident = dial(words, "1")
    words.when_they_talk(call, 850)
    made = words.then_facts(ident, "OfferMade", 1)
    assert [(offer["operator"], offer["step"]) for offer in made] == [("1121", 1)]
    call.hangup()
    assert words.then_ended(ident)["wait_s"] >= 3.0


def test_R4_an_urgent_caller_who_came_later_is_served_first(words: Words) -> None:
    normal, first = dial(words, "1")
    words.then_phase(first, "waiting")
    urgent, second = dial(words, "2")
    words.then_phase(second, "waiting")
    words.given_operator("1122", {"day": 4}, Behaviour(say="tone:850"), signed_in=False)
    words.api.put("/operators/1122/state", {"state": "available"})
    words.when_they_talk(urgent, 850)
    assert words.api.get(f"/calls/{first}")["phase"] == "waiting"
    urgent.hangup()
    words.when_they_talk(normal, 850)
    normal.hangup()
    words.then_ended(first)


def test_R9_a_full_queue_flows_over_to_another_one(words: Words) -> None:
    words.given_operator("1123", {"day": 1}, Behaviour(say="tone:850"))
    waits, first = dial(words, "3")
    words.then_phase(first, "waiting")
    call, ident = dial(words, "3")
    words.when_they_talk(call, 850)
    words.then_call(ident, lambda one: one["queue"] == "day-second")
    assert words.api.get(f"/calls/{first}")["queue"] == "day-full"
    call.hangup()
    waits.hangup()
    words.then_ended(first)


def test_R9_without_anybody_signed_in_the_caller_leaves_a_message(words: Words) -> None:
    call, ident = dial(words, "4")
    pressed_s = len(call.recorded_audio()) / 8000
    words.then_fact(ident, "CallDequeued")
    hears_a_voice(call, since_s=pressed_s)
    call.hangup()
    words.then_ended(ident)
    assert [fact["reason"] for fact in words.facts(ident, "CallDequeued")] == ["empty"]
    assert "message" in [fact["node"] for fact in words.facts(ident, "NodeEntered")]


def test_R9_who_waited_too_long_is_sent_to_an_outside_number(words: Words) -> None:
    words.telco.outside(OUTSIDE, Behaviour(say="tone:700"))
    call, ident = dial(words, "5")
    call.hears(700)
    call.hangup()
    words.then_ended(ident)
    assert "timeout" in [fact["exit"] for fact in words.facts(ident, "NodeLeft")]


def test_R5_a_returning_caller_waits_for_the_operator_of_last_time(
    words: Words,
) -> None:
    first = words.given_operator("1124", {"day": 1}, Behaviour(say="tone:850"))
    assert first is not None
    call, ident = dial(words, "7")
    words.when_they_talk(call, 850)
    call.hangup()
    words.then_ended(ident)
    words.given_operator("1125", {"day": 5}, Behaviour(say="tone:700"))
    words.api.put("/operators/1124/state", {"state": "paused", "reason": "meal"})
    again, second = dial(words, "7")
    words.then_phase(second, "waiting")
    assert words.api.get("/operators/1125")["state"] == "available", "he waits for 1124"
    words.api.wait(
        f"/calls/{second}/routing",
        lambda told: told["waiting"] and told["waiting"]["waiting_because"] == "held_for_preferred",
    )
    words.api.put("/operators/1124/state", {"state": "available"})
    words.when_they_talk(again, 850)
    again.hangup()
    words.then_ended(second)


def test_R8_wrap_up_is_visible_extended_by_code_and_ended_by_code(words: Words) -> None:
    words.given_operator("1126", {"board": 4}, Behaviour(say="tone:850"))
    call, ident = dial(words, "8")
    words.when_they_talk(call, 850)
    call.hangup()
    words.then_ended(ident)
    until = words.then_operator_is("1126", "wrap_up")["wrap_up_until"]
    code = words.when_operator_dials("1126", "*18")
    hears_a_voice(code)
    code.hangup()
    more = words.api.wait(
        "/operators/1126", lambda one: one["state"] == "wrap_up" and one["wrap_up_until"] > until
    )
    assert more["wrap_up_until"] > until
    words.when_operator_dials("1126", "*14")
    words.then_operator_is("1126", "available")


def test_R8_wrap_up_holds_across_queues(words: Words) -> None:
    words.given_operator("1126", {"board": 1, "paper": 1}, Behaviour(say="tone:850"))
    call, first = dial(words, "8")
    words.when_they_talk(call, 850)
    call.hangup()
    words.then_ended(first)
    words.then_operator_is("1126", "wrap_up")
    again, second = dial(words, "9")
    words.then_phase(second, "waiting")
    assert words.api.get("/operators/1126")["state"] == "wrap_up", "a queue without wrap-up ends none"
    assert words.facts(second, "OfferMade") == []
    words.api.put("/operators/1126/state", {"state": "available"})
    words.when_they_talk(again, 850)
    again.hangup()
    assert words.then_ended(second)["operator"] == "1126"
    words.then_operator_is("1126", "available")


def test_P1_hot_desk_any_phone_rings_for_whoever_signed_in_there(words: Words) -> None:
    words.given_operator("1127", {"day": 4}, registered=False, signed_in=False)
    words.given_operator("1128", {"sales": 1}, Behaviour(say="tone:850"), signed_in=False)
    pin = words.pin("1127")
    desk = words.when_operator_dials("1128", "*10")
    heard = hears_a_voice(desk)
    desk.press("1127#")
    hears_a_voice(desk, since_s=heard + 1.0)
    desk.press(f"{pin}#")
    words.then_operator_is("1127", "available")
    desk.hangup()
    assert words.api.get("/operators/1127")["phone"] == "1128"
    with pytest.raises(ApiError) as taken:
        words.api.put("/operators/1128/state", {"state": "available"})
    assert taken.value.status == 409
    call, ident = dial(words, "1")
    words.when_they_talk(call, 850)
    words.then_call(ident, lambda one: one["operator"] == "1127")
    call.hangup()
    words.then_ended(ident)
    words.then_fallback_members({"1128"})
    words.when_operator_dials("1128", "*12")
    words.then_operator_is("1127", "signed_out")
    words.api.wait("/operators/1127", lambda one: one["phone"] == "1127")


def test_P1_wrong_pin_signs_nobody_in(words: Words) -> None:
    words.given_operator("1127", {"day": 4}, registered=False, signed_in=False)
    words.given_operator("1128", {"sales": 1}, Behaviour(), signed_in=False)
    pin = words.pin("1127")
    desk = words.when_operator_dials("1128", "*10")
    heard = hears_a_voice(desk)
    desk.press("1127#")
    heard = hears_a_voice(desk, since_s=heard + 1.0)
    desk.press(f"{(int(pin) + 1) % 10**6:06}#")
    hears_a_voice(desk, since_s=heard + 1.5)
    desk.wait_ended()
    assert words.api.get("/operators/1127")["state"] == "signed_out"


def test_C20_a_queue_is_closed_by_phone_and_pin_at_once_and_opened_again(words: Words) -> None:
    words.given_operator("1129", {"sales": 1}, Behaviour(), signed_in=False)
    words.api.patch("/operators/1129", {"leads": True})
    pin = words.pin("1129")
    waits, queued = dial(words, "6")
    words.then_phase(queued, "waiting")
    phone_queue(words, "1129", pin, "71#", "1")
    words.then_fact(queued, "CallDequeued")
    assert words.facts(queued, "CallDequeued")[0]["reason"] == "closed"
    words.then_trace(queued, lambda facts: any(fact.get("node") == "told" for fact in facts))
    waits.wait_ended()
    closed = {queue["id"]: queue["closed"] for queue in words.api.get("/queues")["items"]}
    assert closed["day-closing"] is True
    done = ("phone_queue-closed", "day-closing")
    words.api.wait(
        "/audit?limit=20", lambda page: done in [(one["action"], one["target"]) for one in page["items"]]
    )
    words.api.put("/queues/day-closing/state", {"closed": False})
    waits, queued = dial(words, "6")
    words.then_phase(queued, "waiting")
    words.api.put("/queues/day-closing/state", {"announcement": "emergency/announcement"})
    announced = ["emergency/announcement"]
    words.then_trace(queued, lambda facts: any(fact.get("prompts") == announced for fact in facts))
    words.api.put("/queues/day-closing/state", {"announcement": None})
    assert words.api.get(f"/calls/{queued}")["phase"] == "waiting"
    waits.hangup()
    words.then_ended(queued)


def phone_queue(words: Words, extension: str, pin: str, queue: str, action: str) -> None:
    code = words.when_operator_dials(extension, "*19")
    heard = hears_a_voice(code)
    for digits in (f"{extension}#", f"{pin}#", queue):
        code.press(digits)
        heard = hears_a_voice(code, since_s=heard + 1.0)
    code.press(action)
    code.wait_ended()


def test_P10_an_operator_dials_outside_and_the_rules_apply(words: Words) -> None:
    words.telco.outside(OUTSIDE, Behaviour(say="tone:700"))
    words.given_operator("1130", {"sales": 1}, Behaviour())
    mark = words.telco.ami.mark()
    call = words.when_operator_dials("1130", OUTSIDE)
    call.hears(700)
    ident = words.newest_call()
    live = words.then_phase(ident, "talking")
    assert (live["direction"], live["operator"], live["to"], live["queue"]) == (
        "outbound",
        "1130",
        OUTSIDE,
        "day-second",
    )
    assert words.telco.wait_call_to(OUTSIDE, since=mark)["From"].endswith("551140000000")
    words.api.wait("/operators/1130", lambda one: one["call_id"] == ident)
    call.hangup()
    ended = words.then_ended(ident)
    assert ended["final_state"] == "answered"
    assert ended["talk_s"] > 0
    words.then_operator_is("1130", "available")


def test_P10_a_number_that_may_not_be_called_is_refused_in_words(words: Words) -> None:
    words.given_operator("1130", {"sales": 1}, Behaviour())
    mark = words.telco.ami.mark()
    call = words.when_operator_dials("1130", "+4412345678901")
    call.wait_answered()
    hears_a_voice(call)
    call.wait_ended()
    ident = words.newest_call()
    assert words.then_ended(ident)["final_state"] == "rejected"
    assert words.facts(ident, "CallRefused")[0]["reason"] in {"unknown_prefix", "malformed"}
    assert words.telco.calls_to("+4412345678901", mark) == []


def test_P10_a_click_rings_the_operator_first_and_colleagues_call_each_other(words: Words) -> None:
    words.telco.outside(OUTSIDE, Behaviour(say="tone:700"))
    words.given_operator("1131", {"sales": 1}, Behaviour(say="tone:850"))
    words.given_operator("1132", {"sales": 1}, Behaviour(say="tone:600"))
    placed = words.api.post("/calls", {"operator": "1131", "number": OUTSIDE})["call_id"]
    words.then_phase(placed, "talking")
    assert words.newest_call() == placed
    with pytest.raises(ApiError) as busy:
        words.api.post("/calls", {"operator": "1131", "number": OUTSIDE})
    assert busy.value.status == 409
    words.robot("1131").hangup()
    words.then_ended(placed)
    words.then_operator_is("1131", "available")
    inside = words.when_operator_dials("1131", "1132")
    inside.hears(600)
    words.then_operator_is("1132", "talking")
    inside.hangup()
    words.then_operator_is("1132", "available")
    assert words.then_ended(words.newest_call())["direction"] == "internal"


def contacts(words: Words) -> str:
    """What the PBX knows of phones."""
    assert words.centre.pbx is not None
    return words.centre.pbx.cli("pjsip show contacts")


def test_P8_disabling_cuts_the_registration_at_once_and_so_does_a_new_password(words: Words) -> None:
    robot = words.given_operator("1133", {"day": 1}, Behaviour())
    assert robot is not None
    assert "1133" in contacts(words)
    fresh = json.loads(words.api.raw("POST", "/operators/1133/rotate"))
    words.until(lambda: "1133" not in contacts(words), "the PBX knows the phone no more")
    robot.unregister()
    words.telco.robot("1133", fresh["password"], Behaviour())
    words.until(lambda: "1133" in contacts(words), "the phone has registered with the new password")
    words.api.patch("/operators/1133", {"enabled": False})
    words.until(lambda: "1133" not in contacts(words), "the PBX knows the phone no more")
    words.then_operator_is("1133", "signed_out")
    with pytest.raises(PbxError, match="cause"):
        words.when_operator_dials("1133", "600").wait_answered()
    with pytest.raises(ApiError) as refused:
        words.api.put("/operators/1133/state", {"state": "available"})
    assert refused.value.status == 409


def test_P9_the_protected_pause_is_one_code_and_P12_no_time_ends_it(words: Words) -> None:
    words.given_operator("1134", {"day": 4}, Behaviour(say="tone:850"))
    call, ident = dial(words, "1")
    words.when_they_talk(call, 850)
    words.api.put("/operators/1134/state", {"state": "paused", "reason": "protected"})
    assert words.api.get("/operators/1134")["pending"]["reason"] == "protected"
    call.hangup()
    words.then_ended(ident)
    paused = words.then_operator_is("1134", "paused")
    assert (paused["reason"], paused["wrap_up_until"]) == ("protected", None)
