"""An ear that knows the prompts: which of them is on the line, by comparing sound with sound.

No recogniser: the prompt that should be heard is correlated with what came (normalised cross-correlation), so
that a wrong prompt, a cut one and silence are told apart.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]

from ari_app.softphone.alaw import RATE, Samples

LIKE = 0.5
"""Correlation from which on two sounds are the same: the line's own noise leaves 0.9, other speech 0.2."""
LONGEST_S = 1.2
"""So much of a prompt is looked for."""
LEAST_S = 0.15
TAIL_S = 0.15
"""The line may be closed this long before the last word is out."""
Load = Callable[[str, str], bytes | None]
"""Language and prompt → the bytes of its sound file; None: not known."""


class Ear:
    """Finds prompts in what was heard. `load` gives their files."""

    def __init__(self, load: Load) -> None:
        self._load = functools.lru_cache(maxsize=1024)(load)
        self.sample = functools.lru_cache(maxsize=1024)(self._sample)

    def length(self, language: str, prompt: str) -> float:
        """How long a prompt lasts, in seconds; 0: not known."""
        return len(self.sample(language, prompt)) / RATE

    def tells(self, language: str, prompt: str) -> bool:
        """Whether a prompt can be told from others: some are too short."""
        return len(self._wanted(language, prompt)[1]) >= LEAST_S * RATE

    def find(self, heard: Samples, language: str, prompt: str) -> float | None:
        """Where a prompt begins in what was heard, in seconds; None: it is not there."""
        first, wanted = self._wanted(language, prompt)
        if len(wanted) < LEAST_S * RATE or len(heard) < len(wanted):
            return None
        like = correlate(heard, wanted)
        best = int(like.argmax())
        return None if like[best] < LIKE else max(0.0, (best - first) / RATE)

    def _wanted(self, language: str, prompt: str) -> tuple[int, Samples]:
        """What is looked for: from the first sound on, and where that is."""
        whole = self.sample(language, prompt)
        loud = np.flatnonzero(np.abs(whole) > 0.02)
        first = int(loud[0]) if len(loud) else len(whole)
        end = max(int(first + 2 * LEAST_S * RATE), len(whole) - int(TAIL_S * RATE))
        return first, whole[first : min(end, first + int(LONGEST_S * RATE))]

    def _sample(self, language: str, prompt: str) -> Samples:
        data = self._load(language, prompt)
        if data is None:
            return np.zeros(0, dtype=np.float32)
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
        return narrow(samples, rate)


def correlate(heard: Samples, wanted: Samples) -> Samples:
    """Normalised cross-correlation at every place where `wanted` may begin, -1 … 1."""
    size = 1 << (len(heard) + len(wanted)).bit_length()
    both = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    both = both[: len(heard) - len(wanted) + 1]
    power = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    energy = power[len(wanted) :] - power[: len(power) - len(wanted)]
    own = float(np.sum(wanted.astype(np.float64) ** 2))
    found: Samples = (both / np.sqrt(np.maximum(energy, own * 1e-3) * own)).astype(np.float32)
    return found


def narrow(samples: Samples, rate: int) -> Samples:
    """Samples of any rate as the telephone's 8 kHz."""
    if rate == RATE:
        return samples
    length = -(-len(samples) // rate) * rate
    spectrum = np.fft.rfft(samples, length)
    size = length * RATE // rate
    narrowed: Samples = (np.fft.irfft(spectrum[: size // 2 + 1], size) * (RATE / rate)).astype(np.float32)
    return narrowed[: len(samples) * RATE // rate]


def shipped(sounds: Path) -> Load:
    """The product's own prompts, as files."""

    def load(language: str, prompt: str) -> bytes | None:
        file = sounds / language / f"{prompt}.ogg"
        return file.read_bytes() if file.is_file() else None

    return load
