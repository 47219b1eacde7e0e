"""Punching in and out: a receipt is given for what is on disk, and for nothing else (W1)."""

from __future__ import annotations

from typing import Literal

import structlog

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.memory import Memory
from ari_app.model.facts import OperatorClocked
from ari_app.model.ids import OperatorId, PunchId
from ari_app.model.punch import Direction, Punch, effective
from ari_app.ports import Clock, IllegalTransition, Journal, PunchBook, Stamped

log = structlog.get_logger()


class TimeClock:
    """Appends to the chain of punches and keeps who is clocked in."""

    def __init__(
        self, dispatcher: Dispatcher, book: PunchBook, journal: Journal, clock: Clock, memory: Memory
    ) -> None:
        self._dispatcher = dispatcher
        self._book = book
        self._journal = journal
        self._clock = clock
        self._memory = memory

    async def punch(self, operator: OperatorId, direction: Literal["in", "out"], *, by: str) -> Punch:
        """Raises `NotFound`, `IllegalTransition` (in twice, out twice), `StoreAway`."""
        presence, wanted = self._dispatcher.presence(operator), direction == "in"
        if presence.clocked_in is wanted:
            raise IllegalTransition(f"operator {operator} is clocked {direction} already")
        presence.clocked_in = wanted  # at once: two who punch at the same time do not both succeed
        try:
            done = await self._append(operator, direction, self._clock.now(), by=by)
        except BaseException:
            presence.clocked_in = not wanted
            raise
        self._memory.note(presence)
        return done

    async def correct(
        self,
        operator: OperatorId,
        direction: Direction | None,
        at: float,
        *,
        corrects: PunchId | None,
        note: str,
        by: str,
    ) -> Punch:
        """A forgotten punch, or one in the place of another (`direction` None strikes it out)."""
        presence = self._dispatcher.presence(operator)
        done = await self._append(operator, direction, at, by=by, corrects=corrects, note=note)
        counting = effective(await self._book.punches(operator))
        presence.clocked_in = bool(counting) and counting[-1].direction == "in"
        self._memory.note(presence)
        return done

    async def _append(
        self,
        operator: OperatorId,
        direction: Direction | None,
        at: float,
        *,
        by: str,
        corrects: PunchId | None = None,
        note: str = "",
    ) -> Punch:
        client, now = self._dispatcher.presence(operator).operator.client, self._clock.now()
        bare = Punch(PunchId(""), client, 0, operator, direction, at, now, by, corrects, note)
        done = await self._book.append(bare)
        fact = OperatorClocked(operator, direction, by, done.id, at, corrects)
        self._journal.put_facts([Stamped(now, fact, None, client)])
        log.info("operator.clocked", operator=operator, direction=direction, by=by, punch=done.id)
        return done
