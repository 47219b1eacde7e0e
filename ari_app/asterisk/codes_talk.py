"""Codes by which operators park their caller, fetch one who is parked, take a transfer back (P6).

The phone holds the talk while the code is dialled. Which caller is meant follows from who sits at the phone;
a slot may be dialled behind the code that fetches; without one the caller whom the operator parked is meant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from ari_app.asterisk.spoken import Dialogue, Spoken
from ari_app.flow import speech
from ari_app.model.ids import OperatorId
from ari_app.ports import OperatorDesk, Refusal

log = structlog.get_logger()

SLOT = "RAMAL_SLOT"
"""The dialplan's variable with what was dialled behind the code."""


class Talks(Protocol):
    """What an operator may ask by phone (`calls.talk_desk`); each raises `Refusal`, `TimeoutError`."""

    async def park(self, operator: OperatorId) -> str:
        """The slot of the caller he talked with."""
        ...

    async def fetch(self, operator: OperatorId, slot: str) -> None:
        """Ring his phone with a parked caller; no slot: whom he parked himself."""
        ...

    async def take_back(self, operator: OperatorId) -> None:
        """End a transfer of his that nobody has answered yet."""
        ...


class TalkCodes:
    """Each code acts at once and then says what it did."""

    def __init__(self, desk: OperatorDesk, talks: Talks) -> None:
        self._desk = desk
        self._talks = talks

    def dialogues(self) -> dict[str, Dialogue]:
        """By the code's verb."""
        acts = {"park": self._park, "fetch": self._fetch, "take_back": self._take_back}
        return {verb: self._dialogue(verb, act) for verb, act in acts.items()}

    def _dialogue(
        self, verb: str, act: Callable[[OperatorId, Spoken], Awaitable[tuple[str, ...]]]
    ) -> Dialogue:
        async def dialogue(phone: OperatorId, spoken: Spoken) -> tuple[str, ...]:
            view = self._desk.at_phone(phone)
            if view is None:
                return ("codes/not-signed-in",)
            try:
                return await act(view.operator.id, spoken)
            except (Refusal, TimeoutError) as refusal:
                log.info("code.refused", operator=view.operator.id, verb=verb, reason=str(refusal))
                return ("codes/not-allowed-now",)

        return dialogue

    async def _park(self, operator: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        slot = await self._talks.park(operator)
        return ("parking/parked-at", *speech.say_digits(slot, spoken.language))

    async def _fetch(self, operator: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        await self._talks.fetch(operator, await spoken.session.get_variable(SLOT))
        return ()  # the phone rings

    async def _take_back(self, operator: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        del spoken
        await self._talks.take_back(operator)
        return ()
