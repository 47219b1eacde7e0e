"""What an operator asks of talks by dialling a code: which call is meant follows from who asks."""

from __future__ import annotations

from collections.abc import Callable

from ari_app.calls.exchange import Exchange
from ari_app.calls.session import Session
from ari_app.model.call import Phase
from ari_app.model.ids import CallId, OperatorId
from ari_app.model.talks import Actor, Ask, Park, Retrieve, TakeBack, TalkView
from ari_app.ports import NotFound


class TalkDesk:
    """Finds the call and asks its session, which alone changes it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def park(self, operator: OperatorId) -> str:
        """Raises `Refusal`, `TimeoutError`; gives the slot."""
        call = self._of(
            lambda one: one.operator() == operator and one.record.phase is Phase.TALKING,
            f"operator {operator} talks with nobody",
        )
        return (await self._ask(call, Park(), operator)).slot

    async def fetch(self, operator: OperatorId, slot: str) -> None:
        """Raises `Refusal`, `TimeoutError`. Callers of other clients are in slots that he does not see."""
        client = self._exchange.services.dispatcher.presence(operator).operator.client
        if slot:
            call = self._exchange.parked(client).get(slot)
            if call is None:
                raise NotFound(f"nobody is parked at {slot[:8]}")
        else:
            call = self._of(
                lambda one: one.parked_by == operator and one.record.phase is Phase.PARKED,
                f"operator {operator} has parked nobody",
            )
        await self._ask(call, Retrieve(operator), operator)

    async def take_back(self, operator: OperatorId) -> None:
        """Raises `Refusal`, `TimeoutError`."""
        call = self._of(
            lambda one: (
                one.detour is not None and one.detour.back_to == operator and one.detour.stage == "trying"
            ),
            f"operator {operator} has sent nobody elsewhere",
        )
        await self._ask(call, TakeBack(), operator)

    async def _ask(self, call: CallId, ask: Ask, operator: OperatorId) -> TalkView:
        return await self._exchange.ask(call, ask, Actor(f"{operator} by phone", operator))

    def _of(self, mine: Callable[[Session], bool], nobody: str) -> CallId:
        """The latest call that is meant."""
        found = [call for call, one in self._exchange.sessions.items() if not one.ended and mine(one)]
        if not found:
            raise NotFound(nobody)
        return found[-1]
