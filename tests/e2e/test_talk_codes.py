"""Park, fetch and take back by codes, attended transfer by a softphone's own keys (P6, P10)."""

from __future__ import annotations

from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.support.words import Words

CALLER_HZ, FIRST_HZ, SECOND_HZ = 440.0, 850.0, 1100.0


def given_talk(words: Words, second: Behaviour | None = None) -> tuple[Call, str]:
    """1106 talks with a caller; 1107 is signed in for another skill."""
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    words.given_operator("1107", {"sales": 1}, second or Behaviour(say="tone:1100"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("2")
    words.when_they_talk(call, FIRST_HZ)
    return call, ident


def parked_at(words: Words, ident: str) -> str:
    """The slot of a caller who is parked."""
    words.then_phase(ident, "parked")
    [mine] = [one["slot"] for one in words.api.get("/parked")["items"] if one["call_id"] == ident]
    return str(mine)


def test_P6_a_code_parks_the_caller_and_another_fetches_him_here_or_elsewhere(words: Words) -> None:
    call, ident = given_talk(words)
    words.when_operator_dials("1106", "*41")
    parked_at(words, ident)
    words.then_operator_is("1106", "available")
    call.no_longer_hears(FIRST_HZ)
    words.when_operator_dials("1106", "*42")
    words.when_they_talk(call, FIRST_HZ)
    words.then_operator_is("1106", "talking")
    words.then_phase(ident, "talking")
    words.when_operator_dials("1106", "*41")
    slot = parked_at(words, ident)
    words.when_operator_dials("1107", f"*42{slot}")
    words.when_they_talk(call, SECOND_HZ)
    by = {(fact["operator"], fact["by"]) for fact in words.then_facts(ident, "CallRetrieved", 2)}
    assert by == {("1106", "1106 by phone"), ("1107", "1107 by phone")}
    call.hangup()
    assert words.then_ended(ident)["operator"] == "1107"
    empty = words.when_operator_dials("1107", f"*42{slot}")
    empty.wait_ended()  # said that it is not possible
    assert words.api.get("/parked")["items"] == []
    words.then_operator_is("1107", "available")


def test_P6_a_code_takes_a_transfer_back_that_nobody_has_answered(words: Words) -> None:
    call, ident = given_talk(words, Behaviour(do="ring"))
    words.api.post(f"/calls/{ident}/transfer", {"target": {"kind": "operator", "to": "1107"}})
    words.then_operator_is("1107", "ringing")
    words.when_operator_dials("1106", "*43")
    words.when_they_talk(call, FIRST_HZ)
    assert words.then_fact(ident, "TransferEnded")["outcome"] == "cancelled"
    words.then_operator_is("1107", "available")
    call.hangup()
    words.then_ended(ident)


def test_P10_attended_transfer_by_refer_with_replaces_hands_the_caller_over(words: Words) -> None:
    call, ident = given_talk(words)
    first, host = words.robot("1106"), f"127.0.0.1:{words.centre.plan.ports.sip}"
    aside = words.when_operator_dials("1106", "1107")
    aside.hears(SECOND_HZ)
    first.refer(f"sip:1107@{host}?Replaces=nobody%40nowhere%3Bto-tag%3D1%3Bfrom-tag%3D2")
    assert first.await_referred() != "SUCCESS"
    call.hears(FIRST_HZ)
    dialog = {name: _pjsip(words, aside, name) for name in ("call-id", "remote_tag", "local_tag")}
    replaces = f"{dialog['call-id']}%3Bto-tag%3D{dialog['remote_tag']}%3Bfrom-tag%3D{dialog['local_tag']}"
    first.refer(f"sip:1107@{host}?Replaces={replaces}")
    words.when_they_talk(call, SECOND_HZ)
    words.then_operator_is("1106", "available")
    words.then_call(ident, lambda one: (one["phase"], one["operator"]) == ("talking", "1107"))
    words.then_operator_is("1107", "talking")
    started = words.then_fact(ident, "TransferStarted")
    assert (started["how"], started["target"]) == ("refer", "1107")
    call.hangup()
    record = words.then_ended(ident)
    assert record["final_state"] == "answered"
    talks = {fact["operator"]: fact["talk_s"] for fact in words.facts(ident, "TalkEnded")}
    assert set(talks) == {"1106", "1107"}
    assert abs(sum(talks.values()) - record["talk_s"]) < 0.01
    for extension in ("1106", "1107"):
        words.then_operator_is(extension, "available")


def _pjsip(words: Words, call: Call, name: str) -> str:
    """What the phone knows of a dialog of its own."""
    variable = f"CHANNEL(pjsip,{name})"
    return words.telco.ami.ask("Getvar", Channel=call.channel, Variable=variable)["Value"]
