"""Hostile SIP while a call goes on: nothing dies, scanners are banned, no text of a caller runs or breaks."""

from __future__ import annotations

import time
from itertools import pairwise
from urllib.parse import quote

from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from pbx.tones import spans
from tests.chaos.phases import DROPOUT_S
from tests.hostile.datagrams import Stranger, torture
from tests.support.words import Words

OPERATOR_HZ = 850.0
BANNED = "SIP/2.0 403 Forbidden"


def test_X8_torture_and_scanners_disturb_no_call_and_are_banned_for_a_while(words: Words) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    sip = words.centre.plan.ports.sip
    torturer, scanner, neighbour = (Stranger(f"127.0.0.{n}", sip) for n in (66, 77, 78))
    try:
        for datagram in torture(torturer.source, torturer.port):
            torturer.send(datagram)
        for user in range(100, 112):
            assert scanner.ask("REGISTER", str(user)).startswith(("SIP/2.0 401", BANNED))
        until = time.monotonic() + PATIENCE_S
        while scanner.ask("INVITE", "caller1", number="5000") != BANNED:
            assert time.monotonic() < until, "the scanner is still heard"
            time.sleep(0.05)
        assert neighbour.ask("REGISTER", "caller1").startswith("SIP/2.0 401")
        banned = words.api.wait(
            "/sip/bans", lambda page: "127.0.0.77" in {b["address"] for b in page["items"]}
        )
        assert all(ban["until"] > ban["since"] for ban in banned["items"])
        words.api.delete("/sip/bans/127.0.0.77")
        words.until(
            lambda: scanner.ask("REGISTER", "100").startswith("SIP/2.0 401"), "the scanner is asked again"
        )
        words.when_they_talk(call, OPERATOR_HZ)
        heard = spans(call.recorded_audio(), OPERATOR_HZ)
        gaps = [later[0] - earlier[1] for earlier, later in pairwise(heard)]
        assert all(gap <= DROPOUT_S for gap in gaps), f"the operator's tone was interrupted: {heard}"
    finally:
        for stranger in (torturer, scanner, neighbour):
            stranger.close()
        for ban in words.api.get("/sip/bans")["items"]:
            words.api.delete(f"/sip/bans/{ban['address']}")
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
    assert words.centre.pbx is not None
    assert words.centre.pbx.is_alive()


NAMES = (
    "${EVAL(${SHELL(id)})}",
    "'; DROP TABLE calls; --",
    "<script>alert(1)</script>",
    "%s%n%x$(id)`id`",
    "\u202eevil\u2066",
    "x" * 200,
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd%00.wav",
    "{{7*7}}${jndi:ldap://127.0.0.1/a}",
)


def test_X8_whatever_a_caller_calls_himself_stays_text_everywhere(words: Words) -> None:
    """Hostile names and numbers of callers reach trace, list and log as text, and the calls are served."""
    log = words.centre.plan.state / "application.log"
    begin = log.stat().st_size
    for name in NAMES:
        call = words.when_caller_dials(caller=None, caller_id=f'"{name}" <{name}>', say="silence")
        ident = words.newest_call()
        words.then_fact(ident, "WaitStarted")
        call.hangup()
        record = words.then_ended(ident)
        assert record["final_state"] == "self_served"
        found = words.api.get(f"/calls?from={quote(record['from'], safe='')}")["items"]
        assert ident in {item["id"] for item in found}
        assert words.facts(ident, "CallStarted")
    text = log.read_bytes()[begin:].decode()
    assert '"level":"error"' not in text
    assert "Traceback" not in text
    assert words.api.get("/calls?limit=5")["items"]
