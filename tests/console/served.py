"""The console as the product serves it, with the real server and store, in a thread of its own."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import tests.api.house as houses
from ari_app.calls.catalogue import lengths_in
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.scenario_desk import ScenarioDesk
from pbx.patience import PATIENCE_S
from tests.api.house import House, open_house
from tests.console.floor import AnsweredWatches, PutPreviews, called_back
from tests.console.seed import seed
from tests.fakes.clock import HandClock

T = TypeVar("T")
REPOSITORY = Path(__file__).resolve().parents[2]
DIST = REPOSITORY / "console" / "dist"


class RunningClock(HandClock):
    """The machine's time, where a test would move the hands itself; put forward by what it was advanced."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def now(self) -> float:
        return time.time() + super().now()

    def monotonic(self) -> float:
        return time.monotonic()


class Served:
    """A house with people in it, reachable at `url` until `close`."""

    def __init__(self, folder: Path) -> None:
        self._ready = threading.Event()
        self._leave: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: BaseException | None = None
        self._house: House | None = None
        self._thread = threading.Thread(target=self._run, args=(folder,), daemon=True)
        self._thread.start()
        if not self._ready.wait(2 * PATIENCE_S) or self._failed is not None:
            raise RuntimeError("the console is not served") from self._failed

    @property
    def house(self) -> House:
        assert self._house is not None
        return self._house

    @property
    def url(self) -> str:
        return self.house.url

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(4 * PATIENCE_S)

    def call(self, act: Callable[[], T]) -> T:
        """The same for what does not wait: the store's writer, for one, is told things by its loop only."""

        async def acted() -> T:
            return act()

        return self.do(acted())

    def flush(self) -> None:
        """All that was told to the store's writer is stored; a machine may stand still meanwhile."""
        assert self.do(self.house.journal.flush(2 * PATIENCE_S)), "the store is behind"

    def close(self) -> None:
        if self._loop is not None and self._leave is not None:
            self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(PATIENCE_S)

    def _run(self, folder: Path) -> None:
        try:
            asyncio.run(self._serve(folder))
        except BaseException as error:  # told to the one who waits
            self._failed = error
            self._ready.set()
            raise

    async def _serve(self, folder: Path) -> None:
        self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            flows = _flows(folder)
            shelf = FlowShelf(flows, folder / "shelf", REPOSITORY / "sounds", time.time)
            shelf.load()
            with patch.multiple(
                houses,
                HandClock=RunningClock,
                FakeOffice=lambda: shelf,
                site_shelf=lambda _folder: shelf,
                FakeWatches=AnsweredWatches,
                FakePreviews=PutPreviews,
                not_called_back=called_back,
                FakeScenarios=lambda: ScenarioDesk(shelf, flows, lengths_in(REPOSITORY / "sounds")),
            ):
                house = await stack.enter_async_context(open_house(folder, console=DIST))
            await seed(house)
            self._house = house
            self._ready.set()
            await self._leave.wait()


def _flows(folder: Path) -> Path:
    """A copy of the demo's flows, for tests to edit."""
    copy = folder / "callflows"
    copy.mkdir()
    for name in ("main.yaml", "clinic.yaml", "clinic.scenarios.yaml"):
        shutil.copy(REPOSITORY / "callflows" / name, copy)
    site = (REPOSITORY / "callflows" / "site.yaml").read_text("utf-8").splitlines(keepends=True)
    elsewhere = [line for line in site if "{flow: " in line and not re.search("flow: (main|clinic)", line)]
    (copy / "site.yaml").write_text("".join(line for line in site if line not in elsewhere), "utf-8")
    return copy
