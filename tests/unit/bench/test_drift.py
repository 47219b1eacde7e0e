"""The measuring of drift itself: it finds the offset that a recording was made with, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.recordings.drift import RATE, compare


def recording(left: np.ndarray, right: np.ndarray, seconds: float) -> np.ndarray:
    """Bursts of 60 ms that begin at these seconds."""
    audio = np.zeros((int(seconds * RATE), 2))
    tone = 0.5 * np.cos(2 * np.pi * 1000 * np.arange(480) / RATE)
    for side, places in enumerate((left, right)):
        for place in places:
            begin = round(place * RATE)
            audio[begin : begin + 480, side] += tone[: len(audio) - begin]
    return audio


@pytest.mark.parametrize("apart_ms", [0.0, 3.0, -17.5, 60.0])
@pytest.mark.parametrize("ppm", [0.0, 50.0, 2000.0])
def test_M1_the_measure_of_drift_finds_what_was_put_in(apart_ms: float, ppm: float) -> None:
    said_right = 100.0 + np.arange(60.0)
    said_left = 100.3 + np.arange(60.0) / (1 + ppm * 1e-6)
    begin = 99.95
    audio = recording(said_left - begin + apart_ms / 1000, said_right - begin, 61.0)
    found = compare(audio, list(said_left), list(said_right))
    assert len(found.offset_ms) >= 58
    assert found.band_ms == pytest.approx((apart_ms, apart_ms), abs=0.3)
    assert found.lost == (0, 0)


def test_M1_the_measure_of_drift_counts_bursts_that_are_missing() -> None:
    said = 100.0 + np.arange(30.0)
    kept = np.delete(said, [7, 19])
    found = compare(recording(kept - 99.9, said - 99.9, 31.0), list(said), list(said))
    assert found.lost == (2, 0)
