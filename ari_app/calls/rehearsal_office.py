"""Rehearsals as admins ask for them: which flow or draft, on which phone, in which world."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from ari_app.calls import toll
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.rehearsal import Rehearsal, Rehearsals
from ari_app.flow.scenario.world import World
from ari_app.model.ids import FlowId, Language
from ari_app.model.signals import CallArrived
from ari_app.ports import Clock, Refusal, RehearsalPlan


class RehearsalOffice:
    """Implements `ports.RehearsalOffice`."""

    def __init__(
        self, rehearsals: Rehearsals, shelf: FlowShelf, clock: Clock, operators: Callable[[], Container[str]]
    ) -> None:
        """`operators` are those whose phones may be rung without leaving the house."""
        self._rehearsals = rehearsals
        self._shelf = shelf
        self._clock = clock
        self._operators = operators

    async def begin(self, plan: RehearsalPlan) -> dict[str, Any]:
        """Announce a rehearsal, and ring the phone if one is to be rung."""
        book = await self._shelf.draft(plan.flow, plan.source)
        language = Language(plan.language) if plan.language is not None else None
        arrived = CallArrived(called=plan.called, caller=plan.caller, language=language)
        rehearsal = Rehearsal(book, FlowId(plan.flow), arrived, World())
        rehearsal.asks = plan.real_lookups
        if plan.time is not None:
            rehearsal.shift_s = plan.time - self._clock.now()
        await self.place(rehearsal, plan)
        return rehearsal.view(0)

    async def place(self, rehearsal: Rehearsal, plan: RehearsalPlan) -> None:
        """Let it begin on a phone. Raises `Refusal`."""
        if (plan.phone is None) == (plan.call is None):
            raise Refusal(
                "give either `phone`, a test phone that will call, or `call`, a number to be called"
            )
        if plan.phone is not None:
            self._rehearsals.expect(rehearsal, plan.phone)
            return
        number = plan.call or ""
        if number in self._operators():
            await self._rehearsals.ring(rehearsal, number, plan.called, operator=True)
            return
        verdict = toll.judge(number, self._shelf.book.site.outside_calls)
        if isinstance(verdict, toll.Refused):
            raise Refusal(f"{number[:20]} is not called: {verdict.text}")
        await self._rehearsals.ring(rehearsal, number, plan.called, operator=False)

    async def watch(self, ident: str, after: int, moves: int, wait_s: float) -> dict[str, Any]:
        """What has come of it; waits a while when nothing is new."""
        rehearsal = self._rehearsals.get(ident)
        await rehearsal.await_change((after, moves), wait_s)
        return rehearsal.view(after)

    async def act(self, ident: str, act: str, value: Any) -> None:
        await self._rehearsals.get(ident).act(act, value)

    def end(self, ident: str) -> None:
        self._rehearsals.end(self._rehearsals.get(ident))
