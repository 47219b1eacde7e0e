"""Calls in every phase, and a fault: pairs talk on, the line keeps its order, all are served (X2)."""

from __future__ import annotations

from tests.chaos.phases import calls_in_every_phase
from tests.chaos.relay import Relay
from tests.support.words import Words


def is_reply(message: dict[str, object]) -> bool:
    return message["type"] == "RESTResponse"


def test_X2_app_killed_with_calls_in_every_phase(words: Words) -> None:
    phases = calls_in_every_phase(words)
    words.centre.kill_application()
    words.centre.start_application()
    phases.then_talking_goes_on()
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
    relay.refuse(refuses=True)  # until it was seen
    relay.cut()
    words.then_not_ready()
    relay.refuse(refuses=False)
    words.centre.await_ready()
    phases.then_all_goes_on()
