"""Calls that we place, on a real Asterisk: who answers is told apart before the application gets the call."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx.stasis import StasisApp
from pbx.telco_phones import Behaviour
from pbx.telephony import Telephony, until
from pbx.tones import read_raw, seconds, spans

HELLO = "cadence:!0/400,!420/500,!0/9000"
PEOPLE_AND_MACHINES = {
    "5511900001": (Behaviour(do="answer", after_s=0.2, say=HELLO), "HUMAN"),
    "5511900002": (Behaviour(do="announced", say=HELLO), "HUMAN"),
    "5511900003": (Behaviour(do="machine", after_s=0.2, say=""), "MACHINE"),
    "5511900004": (Behaviour(do="fax", after_s=0.2), "FAX"),
}


def originate(phones: Telephony, ident: str, number: str, context: str) -> None:
    """As the application dials."""
    body = {"variables": {"__RAMAL_CALL": ident, "__RAMAL_CLIENT": "default"}}
    query = f"endpoint=PJSIP/{number}@carrier&context={context}&extension={ident}&priority=1&timeout=20"
    phones.ari("POST", f"/channels/{ident}?{query}", body)


@pytest.mark.parametrize("number", PEOPLE_AND_MACHINES)
def test_O10_person_machine_and_fax_are_told_apart(phones: Telephony, number: str) -> None:
    behaviour, verdict = PEOPLE_AND_MACHINES[number]
    phones.telco.outside(number, behaviour)
    with StasisApp(phones) as app:
        originate(phones, f"attempt-{number}", number, "ramal-out-amd")
        event = app.wait("StasisStart", args=["outbound", f"attempt-{number}"])
        assert event["args"][2] == verdict, event["args"]
        assert event["channel"]["id"] == f"attempt-{number}"


def test_O10_machine_is_left_alone_until_its_tone_is_over(phones: Telephony) -> None:
    number = "5511900005"
    phones.telco.outside(number, Behaviour(do="machine", after_s=0.2, say=""))
    with StasisApp(phones) as app:
        originate(phones, "attempt-5", number, "ramal-out-amd")
        assert app.wait("StasisStart", args=["outbound", "attempt-5"])["args"][2] == "MACHINE"
        since = phones.telco.wait_call_to(number)
        app.go_on("attempt-5", "ramal-out-machine", "s")
        app.wait("StasisStart", args=["dialled", "LISTENS"])
        media = {"media": "tone:600/3000", "playbackId": "message"}
        phones.ari("POST", "/channels/attempt-5/play", media)
        heard = Path(since["File"])
        until(lambda: heard.exists() and seconds(read_raw(heard)[:, 0], 600) > 1, what="the message")
        begun = spans(read_raw(heard)[:, 0], 600)[0][0]
        assert begun > 3.5, "the message began before the machine's tone was over"


def test_O10_without_application_a_person_hears_an_apology(phones: Telephony) -> None:
    number = "5511900001"
    phones.telco.outside(number, Behaviour(do="answer", after_s=0.2, say=HELLO))
    originate(phones, "attempt-6", number, "ramal-out-amd")
    phones.telco.wait_call_to(number)
    until(lambda: not phones.pbx.channels(), what="the end of the apology")
