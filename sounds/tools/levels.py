"""Cut, level and store spoken audio so that every prompt is equally loud and joins the next without a hole.

Levels are in dBFS of a full-scale amplitude of 1.0. Speech is levelled by its *active* parts, so that a pause
in a long text does not make it louder than a short one.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

RATE = 24_000
"""Samples a second of the voice and of the stored prompts."""
SPEECH_DBFS = -18.0
CEILING = 10 ** (-2.5 / 20)
"""Highest peak before encoding; Opus overshoots by up to a decibel and must stay below -1 dBFS."""
MS = RATE // 1000

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A spoken text with the part of it to keep, in samples at 24 kHz."""

    samples: Samples
    start: int
    stop: int
    cut_start: bool
    cut_stop: bool


def active_dbfs(samples: NDArray[np.floating], rate: int = RATE) -> float:
    """Level of the parts in which someone speaks: 20 ms frames within 25 dB of the loudest."""
    frame = rate // 50
    whole = samples[: len(samples) // frame * frame].astype(np.float64).reshape(-1, frame)
    power = (whole**2).mean(axis=1) if len(whole) else np.array([np.mean(samples.astype(np.float64) ** 2)])
    return float(10 * np.log10(power[power > power.max() * 10**-2.5].mean() + 1e-12))


def finish(said: Utterance, rest: float = 0.0) -> Samples:
    """The part of an utterance to keep: levelled, limited, trimmed, faded; then `rest` seconds of silence."""
    samples = said.samples * np.float32(10 ** ((SPEECH_DBFS - active_dbfs(said.samples)) / 20))
    samples = _limit(samples)
    loud = np.flatnonzero(np.abs(samples) > 10 ** (-42 / 20))
    first, last = (int(loud[0]), int(loud[-1])) if len(loud) else (0, len(samples))
    start = _quietest(samples, said.start, 30, 30) if said.cut_start else max(first - 40 * MS, 0)
    stop = _quietest(samples, said.stop, 20, 80) if said.cut_stop else min(last + 60 * MS, len(samples))
    kept = samples[start:stop].copy()
    ramp = np.linspace(0.0, 1.0, 5 * MS, dtype=np.float32)
    kept[: len(ramp)] *= ramp
    kept[-len(ramp) :] *= ramp[::-1]
    return np.concatenate([kept, np.zeros(round(rest * RATE), dtype=np.float32)])


def measure(path: Path) -> dict[str, str | float]:
    """What the manifest says about a stored file: hash, duration, level of the speech, highest peak."""
    content = path.read_bytes()
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    if rate != RATE or samples.ndim != 1:
        raise ValueError(f"{path}: expected {RATE} Hz mono, found {rate} Hz, shape {samples.shape}")
    return {
        "file": hashlib.sha256(content).hexdigest(),
        "duration_s": round(len(samples) / RATE, 3),
        "level_dbfs": round(active_dbfs(samples), 1),
        "peak_dbfs": round(float(20 * np.log10(np.abs(samples).max() + 1e-12)), 1),
    }


def store(path: Path, samples: Samples) -> None:
    """Write Ogg Opus (24 kHz, mono, about 36 kbit/s)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    soundfile.write(part, samples, RATE, format="OGG", subtype="OPUS", compression_level=0.88)
    part.replace(path)


def _quietest(samples: Samples, near: int, before_ms: int, after_ms: int) -> int:
    """The quietest place about a predicted word boundary: cutting there is not heard. Words ring on."""
    low, high = max(near - before_ms * MS, 0), min(near + after_ms * MS, len(samples))
    width = 4 * MS
    power = np.convolve(samples[low:high].astype(np.float64) ** 2, np.ones(width) / width, mode="same")
    return low + int(power.argmin())


def _limit(samples: Samples) -> Samples:
    """Pull down only what would pass the ceiling, with a gain that moves over some milliseconds."""
    half = 4 * MS
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(np.abs(samples), half), 2 * half + 1)
    gain = np.minimum(1.0, CEILING / np.maximum(windows.max(axis=1), 1e-9))
    window = np.hanning(2 * half + 1)
    smooth = np.convolve(np.pad(gain, half, mode="edge"), window / window.sum(), mode="valid")
    return (samples * smooth).astype(np.float32)
