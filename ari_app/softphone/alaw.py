"""A-law (ITU-T G.711): what travels on the line, as samples of -1 … 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 8000
SILENCE = b"\xd5"


def _linear(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 0x0F
    size = (mantissa << 4) + 8
    if exponent:
        size = (size + 0x100) << (exponent - 1)
    return size if code & 0x80 else -size


_TABLE: Samples = (np.array([_linear(code) for code in range(256)]) / 32768).astype(np.float32)
_ORDER = np.argsort(_TABLE)
_STEPS: Samples = ((_TABLE[_ORDER][1:] + _TABLE[_ORDER][:-1]) / 2).astype(np.float32)


def decode(data: bytes) -> Samples:
    """Bytes from the line as samples."""
    found: Samples = _TABLE[np.frombuffer(data, dtype=np.uint8)]
    return found


def encode(samples: Samples) -> bytes:
    """Samples as bytes for the line."""
    return _ORDER[np.searchsorted(_STEPS, samples)].astype(np.uint8).tobytes()


def tone(hertz: float, seconds: float, level: float = 0.3) -> bytes:
    """A tone, ready for the line."""
    place = np.arange(int(seconds * RATE), dtype=np.float32)
    return encode((level * np.sin(2 * np.pi * hertz * place / RATE)).astype(np.float32))
