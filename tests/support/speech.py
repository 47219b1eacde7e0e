"""Find a prompt of the catalogue in what somebody heard: how tests know which words were spoken, and when."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from ari_app.cli.live.ear import correlate
from pbx.patience import PATIENCE_S
from pbx.tones import RATE, Samples, read_raw, read_wav

LIKE = 0.6
"""Correlation from which a piece is there; other words of the same voice stay below 0.5."""
PIECE_S = 1.2
APART_S = 0.5
"""Pieces overlap: a machine that is busy leaves gaps in what is heard, and one whole piece is enough."""


def spoken_at(heard: Samples, prompt: Path) -> float | None:
    """Second at which a prompt (8 kHz WAV) begins in mono sound, told by any piece of it; None: not there."""
    words, sound = read_wav(prompt)[0][:, 0].astype(np.float32), heard.astype(np.float32)
    size = int(PIECE_S * RATE)
    if len(heard) < min(size, len(words)):
        return None
    for first in range(0, max(1, len(words) - size + 1), int(APART_S * RATE)):
        likeness = correlate(sound, words[first : first + size])
        best = int(likeness.argmax())
        if likeness[best] >= LIKE:
            return max(0, best - first) / RATE
    return None


def wait_spoken(file: Path, prompt: Path, timeout_s: float = PATIENCE_S) -> float:
    """Wait until a prompt is in a recording that grows; the second at which it begins."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = spoken_at(read_raw(file)[:, 0], prompt) if file.exists() else None
        if found is not None:
            return found
        assert time.monotonic() < deadline, f"{prompt.name} was not heard"
        time.sleep(0.2)
