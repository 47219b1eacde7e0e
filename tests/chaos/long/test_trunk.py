"""The trunk comes and goes: outside calls are refused with the reason, campaigns back off and go on (O11)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import plan as plans
from demo.api import ApiError
from demo.centre import Centre
from demo.outbound import TARIFFS
from pbx.sip_line import SipLine, sip_line
from pbx.telco_phones import Behaviour
from tests.e2e.test_transfers import FIRST_HZ, OUTSIDE_HZ, act, given_talk, to
from tests.support.campaigns import attempts_of, given_campaign, outside, when
from tests.support.free_ports import free_base
from tests.support.words import Words

CARRIER = "127.0.0.2"
FLAPS = 2
NOTICED_S = 60.0
"""The PBX asks the trunk every 15 s if it is there, and the machine stands still now and then."""
MOST_TRIES = 12
"""Pauses double from 2 s on: so many tries fit in a quarter of an hour, at one a second in twelve seconds."""
FRIEND = "+551130002222"


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[tuple[Words, SipLine]]:
    """A centre of its own with a line to its carrier that can be cut."""
    plan = plans.make({"RAMAL_STATE": str(tmp_path), "RAMAL_PORT_BASE": free_base(beside=1)})
    with sip_line((CARRIER, plan.telco.carrier), front=CARRIER) as line:
        ports = dataclasses.replace(plan.ports, carrier=line.port)
        centre = Centre(dataclasses.replace(plan, ports=ports, own_flows=True))
        centre.plan.flows.mkdir()
        for file in (plans.REPOSITORY / "callflows").glob("*.yaml"):
            if not file.name.endswith(".scenarios.yaml"):
                more = TARIFFS if file.name == "site.yaml" else ""
                text = file.read_text(encoding="utf-8") + more
                (centre.plan.flows / file.name).write_text(text, encoding="utf-8")
        try:
            centre.prepare()
            centre.start_pbx()
            centre.start_telco()
            centre.start_application()
            centre.await_ready()
            words = Words(centre)
            yield words, line
            words.clean_up()
        finally:
            centre.stop()


def when_the_trunk_is(words: Words, line: SipLine, state: str) -> None:
    """Cut or mend the line, and wait until the PBX has seen it."""
    line.cut = state == "offline"
    words.until(
        lambda: words.ari("/endpoints/PJSIP/carrier")["state"] == state, f"the trunk is {state}", NOTICED_S
    )


def results(words: Words, campaign: str) -> list[str]:
    return [attempt["result"] for attempt in attempts_of(words, campaign)]


def rule(words: Words, campaign: str) -> str | None:
    """Why the campaign does not dial."""
    held: dict[str, Any] | None = words.api.get(f"/campaigns/{campaign}/stats")["live"]["held"]
    return held["rule"] if held is not None else None


def back_off_and_go_on(words: Words, line: SipLine, campaign: str) -> None:
    """While the trunk is away the campaign rests; when that is back, somebody is reached."""
    known = len(results(words, campaign))
    when(words, campaign, "resume" if known else "start")
    words.until(lambda: rule(words, campaign) == "trunk_down", "the campaign says why it rests")
    when_the_trunk_is(words, line, "online")
    words.until(lambda: "connected" in results(words, campaign)[known:], "the campaign goes on", NOTICED_S)
    when(words, campaign, "pause")
    words.until(lambda: None not in results(words, campaign), "all attempts are over")
    tried = results(words, campaign)[known:]
    assert 1 <= tried.count("failed") <= MOST_TRIES, tried


def test_O11_a_trunk_that_comes_and_goes_is_said_and_backed_off_from_and_used_again(
    wired: tuple[Words, SipLine],
) -> None:
    words, line = wired
    words.telco.outside(FRIEND, Behaviour(say=f"tone:{OUTSIDE_HZ:g}"))
    numbers = [outside(f"3{index:04}") for index in range(40)]
    for number in numbers:
        words.telco.outside(number, Behaviour(say="tone:440"))
    call, ident = given_talk(words)
    campaign = given_campaign(words, numbers, mode="agentless", message="campaign/message", calls_per_s=1)
    for _ in range(FLAPS):
        when_the_trunk_is(words, line, "offline")
        with pytest.raises(ApiError, match="cannot be reached") as refusal:
            act(words, ident, "conference", to("number", FRIEND))
        assert refusal.value.status == 409
        call.hears(FIRST_HZ)
        back_off_and_go_on(words, line, campaign)
    act(words, ident, "conference", to("number", FRIEND))
    call.hears(OUTSIDE_HZ)
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
