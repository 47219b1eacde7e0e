"""Find a prompt of the catalogue in what somebody heard: how tests know which words were spoken, and when."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from pbx.tones import RATE, Samples, read_raw, read_wav

LIKE = 0.6
"""Correlation from which a piece is there; other words of the same voice stay below 0.5."""
PIECE_S = 1.2
APART_S = 0.5
"""Pieces overlap: a machine that is busy leaves gaps in what is heard, and one whole piece is enough."""


def spoken_at(heard: Samples, prompt: Path) -> float | None:
    """Second at which a prompt (8 kHz WAV) begins in mono sound, told by any piece of it; None: not there.

    Normalised cross-correlation by FFT.
    """
    words = read_wav(prompt)[0][:, 0]
    size = int(PIECE_S * RATE)
    if len(heard) < min(size, len(words)):
        return None
    for first in range(0, max(1, len(words) - size + 1), int(APART_S * RATE)):
        at, likeness = _best(heard, words[first : first + size])
        if likeness >= LIKE:
            return max(0, at - first) / RATE
    return None


def _best(heard: Samples, piece: Samples) -> tuple[int, float]:
    """Where the piece fits best, and how well."""
    size = 1 << (len(heard) + len(piece) - 1).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)
    match = match[: len(heard) - len(piece) + 1]
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    here = energy[len(piece) :] - energy[: -len(piece)]
    likeness = match / np.sqrt(np.maximum(here, 1e-6) * max(1e-6, float(np.sum(piece**2))))
    best = int(np.argmax(likeness))
    return best, float(likeness[best])


def wait_spoken(file: Path, prompt: Path, timeout_s: float = 15.0) -> float:
    """Wait until a prompt is in a recording that grows; the second at which it begins."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = spoken_at(read_raw(file)[:, 0], prompt) if file.exists() else None
        if found is not None:
            return found
        assert time.monotonic() < deadline, f"{prompt.name} was not heard"
        time.sleep(0.2)
