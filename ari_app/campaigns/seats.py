"""Which operators a campaign has, and what they do, told to its pacing as events.

A campaign has whoever fits its demand. Who talks with somebody else (an inbound caller, another campaign's
contact) is gone for it until free again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from ari_app.dispatch.presence import Presence
from ari_app.model.ids import CallId, OperatorId
from ari_app.model.operator import OperatorState
from ari_app.pacing.floor import FloorEvent, OperatorGone, OperatorReady, OperatorWrapping

S = OperatorState
Doing = Literal["idle", "talk", "wrap"]
_OFFERED = frozenset({S.RESERVED, S.RINGING})
_TALKS = frozenset({S.TALKING, S.ON_HOLD})


class Seats:
    """What was told of each operator. `mine` says whether a call is one of the campaign's."""

    def __init__(self, mine: Callable[[CallId], bool], tell: Callable[[FloorEvent], None]) -> None:
        self._mine = mine
        self._tell = tell
        self._told: dict[OperatorId, Doing] = {}

    def sync(self, fitting: Iterable[Presence]) -> None:
        """Bring what was told up to date with all operators who fit now."""
        present = set()
        for presence in fitting:
            present.add(presence.operator.id)
            self.see(presence)
        for operator in set(self._told) - present:
            self._leave(operator)

    def see(self, presence: Presence) -> None:
        """One operator, as he is now."""
        operator, told = presence.operator.id, self._told.get(presence.operator.id)
        ours = presence.call is not None and self._mine(presence.call)
        if presence.state is S.AVAILABLE:
            if told != "idle":
                self._told[operator] = "idle"
                self._tell(OperatorReady(operator))
        elif ours and (presence.state in _OFFERED or presence.state in _TALKS):
            return  # still free until `connected` says otherwise
        elif presence.state is S.WRAP_UP and told in {"talk", "wrap"}:
            if told == "talk":
                self._told[operator] = "wrap"
                self._tell(OperatorWrapping(operator))
        else:
            self._leave(operator)

    def connected(self, operator: OperatorId) -> None:
        """The campaign's contact was given to this operator; the floor is told by `Connected`."""
        self._told[operator] = "talk"

    def forget(self) -> None:
        """The floor was made anew: tell everything again."""
        self._told.clear()

    def idle(self) -> set[OperatorId]:
        return {operator for operator, doing in self._told.items() if doing == "idle"}

    def all(self) -> set[OperatorId]:
        return set(self._told)

    def _leave(self, operator: OperatorId) -> None:
        if self._told.pop(operator, None) is not None:
            self._tell(OperatorGone(operator))
