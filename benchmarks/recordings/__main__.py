"""`python -m benchmarks.recordings`: an hour of talk through each codec, and the first byte of playback."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
from scipy.signal import lfilter

from ari_app.model.ids import CallId, RecordingId
from ari_app.model.recording import Codec, Recording, RecordingStatus
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.listen import VaultAudio
from ari_app.recordings.make import Made, Order, make
from ari_app.recordings.vault import open_vault

RATE_HZ = 8000
KEY = b"k" * 32
TRIES = 15


def talk(path: Path, minutes: int) -> None:
    """Two people in turns: noise with the colour and the syllables of speech."""
    random, frames = np.random.default_rng(1), RATE_HZ * 60
    at = np.arange(frames) / RATE_HZ
    sides = []
    for side in range(2):
        colour = lfilter([1], [1, -1.6, 0.8], random.normal(size=frames))
        turn = np.sin(2 * np.pi * at / 4 + side * np.pi) > 0
        sides.append(colour * turn * np.abs(np.sin(2 * np.pi * 3 * at)) * 800)
    minute = np.stack(sides, axis=1).clip(-32000, 32000).astype("<i2").tobytes()
    with path.open("wb") as file:
        for _ in range(minutes):
            file.write(minute)


def cpu_s() -> float:
    used = os.times()
    return used.user + used.system


async def first_byte_ms(folder: Path, part: Path, made: Made, codec: Codec) -> tuple[float, float]:
    """Until the first piece is there, opening included: at the beginning, in the middle; medians."""
    vault, keys = open_vault(str(folder / "store"), folder, {}), KeyRing(folder / "keys")
    await vault.put("a/call", part)
    recording = Recording(
        RecordingId("call"),
        CallId("call"),
        RecordingStatus.COMPLETE,
        0.0,
        file="a/call",
        samples=made.frames,
        sha256=made.sha256,
        codec=codec,
        sealed_key=keys.seal(KEY, "call"),
        plain_bytes=made.plain_bytes,
        stored_bytes=made.stored_bytes,
        stored_sha256=made.stored_sha256,
    )
    audio, medians = VaultAudio(vault, keys), []
    for start in (0, made.frames * 2):
        took = []
        for _ in range(TRIES):
            began = time.perf_counter()
            info = await audio.describe(recording)
            assert info is not None
            pieces = audio.read(recording, start, info.size)
            async for _piece in pieces:
                took.append((time.perf_counter() - began) * 1000)
                break
        medians.append(statistics.median(took))
    return medians[0], medians[1]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--codecs", default="flac,wav,opus", help="comma-separated")
    given = parser.parse_args()
    minutes = given.minutes
    print("| codec | CPU s per hour | hours per CPU minute | MB per hour | first byte, ms: begin, middle |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        raw, part = folder / "call.raw", folder / "call.part"
        talk(raw, minutes)
        for name in given.codecs.split(","):
            codec = msgspec.convert(name, Codec)
            before = cpu_s()
            made = make(Order("call", str(raw), str(part), codec, KEY))
            hour_s = (cpu_s() - before) * 60 / minutes
            begin, middle = asyncio.run(first_byte_ms(folder, part, made, codec))
            size = made.stored_bytes / 1e6 * 60 / minutes
            print(f"| {codec} | {hour_s:.1f} | {60 / hour_s:.1f} | {size:.0f} | {begin:.1f}, {middle:.1f} |")


if __name__ == "__main__":
    main()
