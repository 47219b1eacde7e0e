"""The bytes of audio: MixMonitor's raw stereo, WAV, and the peaks of a waveform.

MixMonitor's option `D` writes signed 16-bit little-endian samples at 8 kHz, left what the caller's channel
said, right what it heard, interleaved, without a header: what was written can be read, also after a crash.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
CHANNELS = 2
FRAME_BYTES = 4
HEADER_BYTES = 44
BLOCK_FRAMES = RATE_HZ * 8
"""What is worked on at once."""
SLICE_FRAMES = RATE_HZ // 10
MOST_SLICES = 4000

Samples: TypeAlias = NDArray[np.int16]


def wav_header(frames: int) -> bytes:
    """The 44 bytes before the samples of a two-channel WAV file (RIFF sizes stop at 4 GiB: 37 hours)."""
    size = min(frames * FRAME_BYTES, 0xFFFFFFFF - 36)
    form = struct.pack(
        "<HHIIHH", 1, CHANNELS, RATE_HZ, RATE_HZ * FRAME_BYTES, FRAME_BYTES, 8 * FRAME_BYTES // CHANNELS
    )
    riff = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return riff + b"data" + struct.pack("<I", size)


class Peaks:
    """Gathers the loudest sample of each tenth of a second, per channel, as the audio goes by."""

    def __init__(self) -> None:
        self._rows: list[NDArray[np.uint8]] = []
        self._rest: Samples = np.empty((0, CHANNELS), np.int16)

    def add(self, block: Samples) -> None:
        block = np.concatenate([self._rest, block]) if len(self._rest) else block
        whole = len(block) // SLICE_FRAMES * SLICE_FRAMES
        self._take(block[:whole].reshape(-1, SLICE_FRAMES, CHANNELS))
        self._rest = block[whole:].copy()

    def _take(self, slices: Samples) -> None:
        if len(slices):
            sides = np.ascontiguousarray(
                slices.transpose(0, 2, 1)
            )  # ten times as fast as over every second one
            loudest = np.maximum(sides.max(axis=2).astype(np.int32), -sides.min(axis=2).astype(np.int32))
            self._rows.append(np.minimum(loudest >> 7, 255).astype(np.uint8))

    def bytes(self) -> bytes:
        """One byte per slice, left, then right; neighbours are merged where there are more than fit."""
        if len(self._rest):
            self._take(self._rest[None, :, :])
            self._rest = self._rest[:0]
        if not self._rows:
            return b""
        rows = np.concatenate(self._rows)
        merge = -(-len(rows) // MOST_SLICES)
        rows = np.pad(rows, ((0, -len(rows) % merge), (0, 0)))
        return bytes(rows.reshape(-1, merge, CHANNELS).max(axis=1).T.tobytes())
