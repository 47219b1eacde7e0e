"""Calls in every phase, and a fault: pairs talk on, the line keeps its order, all are served (X2, X5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.phases import calls_in_every_phase
from tests.chaos.relay import Relay
from tests.support.words import Words


def is_reply(message: dict[str, object]) -> bool:
    return message["type"] == "RESTResponse"


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


def test_X2_app_killed_with_calls_in_every_phase(words: Words) -> None:
    phases = calls_in_every_phase(words)
    words.centre.kill_application()
    phases.then_talking_goes_on()
    words.centre.start_application()
    words.centre.await_ready()
    phases.then_all_goes_on()


def test_X2_events_twice_late_and_sockets_cut_with_calls_in_every_phase(words: Words, relay: Relay) -> None:
    """Late events overtake each other; replies are never repeated: the protocol has an id for each."""
    count = 0

    def twice_and_late(message: dict[str, object]) -> list[float]:
        nonlocal count
        count += 1
        if is_reply(message):
            return [0.0]
        return [0.0, 0.15] if count % 2 else [0.2]

    relay.rewrite = twice_and_late
    phases = calls_in_every_phase(words)
    relay.cut()
    words.then_not_ready()
    words.centre.await_ready()
    phases.then_all_goes_on()


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
