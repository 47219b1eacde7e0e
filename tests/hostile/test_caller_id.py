"""What a network says of its caller, in raw SIP: it becomes text of one line, or he is refused (X8)."""

from __future__ import annotations

import json

import pytest

from pbx.telco_phones import Behaviour
from tests.hostile.raw_calls import RawCall
from tests.support.words import Words

OPERATOR_HZ = 850.0
PLAIN = "sip:+5511988887777@carrier"
SHOWN = (
    f'"line\\\r\nbreak" <{PLAIN}>',
    f'"folded\r\n X-Evil: 1" <{PLAIN}>',
    "<sip:+5511%0d%0aX-Evil:%201@carrier>",
    "<sip:%00%0a${SHELL(id)}@carrier>",
    '"=HYPERLINK(1)" <sip:=1+1@carrier>',
    f'"\x1b]0;owned\x07\x1b[31m" <{PLAIN}>',
    f'"\u202e\u2066 \ufeff" <{PLAIN}>',
    f'"[/red] [bold]x" <{PLAIN}>',
    f'"{"n" * 10_000}" <{PLAIN}>',
    f"<sip:{'5' * 10_000}@carrier>",
)
IDENTITIES = (
    'P-Asserted-Identity: "<img src=x onerror=alert(1)>" <sip:${EVAL(${SHELL(id)})}@x>\r\n',
    'P-Asserted-Identity: "x" <sip:+5511%0d%0aVia:%20x@x>\r\nPrivacy: id\r\n',
    "Remote-Party-ID: " + "<sip:9@x>," * 200 + "<sip:9@x>\r\n",
)


@pytest.mark.parametrize("number", ["5000"])
def test_X8_whatever_the_network_says_of_a_caller_is_one_line_of_text_or_refused(
    words: Words, number: str
) -> None:
    log = words.centre.plan.state / "application.log"
    begin = log.stat().st_size
    known = words.call_ids()
    tries = [(shown, "") for shown in SHOWN] + [(f'"x" <{PLAIN}>', extra) for extra in IDENTITIES]
    answered = 0
    for shown, extra in tries:
        call = RawCall(words.centre.plan.ports.trunk)
        try:
            status = call.dial(number, shown, extra)
            assert status in {0, 200, *range(400, 500)}, (status, shown[:80])
            answered += status == 200
            call.hang_up()
        finally:
            call.close()
    assert answered >= 6
    words.until(lambda: len(words.call_ids() - known) >= answered, "every answered call is known")
    words.then_nothing_is_left()
    found = words.call_ids() - known
    for ident in found:
        record = words.then_ended(ident)
        assert record["from"].isprintable(), record
        assert len(record["from"]) < 400
        started = words.then_fact(ident, "CallStarted")
        assert all(text.isprintable() for text in started.values() if isinstance(text, str)), started
    for line in log.read_bytes()[begin:].rpartition(b"\n")[0].splitlines():  # the last may be half written
        told = json.loads(line)
        assert told["level"] not in {"error", "critical"}, told


def test_X8_a_hostile_caller_reaches_the_operators_phone_as_a_caller_and_no_more(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    since = words.telco.ami.mark()
    name = "${EVAL(${SHELL(id)})}<sip:1107@127.0.0.1>;tag=x"
    call = words.when_caller_dials(caller=None, caller_id=f'"{name}" <{"9" * 70}>')
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    offer = words.telco.wait_call_to("1106", since=since)
    assert set(offer["From"]) <= set("+0123456789"), offer
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    words.then_recording_has(ident, left=440, right=OPERATOR_HZ)
