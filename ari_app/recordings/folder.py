"""`ports.RecordingAudio` on a local folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from ari_app.ports import Audible, AudioInfo
from ari_app.recordings.ring import shred

PIECE = 256 * 1024


class FolderAudio:
    """Reads finished recordings; a manifest's file name never leads out of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def describe(self, recording: Audible) -> AudioInfo | None:
        path = self._path(recording)
        size = await asyncio.to_thread(lambda: path.stat().st_size if path and path.is_file() else None)
        return None if size is None else AudioInfo(size, "audio/wav", recording.sha256)

    async def read(self, recording: Audible, start: int, stop: int) -> AsyncIterator[bytes]:
        path = self._path(recording)
        if path is None:
            return
        with await asyncio.to_thread(path.open, "rb") as file:
            file.seek(start)
            while start < stop and (piece := await asyncio.to_thread(file.read, min(PIECE, stop - start))):
                start += len(piece)
                yield piece

    async def remove(self, recording: Audible) -> None:
        """Overwrite and delete; one that is gone is no error."""
        path = self._path(recording)
        if path is not None:
            await asyncio.to_thread(shred, path)

    def _path(self, recording: Audible) -> Path | None:
        path = (self._folder / recording.file).resolve() if recording.file else None
        return path if path is not None and path.is_relative_to(self._folder) else None
