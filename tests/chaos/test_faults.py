"""Processes die while calls are in every phase: what callers hear, and what the records say afterwards."""

from __future__ import annotations

import signal

from demo.centre import Centre
from pbx.telco_phones import Behaviour
from tests.support.words import Words

OPERATOR_HZ = 850.0


def kill_and_restart_application(centre: Centre) -> None:
    centre.kill_application()
    centre.start_application()
    centre.await_ready()


def test_X2_caller_who_hung_up_while_the_app_was_dead_gets_one_final_state(words: Words) -> None:
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_phase(ident, "waiting")
    words.centre.kill_application()
    call.hangup()
    words.centre.start_application()
    words.centre.await_ready()
    assert words.then_ended(ident)["final_state"] == "abandoned"
    assert len(words.facts(ident, "CallEnded")) == 1


def test_X3_app_away_and_the_dialplan_rings_the_operators_signed_in(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    words.then_fallback_members({"1106"})
    words.centre.kill_application()
    try:
        call = words.telco.call("5000")
        call.wait_answered()
        words.when_they_talk(call, OPERATOR_HZ)
        call.hangup()
        call.wait_ended()
    finally:
        words.centre.start_application()
        words.centre.await_ready()


def test_X3_app_frozen_and_its_callers_reach_the_fallback_by_the_dead_mans_switch(words: Words) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    words.then_fallback_members({"1106"})
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_phase(ident, "waiting")
    application = words.centre.application
    assert application is not None
    application.send_signal(signal.SIGSTOP)
    try:
        call.hears(OPERATOR_HZ)
    finally:
        application.send_signal(signal.SIGCONT)
    words.centre.await_ready()
    words.when_they_talk(call, OPERATOR_HZ)  # the app that came back does not fight the fallback
    call.hangup()
    assert words.then_ended(ident)["final_state"] in {"fallback", "abandoned"}


def test_X4_pbx_killed_and_each_call_gets_one_final_state_and_operators_are_freed(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    talking = words.when_caller_dials()
    talking_id = words.newest_call()
    talking.press("2")
    words.when_they_talk(talking, OPERATOR_HZ)
    waiting = words.when_caller_dials(caller="caller2")
    waiting_id = words.newest_call()
    waiting.press("2")
    words.then_phase(waiting_id, "waiting")
    assert words.centre.pbx is not None
    words.centre.pbx.kill()
    words.centre.start_pbx()
    words.centre.await_ready()
    for ident in (talking_id, waiting_id):
        assert words.then_ended(ident)["final_state"] == "lost_media"
        assert len(words.facts(ident, "CallEnded")) == 1
    recordings = words.api.wait(
        f"/recordings?call_id={talking_id}",
        lambda page: page["items"] and page["items"][0]["status"] != "recording",
    )
    assert recordings["items"][0]["status"] == "truncated"
    words.then_operator_is("1106", "available")
