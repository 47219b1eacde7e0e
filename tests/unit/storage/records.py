"""Records and looks that the storage tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from ari_app.model.call import CallRecord
from ari_app.model.facts import DigitPressed
from ari_app.model.ids import CallId, ChannelId
from ari_app.ports import Stamped
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from pbx.patience import PATIENCE_S


def a_call(number: int, **fields: Any) -> CallRecord:
    record = CallRecord(CallId(f"c{number}"), ChannelId("ch"), "+5511988887777", "5000", 1000.0 + number)
    return msgspec.structs.replace(record, **fields)


def digits(call: str, first: int, last: int) -> list[Stamped]:
    return [Stamped(float(n), DigitPressed(str(n)), CallId(call)) for n in range(first, last)]


async def digits_of(database: Database, call: str) -> list[int]:
    facts = await CallArchive(database).facts_of(CallId(call), limit=100_000)
    return [int(fact.body["digit"]) for fact in facts]


async def until(condition: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)
