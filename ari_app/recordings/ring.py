"""Hold no more than the last seconds of a call that nobody asked to record yet (M2, on demand).

The PBX appends to the file without a break; what has grown too old is overwritten with zeros where it lies,
every two seconds. When the operator asks, the overwriting ends, and what was said just before is still there.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import structlog

from ari_app.recordings.audio import FRAME_BYTES, RATE_HZ

log = structlog.get_logger()

SWEEP_S = 2.0
_PIECE = bytes(1 << 16)


class Ring:
    """Sweeps the raw files of calls that are held, not kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, float] = {}
        self._done: dict[str, int] = {}

    def hold(self, call: str, seconds: float | None) -> None:
        """Hold the last seconds; None: from now on everything stays."""
        self._done.setdefault(call, 0)
        if seconds is None:
            self._held.pop(call, None)
            self._done.pop(call, None)
        else:
            self._held[call] = seconds

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            for call, seconds in list(self._held.items()):
                try:
                    await asyncio.to_thread(self.sweep, call, seconds)
                except OSError as error:
                    log.warning("recording.not_swept", call_id=call, error=str(error))

    def sweep(self, call: str, seconds: float) -> None:
        """Overwrite what is older than `seconds` in a call's file. Raises `OSError`."""
        path = self._folder / f"{call}.raw"
        if not path.exists():
            return
        keep = int(seconds * RATE_HZ) * FRAME_BYTES
        until = (path.stat().st_size - keep) // FRAME_BYTES * FRAME_BYTES
        begin = self._done.get(call, 0)
        if until > begin:
            overwrite(path, begin, until)
            self._done[call] = until


def overwrite(path: Path, begin: int, until: int) -> None:
    """Zeros from byte `begin` up to `until`, on disk before it returns. Raises `OSError`."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        while begin < until:
            begin += os.pwrite(handle, _PIECE[: until - begin], begin)
        os.fdatasync(handle)
    finally:
        os.close(handle)


def shred(path: Path) -> None:
    """Overwrite a file and remove it; one that is gone is no error. Raises `OSError`.

    Of a link only the link is removed: what it leads to is not ours to overwrite.
    """
    try:
        if not path.is_symlink():
            overwrite(path, 0, path.stat().st_size)
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
