"""Phones that answer campaigns' calls by themselves, with a tone before the person is heard (O4, O2)."""

from __future__ import annotations

from pathlib import Path

from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.telephony import until
from pbx.tones import read_raw, spans
from tests.support.campaigns import given_campaign, outside, then_one_hears, then_results, when
from tests.support.words import Words

OPERATOR_HZ, TOLD_HZ, PERSON_HZ = 850.0, 1400.0, 440.0


def test_O4_a_phone_that_answers_by_itself_has_the_person_at_once_after_a_tone(words: Words) -> None:
    numbers = [outside(f"660{n}") for n in (11, 12, 13, 14)]
    words.given_operator("1161", {"sales": 3}, Behaviour(do="auto", say=f"tone:{OPERATOR_HZ:g}"))
    assert words.api.patch("/operators/1161", {"auto_answer": True})["auto_answer"] is True
    for each in numbers:
        words.telco.outside(each, Behaviour(after_s=0.5, say=f"tone:{PERSON_HZ:g}"))
    campaign = given_campaign(words, numbers)
    since = words.telco.ami.mark()
    when(words, campaign, "start")
    number = then_one_hears(words, numbers, OPERATOR_HZ, since)
    when(words, campaign, "pause")
    heard = Path(words.telco.calls_to(number, since)[0]["File"])
    operator = words.robot("1161")
    until(lambda: spans(operator.recorded_audio(), PERSON_HZ), PATIENCE_S, "the person's voice")
    audio = operator.recorded_audio()
    told, person = spans(audio, TOLD_HZ), spans(audio, PERSON_HZ)
    assert told, "the operator is told"
    assert told[0][0] < person[0][0], "before he hears the person"
    assert not spans(read_raw(heard)[:, 0], TOLD_HZ), "who is not told"
    words.telco.hang_up_all()
    talked = then_results(words, campaign, {number: "connected"})[number]
    assert talked["operator"] == "1161"


def test_O4_the_same_phone_rings_when_it_is_not_told_to_answer(words: Words) -> None:
    number = outside("66002")
    words.given_operator("1161", {"sales": 3}, Behaviour(do="auto", say=f"tone:{OPERATOR_HZ:g}"))
    assert words.api.get("/operators/1161")["auto_answer"] is False
    words.telco.outside(number, Behaviour(after_s=0.3, say=f"tone:{PERSON_HZ:g}"))
    campaign = given_campaign(words, [number])
    since = words.telco.ami.mark()
    when(words, campaign, "start")
    words.telco.wait_call_to("1161", since=since)
    then_results(words, campaign, {number: "abandoned"})
