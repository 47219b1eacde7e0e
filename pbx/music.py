"""Synthesise the music that waiting callers hear: our own notes, so that no licence is needed.

`python -m pbx.music` writes `dialplan/moh/waiting.alaw` (A-law, 8 kHz, mono), the same bytes on every machine
with the same numpy; pbx/alaw.py makes linear samples of it for the PBX.

A quiet plucked arpeggio over soft chords, 64 s long; its end flows into its beginning.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pbx.instance import MUSIC

RATE = 8000
BEAT_S = 0.5
BARS = (
    ((57, 60, 64, 67), (53, 57, 60, 64), (48, 55, 60, 64), (55, 59, 62, 67)),
    ((50, 57, 60, 65), (53, 57, 62, 65), (48, 52, 55, 64), (55, 59, 62, 65)),
)
"""Two phrases of four chords, as MIDI note numbers; each chord lasts four beats."""
PATTERN = (0, 2, 1, 3, 2, 1, 3, 2)
"""Order in which a chord's notes are plucked, two to the beat."""
TUNING_HZ = 440.0 * 2.0 ** (1 / 12)
"""Pitch of MIDI note 69: a semitone up, so that no note is a tone of the tests (440, 500, 600, 850 Hz)."""
PEAK = 0.16
"""Loudest sample, of full scale: music at the level of a quiet voice."""

Samples = NDArray[np.float64]


def pluck(note: int, length_s: float, brightness: float) -> Samples:
    """One plucked note: four partials that fade the faster the higher they are."""
    time = np.arange(int(length_s * RATE)) / RATE
    frequency = TUNING_HZ * 2.0 ** ((note - 69) / 12)
    partials = (
        brightness ** (order - 1)
        / order
        * np.exp(-2.2 * order * time)
        * np.sin(2 * np.pi * frequency * order * time)
        for order in range(1, 5)
    )
    sound: Samples = np.sum(list(partials), axis=0) * np.minimum(1.0, time / 0.006)
    return sound


def pad(chord: tuple[int, ...], length_s: float) -> Samples:
    """A soft chord that swells and fades, a little out of tune with itself so that it breathes."""
    time = np.arange(int(length_s * RATE)) / RATE
    swell = np.sin(np.pi * time / length_s) ** 1.5
    tones = [
        np.sin(2 * np.pi * TUNING_HZ * 2.0 ** ((note - 69) / 12) * detune * time)
        for note in chord
        for detune in (0.9985, 1.0015)
    ]
    sound: Samples = np.sum(tones, axis=0) * swell * 0.07
    return sound


def compose(phrases: int = 8) -> Samples:
    """The whole piece, a phrase being four chords of two seconds; tails wrap round to the beginning."""
    chord_s = 4 * BEAT_S
    length = int(phrases * 4 * chord_s * RATE)
    track = np.zeros(length)

    def add(part: Samples, at_s: float) -> None:
        places = (int(at_s * RATE) + np.arange(len(part))) % length
        track[places] += part

    for phrase in range(phrases):
        for index, chord in enumerate(BARS[phrase % 2]):
            begin = (phrase * 4 + index) * chord_s
            add(pad(chord, chord_s * 1.5), begin)
            steps = PATTERN if phrase % 4 != 3 else PATTERN[::2]
            step_s = chord_s / len(steps)
            for step, voice in enumerate(steps):
                note = chord[voice] + (12 if (phrase + step) % 3 == 0 else 0)
                add(pluck(note, 1.6, 0.5) * 0.5, begin + step * step_s)
    piece: Samples = track * (PEAK / np.max(np.abs(track)))
    return piece


def encode_alaw(samples: Samples) -> bytes:
    """Compress samples (-1 … 1) to A-law bytes (ITU-T G.711)."""
    linear = np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int64) >> 3
    sign = np.where(linear >= 0, 0xD5, 0x55)
    size = np.where(linear >= 0, linear, -linear - 1)
    segment = np.maximum(0, np.floor(np.log2(np.maximum(size, 1))).astype(np.int64) - 4)
    code = (segment << 4) | np.where(segment < 2, size >> 1, size >> np.maximum(segment, 1)) & 0x0F
    return (code ^ sign).astype(np.uint8).tobytes()


def main() -> None:
    """Write the file."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else MUSIC / "waiting.alaw"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(encode_alaw(compose()))


if __name__ == "__main__":
    main()
