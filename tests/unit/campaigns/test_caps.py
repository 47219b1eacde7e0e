"""Each profile's caps on attempts in a day and a week, per number and per person, on the real store."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec.structs
import pytest

from ari_app.campaigns.ports import AttemptBook, CampaignBook, DncBook
from ari_app.model.campaign import AttemptCaps, Campaign, RetryRule
from ari_app.model.ids import DEFAULT_CLIENT
from ari_app.pacing.profiles import profile_named
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database, open_database
from tests.fakes.loop import JumpingLoop, run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.world import SALE, Field, campaign
from tests.unit.storage.lists import contact, given_contacts

DAY_S = 86_400.0
LATER_S = 600.0
"""Each day is begun a little later than the one before, so that a day is over when it is begun."""
WORKED_S = 45.0
DAYS = (0, 1, 2, 3, 4, 7)
"""Monday to Friday, and Monday again."""
NUMBERS = ("+5511988880001", "+5511988880002", "+5511988880003")


class Threaded:
    """A store whose threads time waits for."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def held(*args: Any, **kwargs: Any) -> Any:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, JumpingLoop)
            with loop.time_stands_still():
                return await method(*args, **kwargs)

        return held


class StoredField(Field):
    """`Field` on the real store."""

    database: Database

    def books(self) -> tuple[AttemptBook, CampaignBook, DncBook]:
        attempts, lists = Threaded(AttemptStore(self.database)), Threaded(CampaignStore(self.database))
        return attempts, lists, lists


def expected(caps: AttemptCaps, numbers: int) -> list[int]:
    """How often a person with so many numbers may be dialled on each of `DAYS`, counted by hand."""
    past: list[tuple[int, int]] = []

    def allowed(day: int, number: int) -> bool:
        week = [(d, n) for d, n in past if day - d < 7]
        today = [(d, n) for d, n in week if d == day]
        counts = (
            (caps.per_person_week, len(week)),
            (caps.per_person_day, len(today)),
            (caps.per_number_week, sum(n == number for _, n in week)),
            (caps.per_number_day, sum(n == number for _, n in today)),
        )
        return all(cap is None or count < cap for cap, count in counts)

    for day in DAYS:
        number = 0
        while allowed(day, number):
            past.append((day, number))
            number = (number + 1) % numbers
    return [sum(d == day for d, _ in past) for day in DAYS]


async def days_of(made: Campaign, numbers: tuple[str, ...], file: Path) -> list[int]:
    """Somebody who is always busy may be called every few seconds: calls placed on each of `DAYS`."""
    field = StoredField(made, 0, lambda _: Subscriber("busy", 1.0))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    async with AsyncExitStack() as opened:
        with loop.time_stands_still():
            field.database = await opened.enter_async_context(open_database(f"sqlite:///{file}"))
            await CampaignStore(field.database).add_campaign(made)
            person = contact(*numbers, campaign=SALE, person="cpf-1", client=DEFAULT_CLIENT)
            await given_contacts(field.database, [person])
        placed = await _placed(field)
        with loop.time_stands_still():
            await opened.aclose()
    return placed


async def _placed(field: Field) -> list[int]:
    await field.start()
    placed, clock = [], field.clock
    began = clock.now()
    for turn, day in enumerate(DAYS):
        clock.set_by(began + day * DAY_S + turn * LATER_S - clock.now())
        field.campaigns.tower.watched.confirm(clock.now(), clock.monotonic())
        before = len(field.dialled)
        await field.settle(WORKED_S)
        placed.append(len(field.dialled) - before)
    await field.kill()
    return placed


@pytest.mark.parametrize("numbers", [1, 3], ids=["one_number", "a_person_with_three"])
@pytest.mark.parametrize("name", ["brazil", "us", "uk", "eu"])
def test_O8_O14_dialling_stops_at_each_profiles_caps_of_a_day_and_a_week(
    name: str, numbers: int, tmp_path: Path
) -> None:
    made = campaign(
        profile=name,
        retries={"busy": RetryRule((4.0,), 99)},
        attempts_at_most=99,
        between_phones_s=4.0,
    )
    caps = profile_named(name).caps
    wanted = expected(caps, numbers)
    assert wanted[0] >= 1
    assert sum(wanted[:5]) < 5 * wanted[0], "the week's cap is met, too"
    assert run(days_of(made, NUMBERS[:numbers], tmp_path / "ramal.db")) == wanted


def test_O8_a_campaigns_own_caps_are_kept_where_the_law_is_milder(tmp_path: Path) -> None:
    made = campaign(
        profile="us",
        retries={"busy": RetryRule((4.0,), 99)},
        attempts_at_most=99,
        caps=AttemptCaps(per_number_day=2, per_number_week=3),
    )
    assert run(days_of(made, NUMBERS[:1], tmp_path / "ramal.db")) == [2, 1, 0, 0, 0, 2]
    assert msgspec.structs.asdict(made)["caps"].per_number_day == 2
