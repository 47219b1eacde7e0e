"""What the desk keeps and gives, over the real dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec.structs

from ari_app.dispatch.desk import Desk
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.presence import Presence
from ari_app.model.ids import CallId, ClientId, OfferId, OperatorId, PunchId
from ari_app.model.operator import KnownState, Operator, OperatorState
from ari_app.model.punch import FIRST, Punch, sealed
from ari_app.ports import OperatorSecrets, StoreAway
from ari_app.routing.index import RoutingIndex
from tests.fakes.journal import MemoryJournal
from tests.fakes.loop import LoopClock, run
from tests.fakes.telephone import FakeTelephone

ANA = Operator(OperatorId("1001"), "Ana", {})


class Book:
    """`ports.OperatorBook` in memory."""

    def __init__(self) -> None:
        self.known: dict[OperatorId, KnownState] = {}

    async def all(self) -> Sequence[Operator]:
        return [ANA]

    async def insert(self, operator: Operator, secrets: OperatorSecrets) -> None: ...

    async def replace(self, operator: Operator) -> None: ...

    async def replace_secrets(self, operator: OperatorId, secrets: OperatorSecrets) -> None: ...

    async def delete(self, operator: OperatorId) -> None: ...

    async def phone_passwords(self) -> dict[OperatorId, str]:
        return {ANA.id: "secret"}

    async def states(self) -> dict[OperatorId, KnownState]:
        return self.known

    async def put_states(self, client: ClientId, states: Mapping[OperatorId, KnownState]) -> None:
        del client
        self.known.update(states)


class Accounts:
    """`ports.Phones` in memory."""

    def __init__(self) -> None:
        self.given: dict[OperatorId, str] = {}

    async def put_phone(self, operator: OperatorId, password: str) -> bool:
        self.given[operator] = password
        return True

    async def delete_phone(self, operator: OperatorId) -> bool:
        self.given.pop(operator, None)
        return True


class PunchesInMemory:
    """`ports.PunchBook` in memory; `away`: the store cannot be written."""

    def __init__(self) -> None:
        self.chain: list[Punch] = []
        self.away = False

    async def append(self, punch: Punch) -> Punch:
        if self.away:
            raise StoreAway("away")
        number, before = len(self.chain) + 1, self.chain[-1].hash if self.chain else FIRST
        done = sealed(msgspec.structs.replace(punch, id=PunchId(f"p{number}"), number=number), before)
        self.chain.append(done)
        return done

    async def punches(self, operator: OperatorId) -> list[Punch]:
        return [punch for punch in self.chain if punch.operator == operator]


class Office:
    """A desk and what it stands on."""

    def __init__(self) -> None:
        self.book, self.phones, self.punches = Book(), Accounts(), PunchesInMemory()
        journal, clock = MemoryJournal(), LoopClock()
        self.dispatcher = Dispatcher(
            index=RoutingIndex(),
            queues={},
            clock=clock,
            journal=journal,
            deliver=lambda _call, _message: None,
        )
        self.desk = Desk(
            dispatcher=self.dispatcher,
            book=self.book,  # type: ignore[arg-type]
            punches=self.punches,
            phones=self.phones,
            telephony=FakeTelephone(),
            journal=journal,
            clock=clock,
        )
        self.dispatcher.add_operator(Presence(ANA, state=OperatorState.AVAILABLE, reachable=True))


def test_R7_a_pause_after_missed_calls_survives_a_crash() -> None:
    async def story() -> None:
        office = Office()
        office.dispatcher.act(ANA.id, lambda p, now: p.reserve(OfferId("o1"), CallId("c1"), now))
        office.dispatcher.act(ANA.id, lambda p, now: p.miss(now, "missed", 1))
        await asyncio.sleep(1.0)
        assert office.book.known[ANA.id].state is OperatorState.PAUSED

    run(story())


def test_P8_an_operator_enabled_again_has_a_phone_and_a_disabled_one_has_none() -> None:
    async def story() -> None:
        office = Office()
        await office.desk.change(msgspec.structs.replace(ANA, enabled=False), by="admin")
        await office.desk.rotate(ANA.id, by="admin")
        assert office.phones.given == {}
        await office.desk.change(ANA, by="admin")
        assert office.phones.given == {ANA.id: "secret"}

    run(story())


def test_P8_a_store_that_is_away_keeps_no_phone_from_a_pbx_that_is_back() -> None:
    async def story() -> None:
        office = Office()
        await office.desk.provision()
        office.phones.given.clear()

        async def away() -> dict[OperatorId, str]:
            raise OSError("no answer")

        office.book.phone_passwords = away  # type: ignore[method-assign]
        await office.desk.provision()
        assert office.phones.given == {ANA.id: "secret"}

    run(story())
