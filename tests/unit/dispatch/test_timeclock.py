"""The time clock: receipts, corrections that append, a chain that shows what was changed (W1)."""

from __future__ import annotations

import asyncio

import msgspec.structs
import pytest

from ari_app.model.punch import Punch, effective, first_broken
from ari_app.ports import IllegalTransition, StoreAway
from tests.fakes.loop import run
from tests.unit.dispatch.test_desk import ANA, Office


def test_W1_a_receipt_is_given_for_each_punch_and_twice_in_is_refused() -> None:
    async def story() -> None:
        office = Office()
        came = await office.desk.clock(ANA.id, "in", by="phone")
        with pytest.raises(IllegalTransition, match="clocked in already"):
            await office.desk.clock(ANA.id, "in", by="phone")
        went = await office.desk.clock(ANA.id, "out", by="phone")
        assert (came.number, went.number, len(went.hash)) == (1, 2, 64)
        assert first_broken(office.punches.chain) is None

    run(story())


def test_W1_two_who_punch_at_once_make_one_punch() -> None:
    async def story() -> None:
        office = Office()
        both = await asyncio.gather(
            office.desk.clock(ANA.id, "in", by="phone"),
            office.desk.clock(ANA.id, "in", by="console"),
            return_exceptions=True,
        )
        assert sum(isinstance(one, Punch) for one in both) == 1
        assert len(office.punches.chain) == 1

    run(story())


def test_W1_without_a_store_nobody_is_told_that_he_clocked_in() -> None:
    async def story() -> None:
        office = Office()
        office.punches.away = True
        with pytest.raises(StoreAway):
            await office.desk.clock(ANA.id, "in", by="phone")
        view = office.desk.view(ANA.id)
        assert view is not None
        assert not view.clocked_in
        office.punches.away = False
        await office.desk.clock(ANA.id, "in", by="phone")

    run(story())


def test_W1_corrections_append_and_what_counts_follows_from_all_punches() -> None:
    async def story() -> None:
        office = Office()
        came = await office.desk.clock(ANA.id, "in", by="phone")
        earlier = came.at - 600
        fixed = await office.desk.correct(ANA.id, "in", earlier, corrects=came.id, note="was late", by="ann")
        forgot = await office.desk.correct(
            ANA.id, "out", came.at + 60, corrects=None, note="forgot", by="ann"
        )
        chain = office.punches.chain
        assert [punch.at for punch in effective(chain)] == [earlier, came.at + 60]
        assert chain[0] == came, "nothing that was written is changed"
        view = office.desk.view(ANA.id)
        assert view is not None
        assert not view.clocked_in
        await office.desk.correct(ANA.id, None, forgot.at, corrects=forgot.id, note="no", by="ann")
        again = await office.desk.correct(ANA.id, "in", earlier - 60, corrects=fixed.id, note="x", by="ann")
        assert effective(chain) == [again], "a correction of a correction is the latest word"

    run(story())


@pytest.mark.parametrize("change", ["at", "direction", "gone"])
def test_W1_a_punch_that_was_changed_or_taken_away_shows(change: str) -> None:
    async def story() -> None:
        office = Office()
        for direction in ("in", "out", "in"):
            await office.desk.clock(ANA.id, direction, by="phone")
        chain = list(office.punches.chain)
        if change == "gone":
            del chain[1]
        else:
            value = {"at": 5.0, "direction": "in"}[change]
            chain[1] = msgspec.structs.replace(chain[1], **{change: value})
        assert first_broken(chain) is chain[1]

    run(story())
