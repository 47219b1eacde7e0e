"""An event loop whose time jumps: nobody waits, timers fire in order, an hour passes in a moment."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


class _Impatient(selectors.DefaultSelector):
    """Never sleeps: the time that would have been slept is reported as passed."""

    passed = 0.0
    held = 0
    """Threads that somebody waits for: until they are done no time passes."""

    def select(self, timeout: float | None = None) -> list[Any]:
        if self.held and timeout != 0:
            return super().select(0.05)
        ready: list[Any] = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for something that can never come")
        if not ready and timeout is not None:
            self.passed += max(0.0, timeout)
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """`loop.time()` starts at 0 and moves only when there is nothing to do until the next timer."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.passed

    @contextlib.contextmanager
    def time_stands_still(self) -> Iterator[None]:
        """While a real thread, a database's, is waited for."""
        self._impatient.held += 1
        try:
            yield
        finally:
            self._impatient.held -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in jumping time."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)


class LoopClock:
    """`ports.Clock` on the loop's own time, so that timers and records agree."""

    def __init__(self, began: float = 1_700_000_000.0) -> None:
        self._began = began

    def now(self) -> float:
        return self._began + asyncio.get_running_loop().time()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def set_by(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._began += seconds
