"""What the contract suite needs of an Asterisk, real or fake: somebody who calls, presses and hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, Self, TypeVar

from ari_app.asterisk.ari import Connected, Connection, News, Ok, Operations, Outcome, Settings, decode
from ari_app.asterisk.ari.events import AnyEvent
from pbx.patience import PATIENCE_S

T = TypeVar("T")
DEADLINE_S = PATIENCE_S
"""For a machine that does other things too; what is awaited comes in milliseconds."""


class Bench(Protocol):
    """One Asterisk to test against."""

    base_url: str
    user: str
    password: str

    async def arrive(self, channel_id: str, app: str, *args: str) -> None:
        """A call is answered by the far phone and this leg enters `Stasis(app,*args)`."""
        ...

    async def press(self, channel_id: str, digits: str) -> None:
        """The person at the far phone presses digits."""
        ...

    async def hang_up(self, channel_id: str) -> None:
        """The person at the far phone hangs up."""
        ...


class Listener:
    """Runs a connection and waits for what it brings, with a deadline."""

    def __init__(self, bench: Bench, app: str, **settings: Any) -> None:
        given = {"base_url": bench.base_url, "user": bench.user, "password": bench.password, "app": app}
        account = Settings(**(given | settings))
        self.connection: Connection[AnyEvent] = Connection(account, decode, seed=1)
        self.seen: list[AnyEvent | News] = []
        self._more = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ops(self) -> Operations:
        return self.connection.shard("contract")

    async def __aenter__(self) -> Self:
        self.start()
        try:
            await self.next(Connected)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self.connection.run()), asyncio.create_task(self._collect())]

    async def stop(self) -> None:
        self.connection.close()
        await asyncio.wait_for(asyncio.gather(*self._tasks), DEADLINE_S)

    async def next(self, kind: type[T], wanted: Callable[[T], bool] = lambda _: True) -> T:
        """The first item of this kind, seen already or to come."""

        def found() -> T | None:
            return next((i for i in self.seen if isinstance(i, kind) and wanted(i)), None)

        try:
            async with asyncio.timeout(DEADLINE_S), self._more:
                while (item := found()) is None:
                    await self._more.wait()
                return item
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} came; seen: {self.names()}") from None

    def names(self) -> list[str]:
        return [type(item).__name__ for item in self.seen]

    def forget(self) -> None:
        self.seen.clear()

    async def _collect(self) -> None:
        async for item in self.connection:
            async with self._more:
                self.seen.append(item)
                self._more.notify_all()


async def until(check: Callable[[], Any], what: str) -> None:
    """Waits until an async check is true."""
    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while not await check():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not in time: {what}")
        await asyncio.sleep(0.02)


def value(outcome: Outcome[T]) -> T:
    """The value of an outcome that must be Ok."""
    assert isinstance(outcome, Ok), outcome
    return outcome.value
