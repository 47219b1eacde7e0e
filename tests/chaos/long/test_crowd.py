"""Five hundred callers at once and no operator: all are in line, the application stays itself (X2)."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ari_app.softphone.sip import Account
from demo import plan as plans
from demo.centre import Centre
from pbx.telco_phones import Behaviour
from tests.chaos.crowd import Crowd, many_files
from tests.support.free_ports import free_base
from tests.support.words import Words

CALLERS = 500


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Words]:
    """A centre of its own with ports for so many voices."""
    many_files()
    base = int(free_base(beside=1))
    plan = plans.make({"RAMAL_STATE": str(tmp_path), "RAMAL_PORT_BASE": str(base)})
    first = int(free_base()) + 1_000
    ports = dataclasses.replace(plan.ports, rtp_first=first, rtp_last=first + 2 * CALLERS + 200)
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


def all_calls(words: Words, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more = ""
    while True:
        page = words.api.get(f"/calls?limit=200{query}{more}")
        found += page["items"]
        if not page.get("next"):
            return found
        more = f"&cursor={page['next']}"


def await_in_line(words: Words, count: int, timeout_s: float = 120.0) -> list[dict[str, Any]]:
    """Until so many callers wait; they are given in the order of their calls."""
    deadline = time.monotonic() + timeout_s
    while len(line := [c for c in all_calls(words, "&live=true") if c["phase"] == "waiting"]) != count:
        assert time.monotonic() < deadline, f"{len(line)} wait, not {count}"
        time.sleep(1.0)
    return line


@pytest.mark.timeout(280)
def test_X2_five_hundred_callers_at_once_without_an_operator_and_a_restart(wide: Words) -> None:
    words, plan = wide, wide.centre.plan
    name, password = next(iter(plan.keys.callers.items()))
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"), signed_in=False)
    with Crowd(Account("127.0.0.1", plan.ports.sip, name, password)).open() as crowd:
        crowd.dial("5000", CALLERS, "2")
        line = await_in_line(words, CALLERS)
        first = min(line, key=lambda call: call["queued_at"])["id"]
        words.api.put("/operators/1106/state", {"state": "available"})
        words.then_phase(first, "talking", timeout_s=60)
        words.centre.kill_application()
        words.centre.start_application()
        words.centre.await_ready()
        known = {call["id"]: call["phase"] for call in all_calls(words, "&live=true")}
        assert known.keys() == {call["id"] for call in line}  # waiting, or with the dialplan if we were slow
        assert set(known.values()) <= {"waiting", "offered", "talking", "transferring"}
        assert known[first] == "talking"
        crowd.hang_up(crowd.phones)
    words.then_nothing_is_left(timeout_s=60)
    ended = all_calls(words, "")
    assert {call["id"] for call in ended} == {call["id"] for call in line}
    assert all(call["final_state"] in {"answered", "abandoned", "fallback"} for call in ended)
