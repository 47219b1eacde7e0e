"""The time clock's chain in the database."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from ari_app.model.ids import ClientId, OperatorId, PunchId
from ari_app.model.punch import Punch
from ari_app.ports import NotFound
from ari_app.storage.database import Database
from ari_app.storage.punches import PunchStore

ACME = ClientId("acme")


def punch(operator: str, at: float, client: ClientId = ACME, corrects: str | None = None) -> Punch:
    told = None if corrects is None else PunchId(corrects)
    return Punch(PunchId(""), client, 0, OperatorId(operator), "in", at, at, "phone", told)


async def test_W1_punches_at_once_make_one_chain_for_each_client(database: Database) -> None:
    store = PunchStore(database)
    done = await asyncio.gather(*(store.append(punch(str(n % 3), float(n))) for n in range(12)))
    other = await store.append(punch("9", 1.0, ClientId("beta")))
    assert sorted(one.number for one in done) == list(range(1, 13))
    assert other.number == 1
    assert await store.first_broken(ACME) is None
    assert len(await store.punches(OperatorId("1"))) == 4


async def test_W1_a_row_changed_behind_our_back_is_found(database: Database) -> None:
    store = PunchStore(database)
    for at in (1.0, 2.0, 3.0):
        await store.append(punch("1", at))
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE punches SET at = 99 WHERE number = 2"))
    broken = await store.first_broken(ACME)
    assert broken is not None
    assert broken.number == 2


async def test_W1_only_ones_own_punch_can_be_corrected(database: Database) -> None:
    store = PunchStore(database)
    mine = await store.append(punch("1", 1.0))
    assert (await store.append(punch("1", 2.0, corrects=mine.id))).corrects == mine.id
    for stranger in (punch("2", 2.0, corrects=mine.id), punch("1", 2.0, ClientId("beta"), mine.id)):
        with pytest.raises(NotFound):
            await store.append(stranger)
