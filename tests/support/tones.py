"""Sound files that are one tone, and what tone a sound file is."""

from __future__ import annotations

import base64
import io

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]

RATE = 22_050


def tone_bytes(hertz: float, seconds: float = 1.5) -> bytes:
    """A FLAC file of one tone."""
    content = io.BytesIO()
    place = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(content, 0.2 * np.sin(2 * np.pi * hertz * place), RATE, format="FLAC")
    return content.getvalue()


def tone_file(hertz: float, seconds: float = 1.5) -> str:
    """The same as the API takes it."""
    return base64.b64encode(tone_bytes(hertz, seconds)).decode()


def loudest_hz(sound: bytes) -> float:
    """The loudest frequency of a sound file."""
    samples, rate = soundfile.read(io.BytesIO(sound))
    mono = samples if samples.ndim == 1 else samples[:, 0]
    return float(np.argmax(np.abs(np.fft.rfft(mono))) * rate / len(mono))
