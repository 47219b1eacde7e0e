"""What is happening now, for the live pages: `ports.Floor` over the dispatcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ari_app.dispatch.dispatcher import Dispatcher, Waiting
from ari_app.model.ids import CallId, ClientId
from ari_app.model.operator import OperatorState
from ari_app.model.queue import Queue
from ari_app.ports import Clock, QueueView


class LiveFloor:
    """Read only; every figure is of the instant it is asked."""

    def __init__(self, dispatcher: Dispatcher, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._clock = clock

    def queues(self, client: ClientId | None = None) -> list[QueueView]:
        queues = self._dispatcher.queues.values()
        return [self._view(queue) for queue in queues if client is None or queue.client == client]

    def explain(self, call: CallId) -> Mapping[str, Any] | None:
        """Why it waits, and how long yet: `error` is that of late estimates ÷ the wait estimated (C12)."""
        found, outlook = self._dispatcher.explain(call), self._dispatcher.outlook(call)
        if found is None or outlook is None:
            return found
        return {**found, "estimate": {"wait_s": outlook.wait_s, "error": outlook.error}}

    def _view(self, queue: Queue) -> QueueView:
        now = self._clock.now()
        line = sorted(
            (w for w in self._dispatcher.waiting.values() if w.queue.id == queue.id),
            key=lambda w: (-w.request.priority, w.entered_at),
        )
        serving = [
            presence
            for presence in self._dispatcher.operators.values()
            if presence.operator.client == queue.client
            and (presence.operator.queues is None or queue.id in presence.operator.queues)
        ]
        return QueueView(
            id=queue.id,
            name=queue.name,
            waiting=len(line),
            oldest_wait_s=max((now - w.entered_at for w in line), default=0.0),
            operators_available=sum(p.state is OperatorState.AVAILABLE for p in serving),
            operators_signed_in=sum(p.signed_in for p in serving),
            target_s=queue.target_s,
            needs=queue.needs,
            closed=queue.id in self._dispatcher.closed,
            announcement=self._dispatcher.announcements.get(queue.id),
            calls=tuple(_waiting(w, place, now) for place, w in enumerate(line, start=1)),
        )


def _waiting(waiting: Waiting, place: int, now: float) -> dict[str, Any]:
    return {
        "id": waiting.call,
        "position": place,
        "waited_s": now - waiting.entered_at,
        "priority": waiting.request.priority,
        "needs": {need.skill: need.min_level for need in waiting.request.needs},
    }
