"""The same suite against the fake and a real Asterisk. Without an Asterisk these tests fail, never skip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pbx import Ports, Running, Secrets
from tests.contract.bench import Bench, until
from tests.contract.real_asterisk import RealAsterisk, boot
from tests.fakes.ari_server import FakeAri
from tests.support.free_ports import free_base


@pytest.fixture(scope="session")
def running_pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Ports, Secrets]]:
    home: Path = tmp_path_factory.mktemp("contract")
    running, ports, secrets = boot(home, int(free_base(beside=2)))
    try:
        yield running, ports, secrets
    finally:
        running.stop()


@asynccontextmanager
async def _playing(bench: RealAsterisk) -> AsyncIterator[RealAsterisk]:
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(bench.far.run())

        async def is_connected() -> bool:
            return bench.far.is_connected

        await until(is_connected, "the suite's own application is connected")
        try:
            yield bench
            await bench.clear()
        finally:
            bench.far.close()
            await keeping


@pytest.fixture
async def real(running_pbx: tuple[Running, Ports, Secrets]) -> AsyncIterator[RealAsterisk]:
    async with _playing(RealAsterisk(*running_pbx)) as bench:
        yield bench


@pytest.fixture(params=["fake", "real"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "fake":
        async with FakeAri() as fake:
            yield fake
        return
    running: tuple[Running, Ports, Secrets] = request.getfixturevalue("running_pbx")
    async with _playing(RealAsterisk(*running)) as real:
        yield real
