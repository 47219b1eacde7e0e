"""Nothing can be written any more, with calls in every phase: all go on from memory (X5)."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.phases import calls_in_every_phase
from tests.support.words import Words


@contextmanager
def nothing_can_be_written(words: Words) -> Iterator[None]:
    """Every write of the application to a file fails: store, log, recordings. The kernel does it."""
    application = words.centre.application
    assert application is not None
    before = resource.prlimit(application.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(application.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(application.pid, resource.RLIMIT_FSIZE, before)


def test_X5_nothing_can_be_written_for_a_while_with_calls_in_every_phase(words: Words) -> None:
    phases = calls_in_every_phase(words, rings_s=8)
    with nothing_can_be_written(words):
        phases.then_talking_goes_on()
        words.when_they_talk(phases.ringing, 700.0)
        words.then_not_ready()
        newcomer = words.when_caller_dials(caller="caller1", say="silence")
        newcomer.press("7")
        newcomer.hangup()
        newcomer.wait_ended()
    words.centre.await_ready()
    ended = words.newest_call()
    words.then_ended(ended)
    assert len(words.facts(ended, "CallEnded")) == 1
    phases.then_all_goes_on()
