"""Write the few sounds that the PBX needs even where no prompt is installed."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

RATE = 8000


def write_beep(path: Path, frequency: float = 1000.0, length_s: float = 0.3, level: float = 0.25) -> None:
    """Write the recording tone as signed linear samples (16 bit, 8 kHz, mono), with soft edges."""
    count, edge = int(RATE * length_s), RATE // 100
    samples = array("h")
    for index in range(count):
        fade = min(1.0, index / edge, (count - 1 - index) / edge)
        samples.append(int(32767 * level * fade * math.sin(2 * math.pi * frequency * index / RATE)))
    path.write_bytes(samples.tobytes())
