"""A phone that was lost in the middle of a talk is rung once more: who may ask, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ari_app.calls.session import Session
from ari_app.model import talks as t
from ari_app.model.ids import OperatorId
from ari_app.ports import NotFound
from tests.fakes.loop import run
from tests.unit.calls.test_room_crashes import RoomWorld, given_talk

OWN, OTHER = OperatorId("1001"), OperatorId("1002")
WITH_OTHER = t.Consult(t.Target("operator", OTHER))


def in_talk(story: Callable[[RoomWorld, Session], Awaitable[None]]) -> None:
    """Play a story that begins with a caller and the operator 1001."""

    async def play() -> None:
        world = RoomWorld()
        await world.start()
        await given_talk(world)
        [session] = world.exchange.sessions.values()
        assert session.operator() == OWN
        await story(world, session)
        await world.kill()

    run(play())


async def asked(world: RoomWorld, session: Session, ask: t.Ask, by: OperatorId) -> None:
    await world.exchange.ask(session.record.id, ask, t.Actor(by, by))
    await world.settle(0.1)


def test_P3_nobody_else_touches_a_talk_by_asking_for_a_place_in_it() -> None:
    async def story(world: RoomWorld, session: Session) -> None:
        for ask in (t.Rejoin(OTHER), t.Rejoin(OWN)):
            with pytest.raises(NotFound):
                await asked(world, session, ask, OTHER)
            assert session.room is None, "the talk was left as it was"

    in_talk(story)


def test_P3_place_in_a_consultation_is_kept_until_the_phone_answers() -> None:
    async def story(world: RoomWorld, session: Session) -> None:
        await asked(world, session, WITH_OTHER, OWN)
        world.telephone.phone_answers()
        await world.settle(0.1)
        await asked(world, session, t.Rejoin(OWN), OWN)
        room = session.room
        assert room is not None
        assert {party.who: party.state for party in room.parties} == {OWN: "ringing", OTHER: "consulting"}
        world.telephone.phone_answers()
        await world.settle(0.1)
        assert {party.who: party.state for party in room.parties} == {OWN: "consulting", OTHER: "consulting"}
        assert (session.operator(), room.host) == (OWN, session.leg)

    in_talk(story)


def test_P3_phone_that_is_not_picked_up_leaves_the_caller_to_the_one_consulted() -> None:
    async def story(world: RoomWorld, session: Session) -> None:
        await asked(world, session, WITH_OTHER, OWN)
        world.telephone.phone_answers()
        await world.settle(0.1)
        await asked(world, session, t.Rejoin(OWN), OWN)
        await world.settle(35.0)
        assert session.operator() == OTHER
        room = session.room
        assert room is not None
        assert [(party.who, party.state) for party in room.parties] == [(OTHER, "talking")]

    in_talk(story)
