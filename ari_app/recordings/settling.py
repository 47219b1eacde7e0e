"""Wait until the PBX has closed a raw file, which it does a moment after it told of the channel's end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ari_app.recordings.steps import frames_of

LOOK_S = 0.25
"""Between two looks at all that wait: the PBX writes every eighth of a second while it writes at all."""
MOST_LOOKS = 20


class Settling:
    """Looks at the files of all calls that have just ended together, with one thread's work for all."""

    def __init__(self) -> None:
        self._waiting: dict[Path, tuple[asyncio.Future[int], int, int]] = {}
        """Who waits, how many frames there were at the last look, how many looks there were."""
        self._some = asyncio.Event()

    async def settled(self, raw: Path) -> int:
        """How many frames it holds, once it stopped growing or was waited for long enough."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[raw] = (done, -1, 0)
        self._some.set()
        return await done

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self._some.wait()
            files = list(self._waiting)
            counts = await asyncio.to_thread(lambda: [frames_of(raw) for raw in files])  # noqa: B023
            for raw, frames in zip(files, counts, strict=True):
                self._told(raw, frames)
            if not self._waiting:
                self._some.clear()
            await asyncio.sleep(LOOK_S)

    def _told(self, raw: Path, frames: int) -> None:
        done, before, looks = self._waiting[raw]
        if frames != before and looks < MOST_LOOKS:
            self._waiting[raw] = (done, frames, looks + 1)
            return
        del self._waiting[raw]
        if not done.done():
            done.set_result(frames)
