"""Hot-desk: any phone, extension and PIN; one person at one phone; guessing PINs is slow."""

from __future__ import annotations

import asyncio

import pytest

from ari_app.asterisk.seats import Seats
from ari_app.dispatch.pins import LOCKED_S, TRIES, Pins
from ari_app.dispatch.presence import Presence
from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator, OperatorState
from ari_app.ports import IllegalTransition, NotFound
from tests.fakes.loop import LoopClock, run
from tests.unit.dispatch.test_desk import ANA, Office

BO = Operator(OperatorId("1002"), "Bo", {})
DESK = Operator(OperatorId("1050"), "Desk", {})


def office() -> Office:
    made = Office()
    for operator in (BO, DESK):
        made.dispatcher.add_operator(Presence(operator))
    return made


def test_P1_who_signs_in_at_another_phone_is_rung_there_until_he_signs_out() -> None:
    async def story() -> None:
        made = office()
        view = await made.desk.sit(BO.id, DESK.id, by="phone 1050")
        assert (view.phone, view.state) == (DESK.id, OperatorState.AVAILABLE)
        assert made.desk.at_phone(DESK.id) == view
        assert made.desk.at_phone(BO.id) is None, "nobody sits at the own phone"
        await made.desk.set_state(BO.id, "signed_out", reason="", by="phone")
        at_desk, at_own = made.desk.at_phone(DESK.id), made.desk.at_phone(BO.id)
        assert at_desk is not None
        assert at_own is not None
        assert (at_desk.operator.id, at_own.operator.id) == (DESK.id, BO.id)

    run(story())


def test_P1_two_people_never_sit_at_one_phone() -> None:
    async def story() -> None:
        made = office()
        await made.desk.sit(BO.id, DESK.id, by="phone 1050")
        with pytest.raises(IllegalTransition, match="1002 is signed in at phone 1050"):
            await made.desk.sit(OperatorId("1001"), DESK.id, by="phone 1050")
        with pytest.raises(IllegalTransition, match="1002 is signed in at phone 1050"):
            await made.desk.set_state(DESK.id, "available", reason="", by="admin")
        with pytest.raises(IllegalTransition, match="1001 is signed in"):
            await made.desk.sit(BO.id, ANA.id, by="phone 1001")
        with pytest.raises(NotFound):
            await made.desk.sit(BO.id, OperatorId("9999"), by="phone 9999")
        moved = await made.desk.sit(BO.id, BO.id, by="phone 1002")
        assert moved.phone == BO.id
        back = await made.desk.set_state(DESK.id, "available", reason="", by="admin")
        assert back.state is OperatorState.AVAILABLE

    run(story())


def test_P1_where_one_sits_is_remembered_over_a_restart() -> None:
    async def story() -> None:
        made = office()
        await made.desk.sit(BO.id, DESK.id, by="phone 1050")
        await asyncio.sleep(1)
        assert made.book.known[BO.id].phone == DESK.id

    run(story())


def test_P1_seats_are_two_ways_and_moving_frees_the_old_one() -> None:
    seats, one, two, three = Seats(), OperatorId("1"), OperatorId("2"), OperatorId("3")
    seats.sit(one, two)
    assert (seats.phone_of(one), seats.operator_at(two), seats.operator_at(one)) == (two, one, None)
    seats.sit(one, three)
    assert (seats.operator_at(two), seats.operator_at(three)) == (two, one)
    seats.sit(one, None)
    assert (seats.phone_of(one), seats.operator_at(three), seats.operator_at(one)) == (one, three, one)


def test_P1_wrong_pins_lock_the_extension_and_the_phone_for_a_while() -> None:
    async def story() -> None:
        asked: list[str] = []

        async def verify(operator: OperatorId, pin: str) -> bool:
            asked.append(pin)
            return pin == "4711"

        pins = Pins(verify, LoopClock())
        for _ in range(TRIES):
            assert await pins.check(BO.id, "0000", phone=DESK.id) == "wrong"
        asked.clear()
        assert await pins.check(BO.id, "4711", phone=ANA.id) == "locked", "the extension, from any phone"
        assert await pins.check(ANA.id, "4711", phone=DESK.id) == "locked", "the phone, for any extension"
        assert asked == [], "who is locked is not even asked about"
        assert await pins.check(ANA.id, "4711", phone=ANA.id) == "right"
        await asyncio.sleep(LOCKED_S + 1)
        assert await pins.check(BO.id, "4711", phone=DESK.id) == "right"

    run(story())


def test_P1_many_guesses_at_once_are_no_more_than_so_many_one_by_one() -> None:
    async def story() -> None:
        asked: list[str] = []

        async def verify(operator: OperatorId, pin: str) -> bool:
            del operator
            asked.append(pin)
            await asyncio.sleep(0.1)
            return False

        pins = Pins(verify, LoopClock())
        guesses = (pins.check(BO.id, f"{pin:04}", phone=DESK.id) for pin in range(100))
        verdicts = await asyncio.gather(*guesses)
        assert len(asked) == TRIES
        assert verdicts.count("locked") == 100 - TRIES

    run(story())


@pytest.mark.parametrize("pin", ["", "12a4", "١٢٣٤", "'; --"])
def test_P1_what_is_no_pin_is_wrong_without_asking(pin: str) -> None:
    async def story() -> None:
        async def verify(operator: OperatorId, pin: str) -> bool:
            raise AssertionError(pin)

        assert await Pins(verify, LoopClock()).check(BO.id, pin, phone=DESK.id) == "wrong"

    run(story())
