"""A short soak; `make soak` runs the long one."""

from __future__ import annotations

from benchmarks.soak import soak
from tests.support.words import Words


def test_X6_steady_calls_leave_nothing_behind(words: Words) -> None:
    figures, wrong = soak(words.centre, minutes=0.5, per_minute=60)
    assert wrong == []
    assert figures["tally"] == {"placed": 30, "served": 30, "failed": 0, "faults": []}
