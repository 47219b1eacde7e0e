"""Talks in a room when something dies: the application, the operator's phone."""

from __future__ import annotations

from pbx.telco_phones import Behaviour
from tests.chaos.test_faults import kill_and_restart_application
from tests.e2e.test_transfers import CALLER_HZ, FIRST_HZ, OUTSIDE_HZ, SECOND_HZ, act, given_talk, to
from tests.support.words import Words


def test_P6_application_killed_on_hold_and_the_caller_is_still_there_to_be_taken_back(words: Words) -> None:
    call, ident = given_talk(words)
    act(words, ident, "hold")
    words.then_fact(ident, "CallHeld")
    kill_and_restart_application(words.centre)
    talk = words.api.get(f"/calls/{ident}/talk")
    assert (talk["held"], talk["operator"]) == (True, "1106")
    act(words, ident, "resume")
    call.hears(FIRST_HZ)
    words.then_operator_is("1106", "talking")
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    words.then_recording_has(ident, CALLER_HZ, FIRST_HZ)


def test_P6_application_killed_in_a_consultation_and_it_is_completed_afterwards(words: Words) -> None:
    call, ident = given_talk(words)
    act(words, ident, "consult", to("operator", "1107"))
    words.then_fact(ident, "PartyJoined")
    kill_and_restart_application(words.centre)
    words.then_operator_is("1107", "talking")
    act(words, ident, "complete")
    call.hears(SECOND_HZ)
    words.then_operator_is("1106", "available")
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1107"


def test_P6_operators_phone_dies_on_hold_and_the_caller_goes_on_in_his_flow(words: Words) -> None:
    robot = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    assert robot is not None
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, FIRST_HZ)
    act(words, ident, "hold")
    robot.hangup()
    words.then_operator_is("1106", "available")
    words.then_fact(ident, "TalkEnded")
    call.wait_ended()
    assert words.then_ended(ident)["final_state"] == "answered"


def test_P6_operators_phone_dies_in_a_conference_and_the_others_talk_on(words: Words) -> None:
    words.telco.outside("+551130002222", Behaviour(say="tone:1500"))
    robot = words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    assert robot is not None
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, FIRST_HZ)
    act(words, ident, "conference", to("number", "+551130002222"))
    words.then_fact(ident, "PartyJoined")
    robot.hangup()
    words.then_operator_is("1106", "available")
    call.hears(OUTSIDE_HZ)
    call.hangup()
    words.then_ended(ident)


def test_P6_application_killed_while_a_caller_is_parked_and_he_is_fetched_from_his_slot(words: Words) -> None:
    call, ident = given_talk(words)
    slot = act(words, ident, "park")["slot"]
    words.then_fact(ident, "CallParked")
    kill_and_restart_application(words.centre)
    assert words.api.get("/parked")["items"] == [{"slot": slot, "call_id": ident}]
    words.then_operator_is("1107", "available")
    act(words, ident, "retrieve", {"extension": "1107"})
    call.hears(SECOND_HZ)
    call.hangup()
    words.then_ended(ident)


def test_X2_caller_hangs_up_on_hold_while_the_app_is_dead_and_nothing_of_the_talk_is_left(
    words: Words,
) -> None:
    """Bridges of a talk, and of a supervisor who listened, outlive both: the next start takes them down."""
    call, ident = given_talk(words)
    words.given_supervisor("1109")
    words.api.post("/supervision", {"phone": "1109", "call_id": ident, "mode": "listen"})
    words.then_fact(ident, "WatchBegan")
    act(words, ident, "conference", to("operator", "1107"))
    words.then_fact(ident, "PartyJoined")
    act(words, ident, "hold")
    words.then_fact(ident, "CallHeld")
    words.centre.kill_application()
    call.hangup()
    words.centre.start_application()
    words.centre.await_ready()
    assert words.then_ended(ident)["final_state"] == "answered"
    for operator in ("1106", "1107"):
        words.then_operator_is(operator, "available")
    words.then_nothing_is_left()
    words.until(lambda: words.ari("/bridges") == [], "no bridge is left")
