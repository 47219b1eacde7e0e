"""From a raw file to a sealed one, checked: runs in the worker process, knows no database and no store.

Nothing that it leaves on disk is plain, and what it reports was read back from what it wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soundfile

from ari_app.model.recording import Codec
from ari_app.recordings.audio import BLOCK_FRAMES, CHANNELS, FRAME_BYTES, RATE_HZ, Peaks, Samples, wav_header
from ari_app.recordings.sealed import Damaged, SealedReader, SealedWriter

FORMATS: dict[Codec, tuple[str, str]] = {
    "flac": ("FLAC", "PCM_16"),
    "opus": ("OGG", "OPUS"),
    "wav": ("WAV", "PCM_16"),
}
_HASH_BLOCK = 1 << 20


class Order(msgspec.Struct, frozen=True):
    """What is to be made: `raw` from frame `first` on, into `part`, sealed by `key` for `ident`.

    `frames`: about how many it is, which is how long it may take.
    """

    ident: str
    raw: str
    part: str
    codec: Codec
    key: bytes
    first: int = 0
    frames: int = 0
    swapped: bool = False
    """The raw file has the operator on the left."""


class Made(msgspec.Struct, frozen=True):
    """What was made; `sha256` is of the samples as a WAV file, `stored_sha256` of the sealed file."""

    frames: int
    sha256: str
    plain_bytes: int
    stored_bytes: int
    stored_sha256: str
    peaks: bytes


def make(order: Order) -> Made:
    """Raises `OSError`, `Damaged`, `soundfile.LibsndfileError`."""
    raw, part = Path(order.raw), Path(order.part)
    frames = max(0, raw.stat().st_size // FRAME_BYTES - order.first)
    digest, peaks = hashlib.sha256(wav_header(frames)), Peaks()
    with part.open("w+b") as sink:
        writer = SealedWriter(sink, order.key, order.ident)
        with _coder(writer, order.codec) as coder:
            for taped in blocks(raw, order.first, frames):
                block = np.ascontiguousarray(taped[:, ::-1]) if order.swapped else taped
                digest.update(block.tobytes())
                peaks.add(block)
                coder.write(block)
        writer.close()
    sha256 = digest.hexdigest()
    check(order, frames, sha256)
    with part.open("rb") as file:
        stored = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(frames, sha256, writer.size, part.stat().st_size, stored, peaks.bytes())


def _coder(file: Any, codec: Codec) -> Any:
    container, subtype = FORMATS[codec]
    return soundfile.SoundFile(file, "w", RATE_HZ, CHANNELS, subtype, format=container)


def blocks(raw: Path, first: int, frames: int) -> Iterator[Samples]:
    """The raw file in digestible pieces; a file that shrinks under us ends early."""
    with raw.open("rb") as source:
        source.seek(first * FRAME_BYTES)
        while frames and (data := source.read(min(frames, BLOCK_FRAMES) * FRAME_BYTES)):
            data = data[: len(data) // FRAME_BYTES * FRAME_BYTES]
            frames -= len(data) // FRAME_BYTES
            yield np.frombuffer(data, "<i2").reshape(-1, CHANNELS)


def check(order: Order, frames: int, sha256: str) -> None:
    """Read back what was written, as a listener will. Raises `Damaged`."""
    path = Path(order.part)
    with path.open("rb") as file:

        def fetch(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        reader = SealedReader(fetch, path.stat().st_size, order.key, order.ident)
        digest, found = hashlib.sha256(wav_header(frames)), 0
        with soundfile.SoundFile(reader) as audio:
            while len(block := audio.read(BLOCK_FRAMES, dtype="int16", always_2d=True)):
                digest.update(block.tobytes())
                found += len(block)
    if found != frames or (order.codec != "opus" and digest.hexdigest() != sha256):
        raise Damaged(f"{found} of {frames} frames came back, or others than were written")
