"""An ear that knows the prompts: which of them is on the line, by comparing sound with sound.

No recogniser: the prompt that should be heard is correlated with what came (normalised cross-correlation), so
that a wrong prompt, a cut one and silence are told apart. A line that loses sound here and there still says
the prompt: then short pieces of it are looked for, and enough of them must lie where they lie in the prompt.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from ari_app.softphone.alaw import RATE, Samples

LIKE = 0.5
"""Correlation from which on two sounds are the same: the line's own noise leaves 0.9, other speech 0.2."""
LONGEST_S = 1.2
"""So much of a prompt is looked for."""
LEAST_S = 0.15
TAIL_S = 0.15
"""The line may be closed this long before the last word is out."""
HINT = 0.22
"""What lacks some of a prompt is like it from here on; other words stay below 0.18."""
PIECE_S, STEP_S, MOST_PIECES = 0.3, 0.1, 16
PIECE_LIKE = 0.6
"""Correlation from which a piece is there; one piece alone may be like a vowel of other words."""
AGREE_S = 0.6
"""Gaps move the pieces after them: so far they may be off, either way."""
ENOUGH = 0.5
"""Share of the pieces that must be there; other words of the same voice have a tenth."""
QUIET = 0.3
"""A piece with less than this share of the prompt's loudness is a pause."""
_BLOCK = RATE // 50
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
        if like[best] >= LIKE:
            return max(0.0, (best - first) / RATE)
        found = in_pieces(heard, wanted) if like[best] >= HINT else None
        return None if found is None else max(0.0, found - first / RATE)

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


def in_pieces(heard: Samples, wanted: Samples, enough: float = ENOUGH) -> float | None:
    """Second at which `wanted` begins in mono sound, even if some of it is missing; None: it is not there.

    `enough`: the share of its pieces that must be found in their places, give or take AGREE_S.
    """
    size, pieces = int(PIECE_S * RATE), _pieces(wanted)
    if len(pieces) < 2 or len(heard) < size:
        return None
    begins = np.full((len(pieces), (len(heard) + len(wanted)) // _BLOCK + 1), -1.0, dtype=np.float32)
    found = _correlations(heard, [wanted[first : first + size] for first in pieces])
    for row, first, like in zip(begins, pieces, found, strict=True):
        likeness = np.full(len(row) * _BLOCK, -1.0, dtype=np.float32)  # by where the whole would begin
        late = len(wanted) - first
        likeness[late : late + len(heard) - size + 1] = like
        row[:] = likeness.reshape(-1, _BLOCK).max(axis=1)
    reach = int(AGREE_S * RATE) // _BLOCK
    around: Samples = np.pad(begins, ((0, 0), (reach, reach)), constant_values=-1.0)
    windows = np.lib.stride_tricks.sliding_window_view(around >= PIECE_LIKE, 2 * reach + 1, axis=1)
    agreed: NDArray[np.bool_] = np.any(windows, axis=2)
    best = int(agreed.sum(axis=0).argmax())
    if agreed[:, best].mean() < enough:
        return None
    earliest = around[int(agreed[:, best].argmax()), best : best + 2 * reach + 1]
    place = best - reach + int(earliest.argmax())
    return max(0.0, (place * _BLOCK - len(wanted)) / RATE)


def _pieces(wanted: Samples) -> list[int]:
    """Where the pieces begin that are looked for: with sound in them, over the whole length."""
    size, power = int(PIECE_S * RATE), wanted.astype(np.float64) ** 2
    step = max(STEP_S * RATE, (len(wanted) - size) / (MOST_PIECES - 1))
    places = (int(step * n) for n in range(MOST_PIECES) if int(step * n) + size <= len(wanted))
    least = QUIET**2 * power.mean() if len(wanted) else 0.0
    return [first for first in places if power[first : first + size].mean() > least]


def correlate(heard: Samples, wanted: Samples) -> Samples:
    """Normalised cross-correlation at every place where `wanted` may begin, -1 … 1."""
    return next(_correlations(heard, [wanted]))


def _correlations(heard: Samples, pieces: Sequence[Samples]) -> Iterator[Samples]:
    """The same for several pieces, all of one length."""
    length = len(pieces[0])
    size = 1 << (len(heard) + length).bit_length()
    spectrum = np.fft.rfft(heard, size)
    power = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    energy = power[length:] - power[: len(power) - length]
    for piece in pieces:
        both = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)[: len(energy)]
        own = float(np.sum(piece.astype(np.float64) ** 2))
        found: Samples = (both / np.sqrt(np.maximum(energy, own * 1e-3) * own)).astype(np.float32)
        yield found


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
