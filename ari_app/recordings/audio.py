"""Raw stereo from MixMonitor to WAV: the only place that knows the bytes.

MixMonitor's option `D` writes signed 16-bit little-endian samples at 8 kHz, left what the caller's channel
said, right what it heard, interleaved, without a header: what was written can be read, also after a crash.
"""

from __future__ import annotations

import hashlib
import os
import wave
from dataclasses import dataclass
from pathlib import Path

RATE_HZ = 8000
FRAME_BYTES = 4
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: `samples` per channel, `sha256` of the whole file."""

    samples: int
    sha256: str

    @property
    def duration_s(self) -> float:
        return self.samples / RATE_HZ


def raw_to_wav(raw: Path, wav: Path) -> Written:
    """Wrap a raw recording as WAV, in chunks; a torn last frame is left out. Raises `OSError`.

    The WAV appears under its name only when it is whole and on disk.
    """
    frames = raw.stat().st_size // FRAME_BYTES
    part = wav.with_suffix(".part")
    with raw.open("rb") as source, part.open("w+b") as sink:
        out = wave.open(sink, "wb")  # noqa: SIM115 - closed below, before the bytes are read back
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        left = frames * FRAME_BYTES
        while left and (chunk := source.read(min(_CHUNK, left))):
            out.writeframesraw(chunk)
            left -= len(chunk)
        out.close()
        sink.flush()
        os.fsync(sink.fileno())
        sink.seek(0)
        digest = hashlib.file_digest(sink, "sha256").hexdigest()
    part.replace(wav)
    return Written(frames, digest)
