"""The PBX has no port for sound left (X2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import plan as plans
from demo.centre import Centre
from pbx.telco_phones import Behaviour
from tests.hostile.raw_calls import RawCall
from tests.support.free_ports import free_base
from tests.support.words import Words

OPERATOR_HZ = 850.0
TALKS_AT_ONCE = 2


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Words]:
    """A centre of its own with ports for the sound of one talk and one caller more (RTP and RTCP each)."""
    plan = plans.make({"RAMAL_STATE": str(tmp_path), "RAMAL_PORT_BASE": free_base(beside=1)})
    legs = 2 * TALKS_AT_ONCE - 1
    ports = dataclasses.replace(plan.ports, rtp_last=plan.ports.rtp_first + 2 * legs - 1)
    centre = Centre(dataclasses.replace(plan, ports=ports))
    try:
        centre.prepare()
        centre.start_pbx()
        centre.start_telco()
        centre.start_application()
        centre.await_ready()
        words = Words(centre)
        yield words
        words.clean_up()
    finally:
        centre.stop()


def test_X2_no_port_for_sound_is_left_and_newcomers_are_refused_while_all_others_go_on(narrow: Words) -> None:
    words = narrow
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    talking = words.when_caller_dials()
    talking_id = words.newest_call()
    talking.press("2")
    words.when_they_talk(talking, OPERATOR_HZ)
    menu = words.when_caller_dials(caller="caller2")
    menu_id = words.newest_call()
    newcomer = RawCall(words.centre.plan.ports.trunk)
    try:
        assert newcomer.dial("5000", '"x" <sip:+5511988887777@carrier>') >= 400
    finally:
        newcomer.close()
    words.when_they_talk(talking, OPERATOR_HZ)
    menu.press("2")
    words.then_phase(menu_id, "waiting")
    talking.hangup()
    assert words.then_ended(talking_id)["final_state"] == "answered"
    words.when_they_talk(menu, OPERATOR_HZ)
    menu.hangup()
    assert words.then_ended(menu_id)["final_state"] == "answered"
    words.then_operator_is("1106", "available")
