"""The long runs of `make chaos`: the same calls in every phase under faults that last."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demo.api import ApiError
from pbx.telco_phones import Behaviour
from tests.chaos.phases import TALKING_HZ, calls_in_every_phase
from tests.chaos.relay import Relay
from tests.chaos.test_phases import is_reply
from tests.support.words import Words


@contextmanager
def store_locked(words: Words) -> Iterator[None]:
    """Another process holds the write lock of the database."""
    database = words.centre.plan.environment()["RAMAL_DATABASE"]
    holder = sqlite3.connect(database, isolation_level=None, timeout=10)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


def test_X2_ten_restarts_in_a_row_with_calls_in_every_phase(words: Words) -> None:
    phases = calls_in_every_phase(words, rings_s=4)  # answered while nobody sees it
    for _ in range(10):
        words.centre.kill_application()
        words.centre.start_application()
        words.centre.await_ready()
        phases.then_talking_goes_on()
    phases.then_all_goes_on()


def test_X16_software_is_replaced_with_calls_in_every_phase(words: Words) -> None:
    """An upgrade: the old one is told to end, the new one brings the schema along and takes up."""
    phases = calls_in_every_phase(words, rings_s=15)
    words.centre.stop_application()
    phases.then_talking_goes_on()
    words.centre.start_application()
    words.centre.await_ready()
    phases.then_all_goes_on()


def test_X3_app_frozen_for_half_a_minute_with_calls_in_every_phase(words: Words) -> None:
    """Who was in our hands reaches the dialplan's queue within 20 s; the app that wakes does not fight it."""
    phases = calls_in_every_phase(words, rings_s=4)
    words.given_operator("1119", {"sales": 1}, Behaviour(say="tone:600"))
    words.then_fallback_members({"1116", "1117", "1119"})
    assert words.centre.application is not None
    words.centre.application.send_signal(signal.SIGSTOP)
    frozen = time.monotonic()
    try:
        words.when_they_talk(phases.ringing, 700.0)
        words.until(
            lambda: any(call.has_heard(600.0) > 0.4 for call in (phases.waiting, phases.menu)),
            "somebody reached the fallback",
            timeout_s=60,
        )
        phases.talking_goes_on_until(frozen + 30)
    finally:
        words.centre.application.send_signal(signal.SIGCONT)
    words.centre.await_ready()
    phases.then_talking_goes_on()
    for call, ident in (
        (phases.talking, phases.talking_id),
        (phases.ringing, phases.ringing_id),
        (phases.waiting, phases.waiting_id),
        (phases.menu, phases.menu_id),
    ):
        call.hangup()
        words.then_ended(ident, timeout_s=45)
    for operator in ("1116", "1117", "1119"):
        words.then_operator_is(operator, "available", timeout_s=30)


def test_X2_every_seventh_reply_is_lost_with_calls_in_every_phase(words: Words, relay: Relay) -> None:
    count = 0

    def lossy(message: dict[str, object]) -> list[float]:
        nonlocal count
        count += is_reply(message)
        return [] if is_reply(message) and count % 7 == 0 else [0.0]

    phases = calls_in_every_phase(words, rings_s=13)
    relay.rewrite = lossy
    phases.then_talking_goes_on()
    phases.then_all_goes_on()


def test_X2_the_pbx_is_out_of_sight_for_ten_seconds_with_calls_in_every_phase(
    words: Words, relay: Relay
) -> None:
    phases = calls_in_every_phase(words, rings_s=6)
    relay.refuse(refuses=True)
    relay.cut()
    gone = time.monotonic()
    phases.talking_goes_on_until(gone + 10)
    relay.refuse(refuses=False)
    words.centre.await_ready()
    phases.then_all_goes_on()


def test_X5_store_locked_for_a_quarter_of_a_minute_with_calls_in_every_phase(words: Words) -> None:
    phases = calls_in_every_phase(words, rings_s=6)
    with store_locked(words):
        began = time.monotonic()
        with pytest.raises((ApiError, TimeoutError)):
            words.api.post("/operators", {"extension": "1199", "name": "Nobody", "skills": {}})
        phases.talking_goes_on_until(began + 15)
    words.centre.await_ready()
    phases.then_all_goes_on()


@pytest.mark.parametrize("digit", ["1", "2"])
def test_X4_pbx_killed_with_calls_in_every_phase(words: Words, digit: str) -> None:
    phases = calls_in_every_phase(words)
    assert words.centre.pbx is not None
    words.centre.pbx.kill()
    words.centre.start_pbx()
    words.centre.await_ready()
    for ident in (phases.talking_id, phases.ringing_id, phases.waiting_id, phases.menu_id):
        assert words.then_ended(ident, timeout_s=20)["final_state"] == "lost_media"
        assert len(words.facts(ident, "CallEnded")) == 1
    for operator in ("1116", "1117"):
        words.then_operator_is(operator, "available", timeout_s=45)
    call = words.when_caller_dials()
    call.press(digit)
    words.when_they_talk(call, TALKING_HZ if digit == "2" else 700.0)


@pytest.mark.parametrize("state", ["available", "paused", "ringing", "talking", "on_hold", "wrap_up"])
def test_P7_operators_phone_dies_in_each_state(words: Words, state: str) -> None:
    """Nobody stays busy, the caller goes on to the next one, a phone that is back is used again."""
    behaviour = Behaviour(say="tone:850", after_s=3)
    robot = words.given_operator("1116", {"support": 3}, behaviour, wrap_up_s=8, mortal=True)
    assert robot is not None
    call = words.when_caller_dials()
    ident = words.newest_call()
    if state == "available":
        robot.die()
        words.then_operator_is("1116", "unreachable", timeout_s=30)
    elif state == "paused":
        words.api.put("/operators/1116/state", {"state": "paused", "reason": "meal"})
        words.then_operator_is("1116", "paused")
        robot.die()
    call.press("2")
    if state in {"talking", "on_hold", "wrap_up"}:
        words.when_they_talk(call, 850.0)
    if state == "on_hold":
        words.api.post(f"/calls/{ident}/hold")
        words.then_operator_is("1116", "on_hold")
    if state == "wrap_up":
        call.hangup()
        words.then_operator_is("1116", "wrap_up")
    elif state == "ringing":
        words.then_operator_is("1116", "ringing")
    if state not in {"available", "paused"}:
        robot.die()
    if state in {"talking", "on_hold"}:
        robot.hangup()
        words.then_ended(ident)
    words.then_operator_is("1116", "paused" if state == "paused" else "unreachable", timeout_s=60)
    if state in {"available", "paused", "ringing"}:
        words.given_operator("1117", {"support": 2}, Behaviour(say="tone:700"), signed_in=False)
        words.api.put("/operators/1117/state", {"state": "available"})
        words.when_they_talk(call, 700.0)
        call.hangup()
    robot.register()
    if state == "paused":
        words.then_operator_is("1116", "paused")
    else:
        words.then_operator_is("1116", "available", timeout_s=60)


def test_X5_store_locked_and_pbx_slow_with_calls_in_every_phase(words: Words, relay: Relay) -> None:
    relay.delay_s = 0.05
    phases = calls_in_every_phase(words)
    with store_locked(words):
        phases.then_talking_goes_on()
        words.when_they_talk(phases.ringing, 700.0)
        newcomer = words.when_caller_dials(caller="caller1", say="silence")
        newcomer.press("7")
        newcomer.hangup()
        newcomer.wait_ended()
        words.then_not_ready()
    words.centre.await_ready()
    words.newest_call()
    phases.then_all_goes_on()


def test_X2_every_request_takes_half_a_second_with_calls_in_every_phase(words: Words, relay: Relay) -> None:
    """A slow PBX, or a slow way to it: all is later, nothing is lost."""
    relay.delay_s = 0.5
    phases = calls_in_every_phase(words, rings_s=13)
    phases.then_talking_goes_on()
    relay.delay_s = 0.0
    phases.then_all_goes_on()
