"""`ports.RecordingAudio` on the vault: what is kept sealed is opened as it is heard, from any byte on.

As WAV it is decoded on the fly, whatever it is kept as; `AsStored` gives the coded audio as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import soundfile

from ari_app.model.recording import Codec, Recording
from ari_app.ports import Audible, AudioDamaged, AudioInfo
from ari_app.recordings.audio import FRAME_BYTES, HEADER_BYTES, wav_header
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.sealed import Damaged, SealedReader
from ari_app.recordings.vault import Vault

PIECE = 256 * 1024
FIRST = 32 * 1024
"""The first bytes come at once: a player waits for them."""
MEDIA: dict[Codec, str] = {"wav": "audio/wav", "flac": "audio/flac", "opus": "audio/ogg; codecs=opus"}


class VaultAudio:
    """Reads recordings. Files that are not sealed (of before there was a vault) are given as they are."""

    def __init__(self, vault: Vault, keys: KeyRing, *, as_stored: bool = False) -> None:
        self._vault = vault
        self._keys = keys
        self._as_stored = as_stored

    async def describe(self, recording: Audible) -> AudioInfo | None:
        """Raises `AudioDamaged` when the file is not what its manifest says."""
        kept = _kept(recording)
        if not kept.file or kept.deleted_at is not None or _leads_out(kept.file):
            return None
        size = await self._vault.size(kept.file)
        if size is None:
            if kept.store not in {"", self._vault.name}:
                where = f"it lies in {kept.store}, and the store is {self._vault.name}"
                raise AudioDamaged(f"recording {kept.id}: {where}")
            return None
        if not kept.sealed_key:
            return AudioInfo(size, "audio/wav", kept.sha256)
        try:
            reader = self._reader(kept)
            if size != kept.stored_bytes:
                raise Damaged(f"{size} bytes are stored, {kept.stored_bytes} were")  # noqa: TRY301
            await asyncio.to_thread(reader.piece, 0)
        except Damaged as error:
            raise AudioDamaged(f"recording {kept.id}: {error}") from error
        if self._as_stored:
            return AudioInfo(kept.plain_bytes, MEDIA[kept.codec], kept.stored_sha256)
        return AudioInfo(HEADER_BYTES + kept.samples * FRAME_BYTES, "audio/wav", kept.sha256)

    async def read(self, recording: Audible, start: int, stop: int) -> AsyncIterator[bytes]:
        kept = _kept(recording)
        give = await asyncio.to_thread(self._opened, kept)
        size = FIRST
        while start < stop and (piece := await asyncio.to_thread(give, start, min(stop, start + size))):
            start += len(piece)
            size = PIECE
            yield piece

    def _reader(self, kept: Recording) -> SealedReader:
        key = self._keys.open(kept.sealed_key, kept.id)

        def fetch(start: int, stop: int) -> bytes:
            return self._vault.fetch(kept.file, start, stop)

        return SealedReader(fetch, kept.stored_bytes, key, kept.id)

    def _opened(self, kept: Recording) -> Callable[[int, int], bytes]:
        """What gives the bytes from one place to another; blocks: for a thread."""
        if not kept.sealed_key:
            return lambda start, stop: self._vault.fetch(kept.file, start, stop)
        reader = self._reader(kept)
        if self._as_stored:
            return _bytes_of(reader)
        return _wav_of(soundfile.SoundFile(reader), kept.samples)


def _bytes_of(reader: SealedReader) -> Callable[[int, int], bytes]:
    def give(start: int, stop: int) -> bytes:
        reader.seek(start)
        return _or_cut(lambda: reader.read(stop - start))

    return give


def _wav_of(audio: Any, frames: int) -> Callable[[int, int], bytes]:
    """The bytes of a WAV file that does not exist."""
    header = wav_header(frames)

    def decoded(start: int, stop: int) -> bytes:
        first, until = start // FRAME_BYTES, -(-stop // FRAME_BYTES)
        if audio.tell() != first:
            audio.seek(first)
        data = audio.read(until - first, dtype="int16", always_2d=True).tobytes()
        return bytes(data[start - first * FRAME_BYTES : stop - first * FRAME_BYTES])

    def give(start: int, stop: int) -> bytes:
        head = header[start:stop]
        if stop <= HEADER_BYTES:
            return head
        begin = max(start, HEADER_BYTES) - HEADER_BYTES
        return head + _or_cut(lambda: decoded(begin, stop - HEADER_BYTES))

    return give


def _or_cut(read: Callable[[], bytes]) -> bytes:
    """Damage in the middle can only be told by ending short: `EOFError`."""
    try:
        return read()
    except (Damaged, soundfile.LibsndfileError) as error:
        raise EOFError(f"damaged: {error}") from error


def _kept(thing: Audible) -> Recording:
    if not isinstance(thing, Recording):
        raise TypeError(f"{thing.id} is no recording")
    return thing


def _leads_out(file: str) -> bool:
    return file.startswith("/") or ".." in file.split("/")
