"""What goes wrong every day: each has its defined outcome."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ari_app.flow.turn import MAX_DIGITS
from ari_app.softphone.sip import Account, Phone
from demo.api import ApiError
from pbx import PbxError
from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.tones import seconds
from tests.support.words import Words

OPERATOR_HZ = 850.0
SUPPORT = "    skills: {support: 2}\n"


def test_C1_unknown_number_is_rejected_and_recorded_as_such(words: Words) -> None:
    call = words.telco.call("5999")
    with pytest.raises(PbxError, match="cause 1"):
        call.wait_answered()
    ident = words.newest_call()
    assert words.then_ended(ident)["final_state"] == "rejected"


def test_C7_unknown_digit_and_silence_repeat_the_menu_and_end_at_any_operator(words: Words) -> None:
    words.given_operator("1106", {}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    for _ in range(3):
        words.then_waits_for_a_key(ident)
        call.press("7")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    record = words.then_ended(ident)
    assert (record["queue"], record["operator"]) == ("general", "1106")


def test_C7_callers_who_flood_the_line_with_keys_are_served_and_their_calls_end_well(words: Words) -> None:
    """Bursts by SIP INFO. Asterisk gives keys on at about eight a second, and no sound meanwhile.

    One caller hears the operator when his hundred keys are through; the other, of five hundred, hangs up.
    """
    words.given_operator("1106", {}, Behaviour(say="tone:850"))
    words.given_operator("1107", {}, Behaviour(say="tone:850"))
    plan = words.centre.plan

    async def flood(user: str, keys: int) -> Phone:
        phone = Phone(Account("127.0.0.1", plan.ports.sip, user, plan.keys.callers[user]), "5000")
        await phone.dial()
        for number in range(keys):
            body = f"Signal={'7*#58'[number % 5]}\r\nDuration=100\r\n"
            head = phone._head("INFO", phone._target, phone._next())
            head += ["Content-Type: application/dtmf-relay", f"Content-Length: {len(body)}", "", body]
            phone._send("\r\n".join(head).encode())
            await asyncio.sleep(0.002)
        return phone

    def all_talk() -> None:
        words.until(lambda: len(words.call_ids() - before) == 2, "both calls are known")
        calls = words.call_ids() - before
        assert [words.then_phase(ident, "talking")["queue"] for ident in calls] == ["general"] * 2

    async def both() -> float:
        some, many = await asyncio.gather(flood("caller2", 100), flood("caller3", 500))
        await asyncio.to_thread(all_talk)
        heard, deadline = 0.0, asyncio.get_running_loop().time() + 2 * PATIENCE_S
        while heard < 1.0 and asyncio.get_running_loop().time() < deadline and not some.ended.is_set():
            await asyncio.sleep(0.2)
            heard = seconds(some.voice.heard().astype(np.float64), OPERATOR_HZ)
        await asyncio.gather(some.hang_up(), many.hang_up())
        return heard

    before = words.call_ids()
    assert asyncio.run(both()) >= 1.0, "the caller talks with an operator all the same"
    calls = words.call_ids() - before
    records = [words.then_ended(ident) for ident in calls]
    assert [(record["final_state"], record["queue"]) for record in records] == [("answered", "general")] * 2
    assert {record["operator"] for record in records} == {"1106", "1107"}
    assert all(3 <= len(record["digits"]) <= MAX_DIGITS for record in records)
    assert [fact for ident in calls for fact in words.facts(ident, "FlowFault")] == []
    words.then_nothing_is_left()


def test_C1_digits_by_sip_info_work_as_rfc4733_does(words: Words) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials(digits="info")
    ident = words.newest_call()
    words.then_fact(ident, "PromptPlayed")
    call.press("1")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    record = words.then_ended(ident)
    assert (record["digits"], record["queue"]) == ("1", "sales")


def test_C1_hang_up_in_the_menu_ends_the_call_with_one_final_state(words: Words) -> None:
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_fact(ident, "PromptPlayed")
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "self_served"
    words.then_nothing_is_left()


def test_C1_hang_up_in_the_queue_is_abandoned(words: Words) -> None:
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_phase(ident, "waiting")
    call.hangup()
    record = words.then_ended(ident)
    assert record["final_state"] == "abandoned"
    assert record["wait_s"] > 0
    words.then_nothing_is_left()


def test_C1_hang_up_while_it_rings_is_abandoned_and_frees_the_operator(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(do="ring"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_operator_is("1106", "ringing")
    call.hangup()
    record = words.then_ended(ident)
    assert (record["final_state"], record["operator"]) == ("abandoned", None)
    words.then_operator_is("1106", "available")
    assert [fact["outcome"] for fact in words.facts(ident, "OfferEnded")] == ["caller_gone"]
    words.then_nothing_is_left()


def test_R7_phone_that_is_never_picked_up_is_missed_and_pauses_its_operator_in_the_end(words: Words) -> None:
    words.given_site(SUPPORT, f"{SUPPORT}    ring_s: 4\n    misses_until_pause: 2\n")
    words.given_operator("1107", {"support": 2}, Behaviour(do="ring"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    missed = words.then_fact(ident, "OfferEnded")
    assert missed["outcome"] == "missed"
    assert missed["ring_s"] >= 3
    call.hangup()
    words.then_ended(ident)
    again = words.when_caller_dials()
    ident = words.newest_call()
    again.press("2")
    words.then_operator_is("1107", "paused")
    assert words.api.get("/operators/1107")["reason"] == "missed"
    again.hangup()
    assert words.then_ended(ident)["final_state"] == "abandoned"


def test_R7_phone_that_answers_and_drops_at_once_ends_the_call_cleanly(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(do="drop"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    call.wait_ended()
    assert words.then_ended(ident)["final_state"] == "answered"
    words.then_operator_is("1106", "available")
    words.then_nothing_is_left()


def test_C3_broken_flow_is_refused_with_file_line_and_node_and_the_old_one_serves(words: Words) -> None:
    text = (words.centre.plan.flows / "main.yaml").read_text(encoding="utf-8")
    version = words.api.get("/flows/main/versions")["items"][0]["version"]
    with pytest.raises(ApiError) as refusal:
        words.api.post("/flows/main/publish", {"source": text.replace("2: support", "2: suport", 1)})
    assert refusal.value.status == 422
    assert "suport" in refusal.value.text
    assert "line" in refusal.value.text
    assert words.api.get("/flows/main/versions")["items"][0]["version"] == version
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.hangup()
    assert words.then_ended(ident)["flow_version"] == version


def test_C4_rollback_brings_the_earlier_version_to_the_next_call(words: Words) -> None:
    text = (words.centre.plan.flows / "main.yaml").read_text(encoding="utf-8")
    before = words.api.get("/flows/main/versions")["items"][0]["version"]
    published = words.api.post("/flows/main/publish", {"source": text + "\n# a remark\n"})
    assert published["version"] != before
    words.api.post("/flows/main/rollback", {})
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.hangup()
    assert words.then_ended(ident)["flow_version"] == before
