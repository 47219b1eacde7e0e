"""Find out which tones a recording holds, where, and on which channel: how tests know who heard whom.

Samples are float64, -1 … 1, shape (frames, channels). Needs numpy.
"""

from __future__ import annotations

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
RATE = 8000
WINDOW_S = 0.1
"""Length of one look: 10 Hz apart is told apart."""
QUIETEST = 0.003
"""Amplitude below which a tone is not there (-50 dB of full scale); A-law's own noise stays below."""
PURITY = 0.05
"""Share of the window's energy that a tone must hold, so that noise and music do not pass for one."""


def read_raw(path: Path, channels: int = 1) -> Samples:
    """Read headerless signed 16-bit little-endian samples (`.sln` mono, MixMonitor's `.raw` stereo)."""
    said = path.read_bytes()  # once: the file may grow meanwhile
    data = np.frombuffer(said[: len(said) // (2 * channels) * (2 * channels)], dtype="<i2")
    return data.reshape(-1, channels).astype(np.float64) / 32768


def read_wav(path: Path) -> tuple[Samples, int]:
    """Read a 16-bit WAV file; gives the samples and the rate in Hz."""
    with wave.open(str(path), "rb") as file:
        data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return data.reshape(-1, file.getnchannels()).astype(np.float64) / 32768, file.getframerate()


def amplitude(mono: Samples, frequency: float, rate: int = RATE) -> Samples:
    """Amplitude of one frequency in each window of WINDOW_S (Goertzel's bin, computed as a dot product)."""
    length = int(rate * WINDOW_S)
    windows = mono[: len(mono) // length * length].reshape(-1, length)
    turn = np.exp(-2j * np.pi * frequency * np.arange(length) / rate) * np.hanning(length)
    level: Samples = np.abs(windows @ turn) / (np.hanning(length).sum() / 2)
    return level


def heard(mono: Samples, frequency: float, rate: int = RATE) -> NDArray[np.bool_]:
    """For each window of WINDOW_S, whether the tone is in it."""
    length = int(rate * WINDOW_S)
    windows = mono[: len(mono) // length * length].reshape(-1, length)
    power = np.mean(windows**2, axis=1)
    level = amplitude(mono, frequency, rate)
    found: NDArray[np.bool_] = (level > QUIETEST) & (level**2 / 2 > PURITY * power)
    return found


def spans(mono: Samples, frequency: float, rate: int = RATE) -> list[tuple[float, float]]:
    """Times (begin, end in seconds) during which a tone sounds; breaks of one window are bridged."""
    result: list[tuple[float, float]] = []
    for index in np.flatnonzero(heard(mono, frequency, rate)):
        begin, end = index * WINDOW_S, (index + 1) * WINDOW_S
        if result and begin - result[-1][1] <= WINDOW_S * 1.5:
            result[-1] = (result[-1][0], float(end))
        else:
            result.append((float(begin), float(end)))
    return result


def seconds(mono: Samples, frequency: float, rate: int = RATE) -> float:
    """How long a tone sounds in all, in seconds.

    One window alone does not count: a scrap of music, where it begins or ends, has all frequencies.
    """
    found = np.pad(heard(mono, frequency, rate), 1)
    return float(np.count_nonzero(found[1:-1] & (found[:-2] | found[2:])) * WINDOW_S)


def tones_in(
    mono: Samples, candidates: Iterable[float], rate: int = RATE, least_s: float = 0.3
) -> set[float]:
    """Which of the candidate frequencies sound for `least_s` seconds or more."""
    return {frequency for frequency in candidates if seconds(mono, frequency, rate) >= least_s}


def loudness(mono: Samples) -> float:
    """Root mean square of all samples: 0 for true silence."""
    return float(np.sqrt(np.mean(mono**2))) if len(mono) else 0.0
