"""Operators whose phone may be picked up by a machine press a key before they get the caller (R7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.centre import Centre
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.support.day import NUMBER, day_site, hears_a_voice
from tests.support.words import Words

OPERATOR_HZ, NEXT_HZ = 850.0, 700.0


@pytest.fixture(scope="module", autouse=True)
def site(centre: Centre) -> Iterator[None]:
    with day_site(centre):
        yield


def given_one_who_confirms(words: Words, extension: str) -> None:
    words.given_operator(extension, {"board": 5}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    assert words.api.patch(f"/operators/{extension}", {"confirm": True})["confirm"] is True


def given_a_queue_that_confirms(words: Words) -> None:
    """Whoever serves it, until the module's site file is put back."""
    before = (words.centre.plan.flows / "site.yaml").read_text("utf-8")
    board = "day-board: {name: Board, "
    assert board in before
    words.when_site_is(before.replace(board, f"{board}confirm: true, "))
    words.given_operator("1151", {"board": 5}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    assert words.api.get("/operators/1151")["confirm"] is False


def when_caller_waits(words: Words) -> tuple[Call, str]:
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("8")
    return call, ident


def when_asked(words: Words, extension: str, since: int) -> str:
    """The phone was picked up and hears the question; its channel."""
    channel = words.telco.wait_call_to(extension, since=since)["Channel"]
    heard = words.robot(extension)
    words.until(lambda: len(heard.recorded_audio()) > 8000, "the phone was picked up a second ago")
    return str(channel)


def press(words: Words, channel: str, digit: str) -> None:
    words.telco.ami.ask("PlayDTMF", Channel=channel, Digit=digit, Duration="200")


def test_R7_who_presses_one_gets_the_caller_who_hears_music_until_then(words: Words) -> None:
    given_one_who_confirms(words, "1151")
    since = words.telco.ami.mark()
    call, ident = when_caller_waits(words)
    channel = when_asked(words, "1151", since)
    asked = len(call.recorded_audio())
    hears_a_voice(call, since_s=asked / 8000)
    assert words.api.get("/operators/1151")["state"] == "ringing"
    assert words.api.get(f"/calls/{ident}")["phase"] == "offered"
    assert call.has_heard(OPERATOR_HZ) == 0
    press(words, channel, "1")
    words.when_they_talk(call, OPERATOR_HZ)
    words.then_phase(ident, "talking")
    words.then_operator_is("1151", "talking")
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    assert [fact["outcome"] for fact in words.facts(ident, "OfferEnded")] == ["answered"]
    words.then_recording_has(ident, 440.0, OPERATOR_HZ)


def test_R7_a_machine_that_answers_presses_nothing_and_the_next_operator_has_the_caller(words: Words) -> None:
    given_one_who_confirms(words, "1151")
    words.given_operator("1152", {"board": 1}, Behaviour(say=f"tone:{NEXT_HZ:g}"), signed_in=False)
    since = words.telco.ami.mark()
    call, ident = when_caller_waits(words)
    when_asked(words, "1151", since)
    words.api.put("/operators/1152/state", {"state": "available"})
    entered = words.api.get(f"/calls/{ident}")["queued_at"]
    call.hears(NEXT_HZ)
    assert call.has_heard(OPERATOR_HZ) == 0, "what the machine said has reached nobody"
    record = words.then_phase(ident, "talking")
    assert (record["operator"], record["queued_at"]) == ("1152", entered)
    ended = [(fact["operator"], fact["outcome"]) for fact in words.then_facts(ident, "OfferEnded", 2)]
    assert ended == [("1151", "unconfirmed"), ("1152", "answered")]
    assert words.then_operator_is("1151", "paused")["reason"] == "unconfirmed"
    call.hangup()
    words.then_ended(ident)


def test_R7_who_presses_two_declines_and_who_gave_up_meanwhile_was_not_answered(words: Words) -> None:
    """Here it is the queue that asks for the key, not the operator."""
    given_a_queue_that_confirms(words)
    since = words.telco.ami.mark()
    call, ident = when_caller_waits(words)
    press(words, when_asked(words, "1151", since), "2")
    assert words.then_fact(ident, "OfferEnded")["outcome"] == "rejected"
    since = words.telco.ami.mark()
    words.api.put("/operators/1151/state", {"state": "available"})
    call.hangup()
    words.then_ended(ident)
    again, second = when_caller_waits(words)
    channel = when_asked(words, "1151", since)
    line = f"/channels/{words.api.get(f'/calls/{second}')['channel']}/variable?variable=CHANNEL(checkhangup)"
    again.hangup()
    words.until(lambda: words.ari(line)["value"] == "1", "the PBX knows that the caller gave up")
    press(words, channel, "1")
    record = words.then_ended(second)
    assert (record["final_state"], record["connected_at"]) == ("abandoned", None)
    words.then_operator_is("1151", "available")
