"""How long pauses are meant to last: says when one goes over, once, and ends none.

Whoever is away from the desk would miss the next call, so a limit is a word to people and never an act.
"""

from __future__ import annotations

from collections.abc import Mapping

from ari_app.dispatch.deadlines import Deadlines
from ari_app.dispatch.presence import Presence
from ari_app.model.facts import PauseOverran
from ari_app.model.ids import OperatorId
from ari_app.model.operator import UNLIMITED, OperatorState


class PauseLimits:
    """`limits`: reason → seconds. Reasons without one, and those that never have one, last as they will."""

    def __init__(self, limits: Mapping[str, float]) -> None:
        self._limits = dict(limits)
        self._due = Deadlines[OperatorId]()
        self._told: dict[OperatorId, float] = {}
        """Instants that were told of: a pause is told again only when its limit changed."""

    def configure(self, limits: Mapping[str, float]) -> None:
        """Other limits from now on; `note` everybody afterwards."""
        self._limits = dict(limits)

    def until(self, presence: Presence) -> float | None:
        """When the pause that goes on should be over, epoch seconds; None: no pause, or no limit."""
        if presence.state is not OperatorState.PAUSED or presence.reason in UNLIMITED:
            return None
        longest_s = self._limits.get(presence.reason)
        return None if longest_s is None else presence.since + longest_s

    def note(self, presence: Presence) -> None:
        """Something about this operator changed."""
        operator, until = presence.operator.id, self.until(presence)
        if until is None or self._told.get(operator) != until:
            self._told.pop(operator, None)
            self._due.set(operator, until)

    def forget(self, operator: OperatorId) -> None:
        """The operator is no more."""
        self._told.pop(operator, None)
        self._due.set(operator, None)

    def next(self) -> float | None:
        """When a pause goes over next; None: none will."""
        return self._due.next()

    def over(
        self, now: float, operators: Mapping[OperatorId, Presence]
    ) -> list[tuple[Presence, PauseOverran]]:
        """The pauses that went over by now and were not told of yet."""
        found = []
        for operator in self._due.due(now):
            presence = operators[operator]
            until = self.until(presence)
            if until is not None:
                self._told[operator] = until
                fact = PauseOverran(operator, presence.reason, presence.since, until - presence.since)
                found.append((presence, fact))
        return found
