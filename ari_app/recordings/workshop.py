"""The worker process as the application sees it: orders in, results out, a new process when one dies."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import msgspec
import structlog

from ari_app.recordings.audio import FRAME_BYTES
from ari_app.recordings.make import Made, Order
from ari_app.recordings.worker import Result

log = structlog.get_logger()

LINE_BYTES = 1 << 20
LEAST_S = 30.0
PER_MEGABYTE_S = 10.0
"""An hour of talk is 115 MB and takes seconds (as Opus a minute), more on a busy machine; this long hangs."""


class OrderFailed(Exception):  # noqa: N818 - an expected outcome with its reason
    """An order was not done. `final`: another try will not help."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Workshop:
    """One worker at a time; started when there is work."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()

    async def make(self, order: Order) -> Made:
        """Raises `OrderFailed`."""
        async with self._one:
            try:
                result = await self._ask(order)
            except BaseException:
                await self.close()  # what it was doing must not come as the answer to the next order
                raise
        if result.made is None:
            raise OrderFailed(result.error, final=result.kind == "audio")
        return result.made

    async def _ask(self, order: Order) -> Result:
        process = await self._running()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        megabytes = order.frames * FRAME_BYTES / 1e6
        try:
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            async with asyncio.timeout(LEAST_S + PER_MEGABYTE_S * megabytes):
                await process.stdin.drain()
                line = await process.stdout.readline()
        except (TimeoutError, ConnectionError) as error:
            raise OrderFailed(f"the worker did not answer: {error!r}", final=False) from error
        if not line:
            raise OrderFailed(f"the worker died (status {await process.wait()})", final=False)
        return msgspec.json.decode(line, type=Result)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "ari_app.recordings.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_BYTES,
            )
        return self._process

    async def close(self) -> None:
        """End the worker; what it did not finish is done again."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
