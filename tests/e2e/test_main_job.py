"""The main job on real calls: caller, menu, skilled operator, recording."""

from __future__ import annotations

from pbx.telco_phones import Behaviour
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ = 440.0, 850.0


def test_C1_caller_hears_menu_presses_digit_talks_and_everything_is_cleaned_up(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_fact(ident, "PromptPlayed")
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    record = words.then_ended(ident)
    assert record["final_state"] == "answered"
    assert record["operator"] == "1106"
    assert (record["flow"], record["language"], record["digits"], record["queue"]) == (
        "main",
        "pt-BR",
        "2",
        "support",
    )
    assert record["wait_s"] >= 0
    assert record["talk_s"] > 0
    words.then_recording_has(ident, left=CALLER_HZ, right=OPERATOR_HZ)
    words.then_nothing_is_left()


def test_M1_recording_lists_its_legs_and_leaves_no_gap(words: Words) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("1")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    recording = words.then_recording_has(ident, left=CALLER_HZ, right=OPERATOR_HZ)
    assert [leg["operator"] for leg in recording["legs"]] == ["1106"]
    assert recording["samples"] > 0
    assert len(recording["sha256"]) == 64
    words.then_no_gap(ident)


def test_C16_trace_tells_nodes_digits_and_waits_in_order_with_times(words: Words) -> None:
    call = words.when_caller_dials()
    ident = words.newest_call()
    words.then_fact(ident, "WaitStarted")
    call.press("9")
    words.then_fact(ident, "DigitPressed")
    call.hangup()
    words.then_ended(ident)
    facts = words.facts(ident)
    kinds = [fact["fact"] for fact in facts]
    for earlier, later in (
        ("CallStarted", "NodeEntered"),
        ("NodeEntered", "WaitStarted"),
        ("DigitPressed", "CallEnded"),
    ):
        assert kinds.index(earlier) < kinds.index(later)
    assert kinds.count("CallEnded") == 1
    times = [fact["at"] for fact in facts]
    assert times == sorted(times)


def test_R1_operator_below_the_level_is_never_rung(words: Words) -> None:
    words.given_operator("1107", {"support": 1}, Behaviour(say="tone:600"))
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    assert [fact["operator"] for fact in words.facts(ident, "OfferMade")] == ["1106"]


def test_R3_longest_idle_operator_is_rung_first(words: Words) -> None:
    served = []
    for extension in ("1106", "1107"):
        words.given_operator(extension, {"support": 2}, Behaviour(say="tone:850"))
    for _ in range(4):
        call = words.when_caller_dials()
        ident = words.newest_call()
        call.press("2")
        words.when_they_talk(call, OPERATOR_HZ)
        call.hangup()
        served.append(words.then_ended(ident)["operator"])
        words.then_operator_is(served[-1], "available")
    assert served == ["1106", "1107", "1106", "1107"]


def test_R6_operator_of_many_queues_gets_the_oldest_caller_and_never_two(words: Words) -> None:
    words.given_operator("1106", {"support": 2, "sales": 1}, Behaviour(say="tone:850"), signed_in=False)
    first = words.when_caller_dials()
    first_id = words.newest_call()
    first.press("2")
    words.then_phase(first_id, "waiting")
    second = words.when_caller_dials(caller="caller2")
    second_id = words.newest_call()
    second.press("1")
    words.then_phase(second_id, "waiting")
    words.api.put("/operators/1106/state", {"state": "available"})
    words.when_they_talk(first, OPERATOR_HZ)
    assert words.api.get(f"/calls/{second_id}")["phase"] == "waiting"
    first.hangup()
    words.when_they_talk(second, OPERATOR_HZ)
    second.hangup()
    for ident in (first_id, second_id):
        assert words.then_ended(ident)["final_state"] == "answered"


def test_R7_missed_rejected_busy_and_dead_phones_are_told_apart_and_the_place_is_kept(words: Words) -> None:
    faults = {"1107": "reject", "1108": "busy"}
    for extension, do in faults.items():
        words.given_operator(extension, {"support": 5}, Behaviour(do=do))  # type: ignore[arg-type]
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"), signed_in=False)
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_fact(ident, "OfferEnded")
    words.api.put("/operators/1106/state", {"state": "available"})
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    record = words.then_ended(ident)
    outcomes = {fact["operator"]: fact["outcome"] for fact in words.facts(ident, "OfferEnded")}
    assert outcomes == {"1107": "rejected", "1108": "busy", "1106": "answered"}
    assert len(words.facts(ident, "CallQueued")) == 1
    assert record["queued_at"] < record["connected_at"]


def test_R10_routing_trace_names_candidates_and_why_a_caller_still_waits(words: Words) -> None:
    words.given_operator("1107", {"sales": 3}, Behaviour(say="tone:600"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.then_phase(ident, "waiting")
    routing = words.api.get(f"/calls/{ident}/routing")
    assert routing["waiting"]["waiting_because"] == "nobody_fits"
    assert routing["waiting"]["excluded_by_reason"]
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"), signed_in=False)
    words.api.put("/operators/1106/state", {"state": "available"})
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    routing = words.api.get(f"/calls/{ident}/routing")
    assert routing["waiting"] is None
    decision = next(d["explanation"] for d in routing["decisions"] if d["fact"] == "RoutingDecided")
    assert decision["chosen"] == "1106"
    assert [candidate["operator"] for candidate in decision["candidates"]] == ["1106"]


def test_C2_edited_flow_holds_for_the_next_call_and_the_live_call_ends_on_its_own_version(
    words: Words,
) -> None:
    file = words.centre.plan.flows / "main.yaml"
    before = file.read_text(encoding="utf-8")
    words.given_operator("1106", {"sales": 1}, Behaviour(say="tone:850"))
    live = words.when_caller_dials()
    live_id = words.newest_call()
    words.then_fact(live_id, "WaitStarted")
    version = words.api.get(f"/calls/{live_id}")["flow_version"]
    try:
        file.write_text(
            before.replace("      1: sales\n      2: support\n", "      1: support\n      2: sales\n"),
            "utf-8",
        )
        words.api.wait("/flows/main/versions", lambda page: page["items"][0]["version"] != version)
        live.press("1")
        words.when_they_talk(live, OPERATOR_HZ)
        live.hangup()
        assert words.then_ended(live_id)["flow_version"] == version
        words.then_operator_is("1106", "available")
        following = words.when_caller_dials()
        following_id = words.newest_call()
        following.press("2")
        words.when_they_talk(following, OPERATOR_HZ)
        following.hangup()
        record = words.then_ended(following_id)
        assert record["queue"] == "sales"
        assert record["flow_version"] != version
    finally:
        file.write_text(before, encoding="utf-8")
        words.api.wait("/flows/main/versions", lambda page: page["items"][0]["version"] == version)


def test_C11_operator_sees_what_was_keyed_in_before_he_answers(words: Words) -> None:
    """In his own session, while his phone rings: keys, language, number and queue."""
    words.given_operator("1106", {"support": 2, "english": 1}, Behaviour(do="ring"))
    call = words.when_caller_dials(caller=None, caller_id="+5511922223333")
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("92")
    words.then_operator_is("1106", "ringing")
    words.then_phase(ident, "offered")
    own, record = words.as_operator("1106", "/operators/1106", f"/calls/{ident}")
    assert own["call_id"] == ident
    keyed = {key: record[key] for key in ("from", "digits", "language", "queue")}
    assert keyed == {"from": "+5511922223333", "digits": "92", "language": "en", "queue": "support"}
    call.hangup()
    words.then_ended(ident)
