"""Queues as people act on them: closed at once, reopened, given an announcement, configured anew (C20)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.model.facts import QueueStateChanged
from ari_app.model.ids import CallId, ClientId, PromptId, QueueId
from ari_app.model.queue import Queue, QueueState
from ari_app.model.routing import QueueRequest
from ari_app.ports import Clock, Journal, NotFound, QueueStateBook, Stamped
from ari_app.routing.policy import Policy

log = structlog.get_logger()

AGAIN_S = 1.0
Renew = Callable[[QueueRequest], QueueRequest | None]


class QueueDesk:
    """Every act takes effect before it is written; the store is told until it knows."""

    def __init__(self, dispatcher: Dispatcher, book: QueueStateBook, journal: Journal, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._book = book
        self._journal = journal
        self._clock = clock
        self._unwritten: dict[QueueId, QueueState] = {}
        self._writing: asyncio.Task[None] | None = None
        dispatcher.thinned = self.look_for_nobody

    async def load(self) -> None:
        """Queues that were closed before a restart are closed after it."""
        for state in await self._book.queue_states():
            self._take(state)

    def queue(self, queue: QueueId, client: ClientId | None = None) -> Queue:
        """Raises `NotFound`."""
        found = self._dispatcher.queues.get(queue)
        if found is None or client not in {None, found.client}:
            raise NotFound(f"queue {queue} does not exist")
        return found

    def by_code(self, code: str) -> Queue | None:
        """The queue that is named so by phone; a queue without a code is not."""
        return next(
            (queue for queue in self._dispatcher.queues.values() if code and queue.code == code), None
        )

    def set_state(
        self, queue: QueueId, *, closed: bool | None = None, announcement: str | None = None, by: str
    ) -> QueueState:
        """Close or open, announce something or (an empty text) nothing more; None leaves it as it is.

        Whoever waits in a queue that closes is told and goes on by its overflow, or by the flow's `closed`.
        """
        client, dispatcher = self.queue(queue).client, self._dispatcher
        said = dispatcher.announcements.get(queue) if announcement is None else announcement
        state = QueueState(
            queue=queue,
            client=client,
            closed=queue in dispatcher.closed if closed is None else closed,
            announcement=PromptId(said) if said else None,
            changed_by=by,
            changed_at=self._clock.now(),
        )
        self._take(state)
        if closed:
            for call in self._waiting_in(queue):
                dispatcher.turn_away(call, "closed")
        elif announcement:
            dispatcher.announce(queue)
        fact = QueueStateChanged(queue, state.closed, state.announcement, by)
        self._journal.put_facts([Stamped(state.changed_at, fact, None, client)])
        log.warning("queue.state_changed", queue=queue, closed=state.closed,
                    announcement=state.announcement, by=by)  # fmt: skip
        self._unwritten[queue] = state
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())
        return state

    def configure(self, queues: Mapping[QueueId, Queue], policy: Policy, renew: Renew) -> None:
        """The site file changed: callers in line and offered ones ask for what it says now."""
        dispatcher = self._dispatcher
        dispatcher.queues = dict(queues)
        dispatcher.set_policy(policy)
        requests = {w.call: w.request for w in dispatcher.waiting.values()}
        requests |= {o.waiting.call: o.waiting.request for o in dispatcher.offers.values()}
        for call, request in requests.items():
            wanted, queue = renew(request), queues.get(request.queue)
            if wanted is None or queue is None:
                dispatcher.turn_away(call, "closed")
            else:
                dispatcher.reclassify(call, wanted, queue)
        self.look_for_nobody()

    def look_for_nobody(self) -> None:
        """Callers for whom nobody is left leave the queues that say so."""
        known: dict[QueueRequest, bool] = {}
        for waiting in list(self._dispatcher.waiting.values()):
            if waiting.queue.when_empty != "leave" or waiting.patient:
                continue
            if waiting.request not in known:
                known[waiting.request] = self._dispatcher.anybody_for(waiting.request)
            if not known[waiting.request]:
                self._dispatcher.turn_away(waiting.call, "empty")

    def _waiting_in(self, queue: QueueId) -> list[CallId]:
        return [waiting.call for waiting in self._dispatcher.waiting.values() if waiting.queue.id == queue]

    def _take(self, state: QueueState) -> None:
        dispatcher = self._dispatcher
        if state.closed:
            dispatcher.closed.add(state.queue)
        else:
            dispatcher.closed.discard(state.queue)
        if state.announcement is not None:
            dispatcher.announcements[state.queue] = state.announcement
        else:
            dispatcher.announcements.pop(state.queue, None)

    async def _write(self) -> None:
        while self._unwritten:
            queue, state = next(iter(self._unwritten.items()))
            try:
                await self._book.put_queue_state(state)
            except Exception as error:  # noqa: BLE001 - the store is away: until it knows
                log.warning("queue.state_not_stored", queue=queue, error=str(error)[:300])
                await asyncio.sleep(AGAIN_S)
                continue
            if self._unwritten.get(queue) is state:
                del self._unwritten[queue]
