"""Make a prompt of somebody's sound file: one channel, trimmed, levelled, in the telephone's two rates.

Run as a program of its own with narrow limits (`python -m ari_app.recordings.convert FOLDER NAME`, the file
on standard input), because decoders are the part of any program that hostile files are made for: what
crashes, eats memory or never ends is only this process. Prints the duration in seconds, or what is wrong.
"""

from __future__ import annotations

import io
import math
import resource
import sys
import wave
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

Samples = NDArray[np.float32]
FORMATS = {".wav": 8_000, ".wav16": 16_000}
SHORTEST_S, LONGEST_S = 0.3, 180.0
MOST_BYTES = 20 * 1024 * 1024
LEVEL_DBFS = -18.0
"""Of the spoken parts, as the product's own prompts."""
CEILING = 10 ** (-2.0 / 20)
QUIET = 10 ** (-42.0 / 20)
_CPU_S, _MEMORY = 30, 1536 * 1024 * 1024


class NotUsable(Exception):  # noqa: N818 - an answer for the one who sent it
    """The file is no usable sound; the text says why."""


def read(data: bytes) -> tuple[Samples, int]:
    """Samples of one channel and their rate. Raises `NotUsable`; never decodes more than is allowed."""
    if len(data) > MOST_BYTES:
        raise NotUsable(f"larger than {MOST_BYTES // 1024 // 1024} MB")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, channels = int(file.samplerate), int(file.channels)
            if not 4_000 <= rate <= 192_000 or not 1 <= channels <= 8:
                raise NotUsable(f"{rate} Hz with {channels} channels; 4 to 192 kHz with at most 8 are taken")
            most = int(LONGEST_S * rate)
            found = file.read(most + 1, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError) as error:
        raise NotUsable(
            f"no sound file that can be read (WAV, FLAC, OGG, Opus, MP3, AIFF): {error}"
        ) from error
    if len(found) > most:
        raise NotUsable(f"longer than {LONGEST_S:g} s")
    mono: Samples = np.nan_to_num(found.mean(axis=1), nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    return mono, rate


def finish(samples: Samples, rate: int) -> Samples:
    """Without silence at both ends, as loud as the other prompts, nothing over the ceiling."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < 1e-4:
        raise NotUsable("nothing can be heard")
    samples = samples / peak
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    margin = rate // 20
    kept = samples[max(0, loud[0] - margin) : loud[-1] + margin]
    if len(kept) < SHORTEST_S * rate:
        raise NotUsable(f"shorter than {SHORTEST_S:g} s")
    kept = kept * np.float32(10 ** ((LEVEL_DBFS - _active_dbfs(kept, rate)) / 20))
    over = np.maximum(np.abs(kept) / CEILING, 1.0)
    limited: Samples = (kept / np.where(over > 1.0, over, 1.0)).astype(np.float32)
    ramp = np.linspace(0.0, 1.0, max(2, rate // 200), dtype=np.float32)
    limited[: len(ramp)] *= ramp
    limited[-len(ramp) :] *= ramp[::-1]
    return limited


def _active_dbfs(samples: Samples, rate: int) -> float:
    """Level of the parts in which someone speaks: 20 ms frames within 25 dB of the loudest."""
    frame = max(1, rate // 50)
    frames = samples[: len(samples) // frame * frame].astype(np.float64).reshape(-1, frame)
    power = (frames**2).mean(axis=1)
    return float(10 * np.log10(power[power > power.max() * 10**-2.5].mean() + 1e-12))


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """At another rate, by its spectrum; what the lower rate cannot carry is cut off."""
    step = rate // math.gcd(rate, wanted)
    size = -(-len(samples) // step) * step
    spectrum = np.fft.rfft(samples, size)
    new = size * wanted // rate
    kept = np.zeros(new // 2 + 1, dtype=spectrum.dtype)
    common = min(len(kept), len(spectrum))
    kept[:common] = spectrum[:common]
    found: Samples = (np.fft.irfft(kept, new) * (wanted / rate)).astype(np.float32)
    return found[: len(samples) * wanted // rate]


def write(path: Path, samples: Samples, rate: int) -> None:
    """A 16-bit WAV, replaced as a whole: a call that plays the old one goes on with it."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content.getvalue())
    part.replace(path)


def convert(data: bytes, folder: Path, name: str) -> float:
    """Write the prompt in both rates; gives its duration in seconds. Raises `NotUsable`."""
    samples, rate = read(data)
    done = finish(samples, rate)
    for suffix, wanted in FORMATS.items():
        write(folder / f"{name}{suffix}", resample(done, rate, wanted), wanted)
    return len(done) / rate


def main() -> int:
    """The program."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        took = convert(sys.stdin.buffer.read(MOST_BYTES + 1), Path(sys.argv[1]), sys.argv[2])
    except NotUsable as problem:
        sys.stdout.write(f"refused {problem}")
        return 1
    except MemoryError:
        sys.stdout.write("refused it needs too much memory")
        return 1
    sys.stdout.write(f"done {took:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
