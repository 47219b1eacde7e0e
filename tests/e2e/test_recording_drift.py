"""The two channels of a recording stay together, whatever the phones' clocks do (M1)."""

from __future__ import annotations

import asyncio

import numpy as np

from ari_app.softphone.sip import Account
from benchmarks.recordings.drift import Line, compare, talk
from benchmarks.recordings.drifting import samples
from benchmarks.recordings.phones import MarkedVoice
from tests.support.words import Words

TOLERANCE_MS = 100.0
"""Asterisk begins both sides anew when they are so far apart (audiohook.c, AST_AUDIOHOOK_SYNC_TOLERANCE).
On a machine that has time they are within one frame of 20 ms: `benchmarks/recordings/RESULTS-DRIFT.md`."""
PPM = 1000.0
"""Twenty times what a phone's clock may be wrong: ten seconds show what 50 ppm do in 200."""


def test_M1_channels_stay_together_with_a_fast_clock_and_a_phone_that_sends_nothing_while_silent(
    words: Words,
) -> None:
    words.given_operator("1106", {"support": 2}, registered=False)
    port, callers = words.centre.plan.ports.sip, words.centre.plan.keys.callers
    line = Line(
        Account("127.0.0.1", port, "caller1", callers["caller1"]),
        Account("127.0.0.1", port, "1106", words.password("1106")),
    )
    silent = [(begin, begin + 1.5) for begin in np.arange(4.5, 120.0, 5.0)]
    said = asyncio.run(talk(line, MarkedVoice(PPM, silent), MarkedVoice(), 12.0))
    ident = words.newest_call()
    words.then_ended(ident)
    words.api.wait(f"/recordings?call_id={ident}", lambda page: page["items"])
    found = compare(samples(words.api.raw("GET", f"/recordings/{ident}/audio")), *said)
    assert len(found.offset_ms) >= 4, found
    assert np.median(np.abs(found.offset_ms)) < TOLERANCE_MS, found
