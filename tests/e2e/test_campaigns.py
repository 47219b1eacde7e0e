"""Outbound campaigns on real calls: the telephone network answers, is busy, is a machine, hangs up."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.telephony import until
from pbx.tones import read_raw, spans
from tests.support.campaigns import (
    SOON_MS,
    attempts_of,
    given_campaign,
    outside,
    then_one_hears,
    then_results,
    when,
)
from tests.support.speech import wait_spoken
from tests.support.words import Words

PERSON = "cadence:!0/300,!440/400,!0/60000"
OPERATOR_HZ = 850.0


def prompt(words: Words, name: str) -> Path:
    return words.centre.plan.sounds / "pt-BR" / f"{name}.wav"


def test_O2_progressive_connects_who_answers_with_an_operator_at_once(words: Words) -> None:
    numbers = [outside(f"1000{n}") for n in range(1, 7)]
    robot = words.given_operator("1106", {"sales": 3}, Behaviour(after_s=0.2, say="tone:850"))
    assert robot is not None
    for each in numbers:
        words.telco.outside(each, Behaviour(after_s=0.5, say="tone:440"))
    campaign = given_campaign(words, numbers)
    since = words.telco.ami.mark()
    when(words, campaign, "start")
    number = then_one_hears(words, numbers, OPERATOR_HZ, since)
    stats = words.api.wait(f"/campaigns/{campaign}/stats", lambda one: one["live"]["talking"] == 1)
    assert stats["live"]["operators"] == 1
    assert stats["live"]["reasons"], "the numbers behind the latest decision"
    when(words, campaign, "pause")
    robot.hangup()
    talked = then_results(words, campaign, {number: "connected"})[number]
    assert talked["operator"] == "1106"
    took = datetime.fromisoformat(talked["connected_at"]) - datetime.fromisoformat(talked["answered_at"])
    assert took.total_seconds() < SOON_MS / 1000
    words.then_recording_has(talked["id"], left=440.0, right=OPERATOR_HZ)


def test_O10_busy_machine_fax_and_all_the_others_are_told_apart_on_the_line(words: Words) -> None:
    behaviours = {
        outside("11001"): (Behaviour(do="busy"), "busy", "busy"),
        outside("11002"): (Behaviour(do="unknown"), "invalid_number", "no_such_number"),
        outside("11003"): (Behaviour(do="drop"), "no_answer", "hung_up_first"),
        outside("11004"): (Behaviour(do="fax", after_s=0.2), "machine", "fax"),
        outside("11005"): (Behaviour(do="early"), "invalid_number", "no_such_number"),
        outside("11006"): (Behaviour(do="reject"), "no_answer", "rejected"),
        outside("11007"): (Behaviour(do="machine", after_s=0.2, say=""), "machine", "machine"),
        outside("11008"): (Behaviour(do="congestion", after_s=6.0), "failed", "congestion"),
    }
    for number, (behaviour, _, _) in behaviours.items():
        words.telco.outside(number, behaviour)
    campaign = given_campaign(
        words, list(behaviours), mode="agentless", message="campaign/message", amd="detect", calls_per_s=50
    )
    when(words, campaign, "start")
    wanted = {number: result for number, (_, result, _) in behaviours.items()}
    found = then_results(words, campaign, wanted)
    assert {n: a["reason"] for n, a in found.items()} == {n: why for n, (_, _, why) in behaviours.items()}
    fax = found[outside("11004")]
    assert fax["verdict"] == "fax"
    assert 0 < fax["verdict_s"] < 15
    assert all(len(words.telco.calls_to(number)) == 1 for number in behaviours)


def test_O4_without_operator_the_message_is_heard_within_two_seconds_and_the_number_rests(
    words: Words,
) -> None:
    number = outside("20001")
    words.given_operator("1106", {"sales": 3}, Behaviour(do="ring"))
    words.telco.outside(number, Behaviour(after_s=0.3, say=PERSON))
    campaign = given_campaign(words, [number])
    when(words, campaign, "start")
    heard = Path(words.telco.wait_call_to(number)["File"])
    begun = wait_spoken(heard, prompt(words, "campaign/this-is"))
    assert begun <= SOON_MS / 1000  # the recording begins with the answer
    wait_spoken(heard, prompt(words, "campaign/company"))
    wait_spoken(heard, prompt(words, "campaign/no-operator"))
    wait_spoken(heard, prompt(words, "campaign/call-us"))
    dropped = then_results(words, campaign, {number: "abandoned"})[number]
    assert 1000 <= dropped["drop_ms"] <= SOON_MS
    rests = datetime.fromisoformat(dropped["next_at"]) - datetime.fromisoformat(dropped["started_at"])
    assert rests.total_seconds() >= 72 * 3600
    assert words.api.get(f"/campaigns/{campaign}/attempts?dropped=true")["items"][0]["id"] == dropped["id"]
    words.then_operator_is("1106", "available")


def test_O10_a_machine_gets_the_message_after_its_tone(words: Words) -> None:
    number = outside("30001")
    words.telco.outside(number, Behaviour(do="machine", after_s=0.2, say=""))
    campaign = given_campaign(
        words, [number], mode="agentless", message="campaign/message", amd="leave_message"
    )
    when(words, campaign, "start")
    heard = Path(words.telco.wait_call_to(number)["File"])
    begun = wait_spoken(heard, prompt(words, "campaign/message"))
    assert begun > 3.5, "the machine's greeting and tone last until then"
    left = then_results(words, campaign, {number: "machine"})[number]
    assert (left["verdict"], left["reason"]) == ("machine", "message_left")


def test_O2_who_presses_the_key_is_off_the_list_at_once(words: Words) -> None:
    number = outside("40001")
    words.telco.outside(number, Behaviour(after_s=0.2, say=PERSON))
    campaign = given_campaign(words, [number], mode="agentless", message="campaign/message")
    when(words, campaign, "start")
    offered = words.telco.wait_call_to(number)
    heard = Path(offered["File"])
    wait_spoken(heard, prompt(words, "campaign/message"))
    words.telco.ami.ask("PlayDTMF", Channel=offered["Channel"], Digit="9", Duration="200")
    wait_spoken(heard, prompt(words, "campaign/opt-out-done"))
    words.api.wait(f"/dnc?number={number.replace('+', '%2B')}", lambda page: page["items"])
    then_results(words, campaign, {number: "do_not_call"})
    words.api.wait(f"/campaigns/{campaign}", lambda found: found["status"] == "finished")


def test_O12_stop_ends_dialling_within_a_second_and_says_what_rings(words: Words) -> None:
    numbers = [outside(f"500{n:02}") for n in range(30)]
    for number in numbers:
        words.telco.outside(number, Behaviour(do="ring"))
    campaign = given_campaign(
        words, numbers, mode="agentless", message="campaign/message", at_once=30, calls_per_s=2
    )
    since = words.telco.ami.mark()
    when(words, campaign, "start")
    until(lambda: sum(len(words.telco.calls_to(n, since)) for n in numbers) >= 4, PATIENCE_S, "some calls")
    told = when(words, campaign, "stop")
    stopped = time.monotonic()
    assert told["still_ringing"]

    def placed() -> int:
        return len(attempts_of(words, campaign))

    def dialled() -> int:
        return sum(len(words.telco.calls_to(n, since)) for n in numbers)

    until(lambda: time.monotonic() > stopped + 1.0, PATIENCE_S, "a second")
    until(lambda: dialled() == placed(), PATIENCE_S, "what was dialled before has come to the network")
    before = placed()
    until(lambda: time.monotonic() > stopped + 3.0, PATIENCE_S, "two more seconds")
    assert dialled() == placed() == before < len(numbers)
    words.telco.hang_up_all()
    until(
        lambda: all(a["result"] != "dialing" for a in attempts_of(words, campaign)),
        PATIENCE_S,
        "all outcomes",
    )


def test_O13_a_killed_application_dials_nobody_twice_and_loses_no_outcome(words: Words) -> None:
    ringing, talking = outside("60001"), outside("60002")
    words.given_operator("1106", {"sales": 3}, Behaviour(after_s=0.2, say="tone:850"))
    words.given_operator("1107", {"sales": 3}, Behaviour(after_s=0.2, say="tone:850"))
    words.telco.outside(ringing, Behaviour(do="ring", say=PERSON))
    words.telco.outside(talking, Behaviour(after_s=0.3, say="tone:440"))
    campaign = given_campaign(words, [ringing, talking], ring_s=100)
    when(words, campaign, "start")
    heard = Path(words.telco.wait_call_to(talking)["File"])
    words.telco.wait_call_to(ringing)
    until(
        lambda: heard.exists() and spans(read_raw(heard)[:, 0], OPERATOR_HZ),
        PATIENCE_S,
        "the operator's voice",
    )
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    until(
        lambda: (
            {a["phone"]: a["connected_at"] for a in attempts_of(words, campaign)}.keys() == {ringing, talking}
        ),
        PATIENCE_S,
        "both attempts",
    )
    words.api.wait(f"/campaigns/{campaign}", lambda found: found["status"] == "running")
    words.telco.pick_up(ringing)  # it rang all the while
    answered = words.telco.wait_call_to(ringing)
    until(
        lambda: (
            Path(answered["File"]).exists() and spans(read_raw(Path(answered["File"]))[:, 0], OPERATOR_HZ)
        ),
        PATIENCE_S,
        "the second operator's voice",
    )
    words.telco.hang_up_all()
    then_results(words, campaign, {ringing: "connected", talking: "connected"})
    assert len(words.telco.calls_to(ringing)) == len(words.telco.calls_to(talking)) == 1


def test_O2_preview_shows_the_contact_before_the_call_and_the_operator_starts_it(words: Words) -> None:
    first, second = outside("80001"), outside("80002")
    words.given_operator("1106", {"sales": 3}, Behaviour(after_s=0.2, say="tone:850"))
    for number in (first, second):
        words.telco.outside(number, Behaviour(after_s=0.3, say="tone:440"))
    campaign = given_campaign(words, [first, second], mode="preview")
    when(words, campaign, "start")
    shown = words.api.wait("/operators/1106/preview", lambda found: bool(found["attempt"]))
    assert shown["number"] in {first, second}
    assert shown["name"].startswith("Person")
    words.then_operator_is("1106", "reserved")
    words.api.post("/operators/1106/preview/skip", {"attempt": shown["attempt"], "reason": "call later"})
    other = words.api.wait("/operators/1106/preview", lambda f: f["attempt"] not in {None, shown["attempt"]})
    assert words.telco.calls_to(first) == words.telco.calls_to(second) == []
    words.api.post("/operators/1106/preview/accept", {"attempt": other["attempt"]})
    heard = Path(words.telco.wait_call_to(other["number"])["File"])
    until(
        lambda: heard.exists() and spans(read_raw(heard)[:, 0], OPERATOR_HZ),
        PATIENCE_S,
        "the operator's voice",
    )
    words.telco.hang_up_all()
    then_results(words, campaign, {shown["number"]: "skipped", other["number"]: "connected"})
    assert words.telco.calls_to(shown["number"]) == []
