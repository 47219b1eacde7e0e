"""Recordings' audio as files of one folder: implements `ports.RecordingAudio` and measures free space."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from ari_app.model.recording import Recording
from ari_app.ports import AudioInfo

_PIECE = 64 * 1024
_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".opus": "audio/ogg", ".ogg": "audio/ogg"}


class AudioFolder:
    """The folder. A manifest's path that leads out of it is treated as no file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def free_bytes(self) -> int:
        """Free space of the folder's disk."""
        return shutil.disk_usage(self._folder).free

    async def describe(self, recording: Recording) -> AudioInfo | None:
        return await asyncio.to_thread(self._describe, recording)

    async def read(self, recording: Recording, start: int, stop: int) -> AsyncIterator[bytes]:
        path = self._path(recording)
        if path is None:
            raise FileNotFoundError(f"recording {recording.id}: {recording.file!r} is not in the folder")
        file = await asyncio.to_thread(path.open, "rb")
        try:
            while start < stop:
                piece = await asyncio.to_thread(os.pread, file.fileno(), min(_PIECE, stop - start), start)
                if not piece:
                    raise EOFError(f"recording {recording.id}: the file became shorter while it was sent")
                start += len(piece)
                yield piece
        finally:
            file.close()

    def _path(self, recording: Recording) -> Path | None:
        if not recording.file:
            return None
        path = (self._folder / recording.file).resolve()
        return path if path.is_relative_to(self._folder) else None

    def _describe(self, recording: Recording) -> AudioInfo | None:
        path = self._path(recording)
        if path is None or not path.is_file():
            return None
        status = path.stat()
        tag = recording.sha256[:32] or f"{status.st_mtime_ns:x}-{status.st_size:x}"
        return AudioInfo(status.st_size, _TYPES.get(path.suffix, "application/octet-stream"), tag)
