"""Expand the prompts to what the PBX plays: 8 kHz `<id>.wav` and 16 kHz `<id>.wav16`, 16-bit mono.

    python -m sounds.tools.expand FOLDER            # fills FOLDER/<language>/<id>.wav and .wav16

Prompts are stored as 24 kHz Opus. Asterisk reads a WAV of either rate by its suffix, so narrow-band and
wide-band phones both hear the best they can. Only what changed since the last time is written; needs nothing
but numpy and soundfile.
"""

import argparse
import fcntl
import hashlib
import io
import os
import wave
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

SOUNDS = Path(__file__).resolve().parents[1]
RATE = 24_000
FORMATS = {".wav": 8_000, ".wav16": 16_000}
STATE = ".expanded"
"""File in the target folder that remembers the hash of every source."""
LOCK = ".lock"
FORMAT_VERSION = "1"
"""Part of the state: a change of the filter expands everything anew."""


class ExpandError(Exception):
    """A prompt that cannot be read; names the file."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """What a run did, in prompts."""

    written: int
    kept: int
    removed: int


def expand(target: Path, sounds: Path = SOUNDS, workers: int | None = None) -> Expanded:
    """Bring `target` in step with the prompts in `sounds`; raises `ExpandError` for a broken one.

    Processes that share the folder wait for each other: the second finds nothing left to do.
    """
    target.mkdir(parents=True, exist_ok=True)
    with (target / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _expand(target, sounds, workers)


def _expand(target: Path, sounds: Path, workers: int | None) -> Expanded:
    sources = dict(_sources(sounds))
    before = _read_state(target)
    now = {name: _mark(path) for name, path in sources.items()}
    complete = {name for name in before if all(_file(target, name, s).is_file() for s in FORMATS)}
    stale = [name for name in now if name not in complete or before[name] != now[name]]
    gone = [name for name in before if name not in now]
    for name in gone:
        for suffix in FORMATS:
            _file(target, name, suffix).unlink(missing_ok=True)
    for folder in {_file(target, name, ".wav").parent for name in stale}:
        folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        list(pool.map(partial(_expand_one, target), stale, [sources[name] for name in stale]))
    if stale or gone:
        _write_state(target, now)
    return Expanded(len(stale), len(now) - len(stale), len(gone))


def resample(samples: NDArray[np.floating], rates: Iterable[int]) -> Iterator[NDArray[np.float64]]:
    """Samples at 24 kHz to each of `rates` (which divide 48 kHz), linear phase, no aliases.

    One spectrum serves all rates: it is cut off, with a soft edge so that nothing rings, and turned back.
    """
    size = _size(len(samples) + RATE // 50)
    spectrum = np.fft.rfft(samples, size)
    for rate in rates:
        narrow = size * rate // RATE
        kept = spectrum[: narrow // 2 + 1] * _edge(narrow // 2 + 1)
        yield np.fft.irfft(kept, narrow)[: -(-len(samples) * rate // RATE)] * (rate / RATE)


def _edge(bins: int) -> NDArray[np.float64]:
    """A low-pass that falls along half a cosine from 0.88 to 1.0 of the band."""
    place = np.clip((np.arange(bins) / (bins - 1) - 0.88) / 0.12, 0.0, 1.0)
    result: NDArray[np.float64] = (1 + np.cos(np.pi * place)) / 2
    return result


def _size(length: int) -> int:
    """A length for the transform: a little more than needed, with small factors, divisible by 6."""
    step = 6 << max((length // 96).bit_length() - 1, 0)
    return -(-length // step) * step


def _expand_one(target: Path, name: str, source: Path) -> None:
    try:
        samples, rate = soundfile.read(io.BytesIO(source.read_bytes()), dtype="float32")
    except soundfile.LibsndfileError as error:
        raise ExpandError(f"{source}: {error}") from error
    if rate != RATE or samples.ndim != 1:
        raise ExpandError(f"{source}: expected {RATE} Hz mono, found {rate} Hz, shape {samples.shape}")
    for (suffix, wanted), narrow in zip(FORMATS.items(), resample(samples, FORMATS.values()), strict=True):
        values = np.clip(np.round(narrow * 32767), -32768, 32767).astype("<i2")
        _write_wav(_file(target, name, suffix), values.tobytes(), wanted)


def _write_wav(path: Path, data: bytes, rate: int) -> None:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content.getvalue())
    part.replace(path)  # a call that plays the old one goes on with it


def _sources(sounds: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(sounds.rglob("*.ogg")):
        yield path.relative_to(sounds).with_suffix("").as_posix(), path


def _file(target: Path, name: str, suffix: str) -> Path:
    return target / f"{name}{suffix}"


def _mark(path: Path) -> str:
    return hashlib.sha256(FORMAT_VERSION.encode() + path.read_bytes()).hexdigest()


def _read_state(target: Path) -> dict[str, str]:
    try:
        lines = (target / STATE).read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {name: mark for mark, _, name in (line.partition(" ") for line in lines)}


def _write_state(target: Path, marks: dict[str, str]) -> None:
    part = target / f"{STATE}.part"
    part.write_text("".join(f"{mark} {name}\n" for name, mark in sorted(marks.items())))
    part.replace(target / STATE)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the PBX looks for sounds")
    done = expand(parser.parse_args().folder)
    print(f"{done.written} prompts expanded, {done.kept} up to date, {done.removed} removed")


if __name__ == "__main__":
    main()
