"""Expand A-law to linear samples: how the music is shipped, and how Asterisk must get it.

Music in the caller's own codec would pass MixMonitor's decoder before the operator does, and Debian's
Asterisk 22.10.1 then drops one operator in two from the recording (docs/pbx.md). Linear music passes none.
"""

from __future__ import annotations

import struct


def _linear(code: int) -> int:
    """One A-law byte as a 16-bit sample (ITU-T G.711)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 0x0F
    size = (mantissa << 4) + 8
    if exponent:
        size = (size + 0x100) << (exponent - 1)
    return size if code & 0x80 else -size


_TABLE = [struct.pack("<h", _linear(code)) for code in range(256)]


def expand(data: bytes) -> bytes:
    """A-law bytes as signed 16-bit little-endian samples."""
    return b"".join(_TABLE[code] for code in data)
