"""`/directory`: to whom a call can be transferred, and who is free now (P6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from ari_app.model.operator import OperatorState
from ari_app.ports import Floor, OperatorDesk
from ari_app.web.route import STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing

Presence = Literal["free", "busy", "away"]
_AWAY = {OperatorState.SIGNED_OUT, OperatorState.PAUSED, OperatorState.UNREACHABLE}


class EntryOut(msgspec.Struct, frozen=True):
    """An operator or a queue. No more of an operator than colleagues need: why one is away is not told."""

    kind: Literal["operator", "queue"]
    id: str
    name: str
    presence: Presence


def presence(state: OperatorState) -> Presence:
    """What colleagues see of a state."""
    if state is OperatorState.AVAILABLE:
        return "free"
    return "away" if state in _AWAY else "busy"


@dataclass(frozen=True, slots=True)
class DirectoryApi:
    """Operators and queues of one's own client."""

    desk: OperatorDesk
    floor: Floor

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/directory",
                self.entries,
                "Operators and queues that calls can be transferred to",
                STAFF_AND_SELF,
                answer=Listing[EntryOut],
            )
        ]

    async def entries(self, ask: Ask) -> Listing[EntryOut]:
        client = ask.principal.client
        queues = [
            EntryOut("queue", queue.id, queue.name, "free" if queue.operators_available else "busy")
            for queue in self.floor.queues(client)
        ]
        operators = [
            EntryOut("operator", view.operator.id, view.operator.name, presence(view.state))
            for view in self.desk.views(client)
            if view.operator.enabled
        ]
        return Listing([*queues, *sorted(operators, key=lambda entry: entry.id)])
