"""Calling back on a real Asterisk, whoever's phone rings first; lines that dropped (C13, C19)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.api import ApiError
from demo.centre import Centre
from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.tones import read_raw, seconds
from tests.support.day import NUMBER, day_site
from tests.support.words import Words


@pytest.fixture(scope="module", autouse=True)
def site(centre: Centre) -> Iterator[None]:
    with day_site(centre):
        yield


def talked(words: Words, number: str, digit: str) -> str:
    """Somebody called, talked with an operator, and is gone."""
    call = words.when_caller_dials(NUMBER, caller=None, caller_id=f"+{number}")
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press(digit)
    words.when_they_talk(call, 850)
    call.hangup()
    words.then_ended(ident)
    return ident


def line_dropped(words: Words, ident: str) -> dict[str, Any]:
    """What an operator's click says of a call that broke off."""
    promise: dict[str, Any] = json.loads(words.api.raw("POST", f"/calls/{ident}/callback"))
    return promise


def then_heard(file: Path, hertz: float, timeout_s: float = PATIENCE_S) -> None:
    """Somebody whom we called hears a tone."""
    deadline = time.monotonic() + timeout_s
    while not file.exists() or seconds(read_raw(file)[:, 0], hertz) < 0.5:
        assert time.monotonic() < deadline, f"{hertz} Hz was not heard"
        time.sleep(0.1)


def then_tried(words: Words, ident: str, state: str, timeout_s: float = PATIENCE_S) -> list[tuple[int, str]]:
    """How the attempts of a promise went, once it is in this state."""
    found: dict[str, Any] = words.api.wait(
        f"/callbacks/{ident}", lambda one: one["state"] == state, timeout_s
    )
    return [(tried["number"], tried["outcome"]) for tried in found["tried"]]


def test_C19_a_line_that_dropped_is_called_back_by_the_same_operator_who_is_rung_first(words: Words) -> None:
    number = "5511911110011"
    words.telco.outside(number, Behaviour(say="tone:440"))
    same = words.given_operator("1141", {"back": 1}, Behaviour(say="tone:850"))
    assert same is not None
    dropped = talked(words, number, "0")
    words.then_operator_is("1141", "available")
    words.api.put("/operators/1141/state", {"state": "paused", "reason": "meal"})
    words.given_operator("1142", {"back": 5}, Behaviour(say="tone:700"))
    mark = words.telco.ami.mark()
    promise = line_dropped(words, dropped)
    assert (promise["state"], promise["number"], promise["queue"]) == ("waiting", number, "day-back")
    assert line_dropped(words, dropped)["id"] == promise["id"], "asked twice is one"
    assert words.telco.calls_to("1142", mark) == [], "it waits for the operator of before"
    words.api.put("/operators/1141/state", {"state": "available"})
    words.telco.wait_call_to("1141", since=mark)
    offered = words.telco.wait_call_to(number, since=mark)
    assert offered["From"].endswith(NUMBER)
    attempt = words.newest_call()
    talking = words.then_phase(attempt, "talking")
    assert (talking["operator"], talking["from"], talking["direction"]) == ("1141", number, "outbound")
    then_heard(Path(offered["File"]), 850)
    same.hangup()
    assert words.then_ended(attempt)["final_state"] == "answered"
    assert then_tried(words, promise["id"], "done") == [(1, "answered")]
    words.then_operator_is("1141", "available")
    assert words.telco.calls_to("1142", mark) == []


def test_X8_C13_a_foreigner_is_not_called_back_as_somebody_else_here(words: Words) -> None:
    """The digits of +1 323 555 0123 fit the queue's pattern, and are a stranger's number in Brazil."""
    words.given_operator("1145", {"back": 1}, Behaviour(say="tone:850"))
    dropped = talked(words, "13235550123", "0")
    mark = words.telco.ami.mark()
    with pytest.raises(ApiError) as refused:
        line_dropped(words, dropped)
    assert (refused.value.status, "no prefix that may be called" in refused.value.text) == (409, True)
    assert words.api.get(f"/callbacks?call_id={dropped}")["items"] == []
    assert words.telco.calls_to("13235550123", mark) == []


def test_C13_operator_first_a_missed_ring_costs_no_try_and_the_next_operator_is_rung(words: Words) -> None:
    number = "5511911110012"
    words.telco.outside(number, Behaviour(do="busy"))
    words.given_operator("1143", {"back": 1}, Behaviour(say="tone:850"))
    dropped = talked(words, number, "0")
    words.then_operator_is("1143", "available")
    behaviour = Behaviour(do="busy")
    behaviour.store(words.telco.ami, "1143")
    mark = words.telco.ami.mark()
    promise = line_dropped(words, dropped)
    words.telco.wait_call_to("1143", since=mark)
    words.given_operator("1144", {"back": 1}, Behaviour(say="tone:700"), signed_in=False)
    assert words.telco.calls_to(number, mark) == [], "nobody is called before an operator is on the line"
    words.api.put("/operators/1143/state", {"state": "signed_out"})
    words.api.put("/operators/1144/state", {"state": "available"})
    assert then_tried(words, promise["id"], "failed", 2 * PATIENCE_S) == [(1, "busy"), (2, "busy")]
    assert len(words.telco.calls_to(number, mark)) == 2
    words.then_operator_is("1144", "available")
    attempts = {f"{promise['id']}-1", f"{promise['id']}-2"}
    words.until(lambda: attempts <= words.call_ids(), "both attempts are calls")
    words._known |= attempts


def test_C13_who_is_called_back_accepts_by_a_key_or_is_left_alone(words: Words) -> None:
    number = "5511911110013"
    words.telco.outside(number, Behaviour(say="tone:440"))
    words.given_operator("1145", {"paper": 1}, Behaviour(say="tone:850"))
    first = talked(words, number, "9")
    mark = words.telco.ami.mark()
    promise = line_dropped(words, first)
    offered = words.telco.wait_call_to(number, since=mark)
    attempt = words.newest_call()
    words.then_fact(attempt, "PromptPlayed")
    assert words.telco.calls_to("1145", mark) == [], "no operator is rung for a machine"
    words.telco.ami.ask("PlayDTMF", Channel=offered["Channel"], Digit="1", Duration="200")
    words.then_phase(attempt, "talking")
    then_heard(Path(offered["File"]), 850)
    words.robot("1145").hangup()
    words.then_ended(attempt)
    assert then_tried(words, promise["id"], "done") == [(1, "answered")]
    words.then_operator_is("1145", "available")
    mark = words.telco.ami.mark()
    again = line_dropped(words, first)
    offered = words.telco.wait_call_to(number, since=mark)
    attempt = words.newest_call()
    words.then_fact(attempt, "PromptPlayed")
    words.telco.ami.ask("PlayDTMF", Channel=offered["Channel"], Digit="2", Duration="200")
    assert then_tried(words, again["id"], "cancelled") == [(1, "refused")]
    words.then_operator_is("1145", "available")


def test_C19_only_talks_that_came_in_are_called_back_and_only_where_the_queue_does(words: Words) -> None:
    with pytest.raises(ApiError) as unknown:
        line_dropped(words, "nobody")
    assert unknown.value.status == 404
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    call.hangup()
    words.then_ended(ident)
    with pytest.raises(ApiError) as silent:
        line_dropped(words, ident)
    assert silent.value.status == 409


def test_C19_a_talk_that_dies_with_the_pbx_is_called_back_unasked_and_concluded(words: Words) -> None:
    number = "5511911110014"
    words.telco.outside(number, Behaviour(say="tone:440"))
    same = words.given_operator("1146", {"back": 1}, Behaviour(say="tone:850"))
    assert same is not None
    call = words.when_caller_dials(NUMBER, caller=None, caller_id=f"+{number}")
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press("0")
    words.when_they_talk(call, 850)
    words.then_phase(ident, "talking")
    mark = words.telco.ami.mark()
    assert words.centre.pbx is not None
    words.centre.pbx.kill()
    words.centre.start_pbx()
    words.centre.await_ready()
    assert words.then_ended(ident)["final_state"] == "lost_media"
    words.telco.wait_call_to("1146", since=mark)  # the operator of before, and first
    offered = words.telco.wait_call_to(number, since=mark)
    attempt = words.newest_call()
    talking = words.then_phase(attempt, "talking")
    assert (talking["operator"], talking["from"], talking["direction"]) == ("1146", number, "outbound")
    then_heard(Path(offered["File"]), 850)
    same.hangup()
    words.then_ended(attempt)
    [promise] = words.api.get(f"/callbacks?call_id={ident}")["items"]
    assert then_tried(words, promise["id"], "done") == [(1, "answered")]
    words.then_operator_is("1146", "available")
