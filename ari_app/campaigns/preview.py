"""Preview: an operator sees the contact before the call, and starts it or passes it over (O2)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from ari_app.campaigns.flight import Flight
from ari_app.campaigns.ports import Preview
from ari_app.campaigns.running import Running
from ari_app.campaigns.tower import Tower
from ari_app.model.facts import PreviewOffered
from ari_app.model.ids import AttemptId, OperatorId
from ari_app.ports import IllegalTransition, NotFound

AGAIN_S = 3600.0
"""A contact that was passed over comes again after this, unless the operator said otherwise."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the operator said; `again_s`: when a contact that was passed over comes again."""

    accepted: bool
    reason: str = ""
    again_s: float = AGAIN_S


@dataclass(slots=True, eq=False)
class _Shown:
    preview: Preview
    flight: Flight
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    decision: Decision = Decision(accepted=False, reason="no_decision")


class Previews:
    """`ports.PreviewDesk`: at most one contact per operator."""

    def __init__(self, tower: Tower) -> None:
        self._tower = tower
        self._shown: dict[OperatorId, _Shown] = {}

    async def show(
        self, running: Running, flight: Flight, operator: OperatorId, longest_s: float
    ) -> Decision:
        """Until the operator decided, was signed out, or the campaign was stopped."""
        contact, now = flight.claim.contact, self._tower.ports.clock.now()
        shown = _Shown(
            Preview(
                attempt=flight.attempt.id,
                campaign=running.campaign.id,
                operator=operator,
                number=flight.attempt.phone,
                name=contact.name,
                data=contact.data,
                attempts=contact.attempts,
                since=now,
                until=now + longest_s,
            ),
            flight,
        )
        self._shown[operator] = shown
        self._tower.tell(
            running, PreviewOffered(running.campaign.id, flight.attempt.id, operator), flight.call
        )
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(longest_s):
                    await shown.decided.wait()
        finally:
            if self._shown.get(operator) is shown:
                del self._shown[operator]
        return shown.decision

    def pending(self, operator: OperatorId) -> Preview | None:
        """The contact this operator is shown now."""
        shown = self._shown.get(operator)
        return shown.preview if shown is not None else None

    def accept(self, operator: OperatorId, attempt: AttemptId) -> Preview:
        """Dial it. Raises `NotFound`, `IllegalTransition` when it was decided already."""
        return self._decide(operator, attempt, Decision(accepted=True))

    def skip(
        self, operator: OperatorId, attempt: AttemptId, reason: str, again_s: float = AGAIN_S
    ) -> Preview:
        """Pass it over. Raises `NotFound`, `IllegalTransition` (decided already, or no reason given)."""
        if not reason.strip():
            raise IllegalTransition("a contact is passed over with a reason")
        return self._decide(operator, attempt, Decision(accepted=False, reason=reason[:200], again_s=again_s))

    def withdraw(self, flight: Flight, reason: str) -> None:
        """The operator cannot decide any more: he left, or the campaign was stopped."""
        for shown in self._shown.values():
            if shown.flight is flight and not shown.decided.is_set():
                shown.decision = Decision(accepted=False, reason=reason, again_s=0.0)
                shown.decided.set()

    def _decide(self, operator: OperatorId, attempt: AttemptId, decision: Decision) -> Preview:
        shown = self._shown.get(operator)
        if shown is None or shown.preview.attempt != attempt:
            raise NotFound(f"operator {operator} is not shown attempt {attempt}")
        if shown.decided.is_set():
            raise IllegalTransition(f"attempt {attempt} was decided already")
        shown.decision = decision
        shown.decided.set()
        return shown.preview
