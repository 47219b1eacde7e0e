"""Operators: codes from any softphone, states, phones that die, accounts made at run time."""

from __future__ import annotations

import urllib.request

import pytest

from demo.api import ApiError
from pbx import PbxError
from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from tests.support.day import hears_a_voice
from tests.support.words import Words

SUPPORT = "    skills: {support: 2}\n"


def test_P1_codes_sign_in_pause_ready_clock_and_sign_out(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, signed_in=False)
    for code, state in (("*11", "available"), ("*13", "paused"), ("*14", "available"), ("*17", "paused")):
        words.when_operator_dials("1106", code)
        words.then_operator_is("1106", state)
    assert words.api.get("/operators/1106")["reason"] == "protected"
    words.when_operator_dials("1106", "*15")
    words.api.wait("/operators/1106", lambda operator: operator["clocked_in"])
    words.when_operator_dials("1106", "*16")
    words.api.wait("/operators/1106", lambda operator: not operator["clocked_in"])
    words.when_operator_dials("1106", "*12")
    words.then_operator_is("1106", "signed_out")


def test_P2_illegal_transition_is_refused_with_its_reason(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, signed_in=False)
    with pytest.raises(ApiError) as refusal:
        words.api.put("/operators/1106/state", {"state": "paused", "reason": "meal"})
    assert refusal.value.status == 409
    assert "signed out" in refusal.value.text


def test_P2_states_of_a_call_follow_one_another(words: Words) -> None:
    words.given_site(f"{SUPPORT}    wrap_up_s: 1\n", f"{SUPPORT}    wrap_up_s: 90\n")
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, 850)
    call.hangup()
    words.then_ended(ident)
    words.then_operator_is("1106", "wrap_up")
    words.api.put("/operators/1106/state", {"state": "available"})
    words.then_operator_is("1106", "available")
    changes = words.facts(ident, "OperatorStateChanged")
    assert [change["new"] for change in changes] == ["reserved", "ringing", "talking"]


def test_P7_phone_that_dies_while_it_rings_frees_the_operator_and_the_next_one_serves(words: Words) -> None:
    words.given_site(SUPPORT, f"{SUPPORT}    ring_s: 6\n")
    robot = words.given_operator("1107", {"support": 5}, Behaviour(do="ring"), mortal=True)
    assert robot is not None
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"), signed_in=False)
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_operator_is("1107", "ringing")
    words.api.put("/operators/1106/state", {"state": "available"})
    robot.die()
    call.hears(850)
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1106"
    assert words.api.get("/operators/1107")["state"] in {"unreachable", "available", "paused"}


def test_P8_operator_made_at_run_time_is_served_and_a_removed_one_is_cut(words: Words) -> None:
    made = words.api.post("/operators", {"extension": "1190", "name": "New", "skills": {"support": 2}})
    assert len(made["password"]) >= 20
    words.telco.robot("1190", made["password"], Behaviour(say="tone:850"))
    words.api.put("/operators/1190/state", {"state": "available"})
    words.then_operator_is("1190", "available")
    words.api.delete("/operators/1190")
    with pytest.raises(ApiError) as gone:
        words.api.get("/operators/1190")
    assert gone.value.status == 404
    pbx = words.centre.pbx
    assert pbx is not None
    words.until(lambda: "1190" not in pbx.cli("pjsip show contacts"), "the PBX knows no phone of it")
    with pytest.raises(PbxError, match="cause"):
        words.when_operator_dials("1190", "600").wait_answered()


def test_P8_wrong_password_is_not_registered(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, registered=False, signed_in=False)
    words.telco.stranger("1106", "not-the-password-of-1106").await_refused()
    assert words.api.get("/operators/1106")["reachable"] is False


def test_W1_punches_by_phone_and_by_http_are_one_chain_that_can_be_proven(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, signed_in=False)
    words.when_operator_dials("1106", "*15")
    words.api.wait("/operators/1106", lambda operator: operator["clocked_in"])
    out = words.api.post("/operators/1106/clock", {"direction": "out"})
    assert not out["clocked_in"]
    first, second = words.api.get("/operators/1106/punches")["items"][-2:]
    assert (first["direction"], first["told_by"]) == ("in", "phone")
    assert (second["direction"], second["hash"]) == ("out", out["receipt"]["hash"])
    assert second["number"] == first["number"] + 1
    assert words.api.get("/punches/proof") == {"whole": True, "broken": None}


def test_S6_a_supervisor_changes_skills_and_state_live_and_a_waiting_caller_is_served(words: Words) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("2")
    words.then_phase(ident, "waiting")
    words.api.put("/operators/1106/state", {"state": "paused", "reason": "coaching"})
    words.api.patch("/operators/1106", {"skills": {"support": 2}})
    assert words.api.get(f"/calls/{ident}")["phase"] == "waiting", "he is on a pause"
    words.api.put("/operators/1106/state", {"state": "available"})
    words.when_they_talk(call, 850)
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1106"
    acts = {(entry["action"], entry["target"]) for entry in words.api.get("/audit?limit=50")["items"]}
    assert {target for _, target in acts} >= {"1106"}
    assert {action for action, target in acts if target == "1106"} >= {
        "patch_operators_one",
        "put_operators_state",
    }


def test_P12_a_toilet_pause_has_no_end_no_alarm_no_ranking_and_no_effect(words: Words) -> None:
    """Keyed in by phone; told like any other pause, counted by nobody, and over when the operator says so."""
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    plain = words.api.get("/operators/1106").keys()
    code = words.when_operator_dials("1106", "*13")
    words.then_operator_is("1106", "paused")
    hears_a_voice(code)
    code.press("3")
    paused = words.api.wait("/operators/1106", lambda operator: operator["reason"] == "toilet")
    assert (paused["state"], paused["wrap_up_until"], paused["pending"]) == ("paused", None, None)
    assert paused.keys() == plain, "nothing is counted of it"
    code.hangup()
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("2")
    words.then_phase(ident, "waiting")
    assert words.api.get("/operators/1106")["state"] == "paused", "nobody who waits shortens it"
    assert words.facts(ident, "OfferMade") == []
    root = words.centre.plan.api.split("/api/")[0]
    with urllib.request.urlopen(f"{root}/metrics", timeout=PATIENCE_S) as answer:
        assert "toilet" not in answer.read().decode(), "no alarm can be made of it"

    words.when_operator_dials("1106", "*14")
    words.when_they_talk(call, 850)
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1106"
