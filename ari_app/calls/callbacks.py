"""Callbacks: the caller hangs up, his place in line stays, and we call when it is his turn (C13).

A promise waits in the routing index as a call with the place of the first one. When an operator is reserved
for it, the caller is dialled; who answers is greeted and given to that operator, or to the next one, by the
same session as any caller. The id of an attempt is the id of its channel and of its call. It is on disk
before it is dialled and never dialled twice; what became of it while we were away is asked of PBX and store.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec.structs
import structlog

from ari_app.calls.callback_rules import CallbackBook, Rules, outcome_of
from ari_app.calls.greeting import greet
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned, DispatchMessage, Reclassified, TurnedAway
from ari_app.model.call import CallRecord
from ari_app.model.facts import CallbackPromised, CallbackTried
from ari_app.model.ids import CallbackId, CallId, ChannelId, Language, QueueId
from ari_app.model.routing import QueueRequest
from ari_app.model.telephony import CallEntered
from ari_app.model.work import Attempt, AttemptOutcome, Callback, CallbackState
from ari_app.ports import Clock, IllegalTransition, Journal, NotFound, Outcome, Stamped, Telephony

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

TICK_S = 0.5
STORE_S = 3.0
"""A caller is not kept waiting longer than this for a promise to reach the disk."""
GRACE_S = 10.0
"""After the ring time an attempt's end should have been told by now: ask."""
TURNED_AWAY_S = 60.0


@dataclass(slots=True)
class Trial:
    """An attempt from its entering the line to its end."""

    id: CallId
    callback: CallbackId
    assigned: Assigned | None = None
    attempt: Attempt | None = None
    entered: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Callbacks:
    """Owns all promises. The store is written before the telephone acts."""

    def __init__(
        self,
        *,
        book: CallbackBook,
        telephony: Telephony,
        dispatcher: Dispatcher,
        journal: Journal,
        clock: Clock,
        rules: Callable[[QueueId], Rules | None],
        live: Callable[[CallId], bool],
    ) -> None:
        """`rules` gives None for a queue that calls nobody back; `live`: whether a call has a session."""
        self._book = book
        self._telephony = telephony
        self._dispatcher = dispatcher
        self._journal = journal
        self._clock = clock
        self._rules = rules
        self._live = live
        self._promises: dict[CallbackId, Callback] = {}
        self._trials: dict[CallId, Trial] = {}
        self._tasks: asyncio.TaskGroup
        self._loaded = False
        self._seen = self._asked = 0
        """How often the PBX came into sight, and up to which time it was asked for our attempts."""
        self._reconciled = False

    # --- promises ---------------------------------------------------------------------------------------

    async def book(self, record: CallRecord, request: QueueRequest, number: str, entered_at: float) -> bool:
        """Promise to call back; True once it is on disk. The same number twice in a queue is one promise."""
        rules = self._rules(request.queue)
        if rules is None or not rules.may_call(number):
            log.info("callback.refused", call_id=record.id, queue=request.queue)
            return False
        if any(p.number == number and p.request.queue == request.queue for p in self._promises.values()):
            return True
        now = self._clock.now()
        promise = Callback(
            id=CallbackId(f"cb{uuid.uuid4().hex}"),
            call=record.id,
            number=number,
            called=record.called,
            request=msgspec.structs.replace(request, client=record.client),
            entered_at=entered_at,
            booked_at=now,
            next_at=now,
            client=record.client,
            language=record.language or "pt-BR",
            changed_at=now,
        )
        try:
            async with asyncio.timeout(STORE_S):
                await self._book.add_callback(promise)
        except Exception as error:  # noqa: BLE001 - the store is away: nothing is promised
            log.error("callback.not_stored", call_id=record.id, error=str(error)[:300])  # noqa: TRY400
            return False
        self._promises[promise.id] = promise
        self._tell(promise, CallbackPromised(promise.id, request.queue))
        log.info("callback.promised", call_id=record.id, queue=request.queue)
        return True

    async def cancel(self, ident: CallbackId) -> Callback:
        """Take a promise back. Raises `NotFound`, `IllegalTransition` while it is being dialled."""
        promise = self._promises.get(ident)
        if promise is None:
            raise NotFound(f"callback {ident} is not waiting")
        if promise.state != "waiting":
            raise IllegalTransition(f"callback {ident} is {promise.state}")
        self._withdraw(ident)
        self._promises.pop(ident)
        cancelled = self._changed(promise, state="cancelled")
        await self._book.put_callback(cancelled)
        return cancelled

    # --- time -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled: whose time has come joins the line, outside the hours everybody leaves."""
        async with asyncio.TaskGroup() as self._tasks:
            while True:
                try:
                    await self._serve()
                except Exception as error:
                    log.exception("callback.fault", error=str(error)[:300])  # the store is away, say: again
                await asyncio.sleep(TICK_S)

    async def _serve(self) -> None:
        """One look at all promises, once they are known and the PBX was asked about those under way."""
        if not self._loaded:
            self._promises |= {promise.id: promise for promise in await self._book.open_callbacks()}
            self._loaded = True
        if self._asked != self._seen:
            seen = self._seen
            await self._reconcile()
            self._asked = seen
        if self._reconciled:
            for promise in list(self._promises.values()):
                self._look(promise, self._clock.now())

    def _look(self, promise: Callback, now: float) -> None:
        if promise.state != "waiting":
            return
        rules = self._rules(promise.request.queue) or Rules()
        if rules.opens_at(now) > now:
            self._withdraw(promise.id)
        elif now >= promise.next_at and not self._trial_of(promise.id) and not self._live(promise.call):
            trial = Trial(CallId(f"{promise.id}-{promise.attempts + 1}"), promise.id)
            self._trials[trial.id] = trial
            self._dispatcher.enqueue(trial.id, promise.request, promise.entered_at, patient=True)

    def _trial_of(self, ident: CallbackId) -> Trial | None:
        return next((trial for trial in self._trials.values() if trial.callback == ident), None)

    def _withdraw(self, ident: CallbackId) -> None:
        """Out of the line, if in it; what is being dialled goes on."""
        trial = self._trial_of(ident)
        if trial is not None and trial.assigned is None:
            self._trials.pop(trial.id)
            self._dispatcher.leave(trial.id)

    # --- what the dispatcher and the telephone tell -----------------------------------------------------

    def deliver(self, call: CallId, message: DispatchMessage) -> bool:
        """Whether the message was for an attempt of ours."""
        trial = self._trials.get(call)
        if trial is None or trial.assigned is not None:
            return False
        promise = self._promises[trial.callback]
        if isinstance(message, Assigned):
            trial.assigned = message
            dialling = self._changed(promise, state="dialling", attempts=promise.attempts + 1)
            self._promises[promise.id] = dialling
            self._tasks.create_task(self._try(trial), name=f"callback {call}")
        elif isinstance(message, TurnedAway):
            self._trials.pop(call)
            self._promises[promise.id] = self._changed(promise, next_at=self._clock.now() + TURNED_AWAY_S)
        elif isinstance(message, Reclassified):
            self._promises[promise.id] = self._changed(promise, request=message.request)
        return True

    def entered(self, event: CallEntered) -> tuple[CallRecord, Callable[[Session], Awaitable[None]]] | None:
        """The called person answered: what the session begins with; None: no call of ours."""
        trial = self._trials.get(event.call)
        promise = self._promises.get(trial.callback) if trial is not None else None
        if trial is None or promise is None or trial.attempt is None:
            return None
        trial.entered = True
        trial.over.set()
        self._promises[promise.id] = self._changed(promise, state="talking")
        now = self._clock.now()
        record = CallRecord(
            id=event.call,
            channel=event.channel,
            caller=promise.number,
            called=promise.called,
            started_at=trial.attempt.started_at,
            direction="outbound",
            client=promise.client,
            language=Language(promise.language),
            queue=promise.request.queue,
            answered_at=now,
            queued_at=now,
        )
        assigned, trial.assigned = trial.assigned, None
        return record, lambda session: greet(session, promise.request, promise.entered_at, assigned)

    def channel_answered(self, channel: ChannelId) -> None:
        """Nothing to do: who answers a callback enters in the same moment."""

    def channel_ended(self, channel: ChannelId, cause: int) -> None:
        """A channel that no session knows is gone: perhaps the one we dialled."""
        trial = self._trials.get(CallId(channel))
        if trial is not None and not trial.entered and trial.attempt is not None:
            self._finish(trial, outcome_of(cause))

    def call_ended(self, record: CallRecord) -> None:
        """The session of a call that began with a callback is over."""
        trial = self._trials.get(record.id)
        if trial is not None:
            self._finish(trial, "abandoned" if record.connected_at is None else "answered")

    # --- one attempt ------------------------------------------------------------------------------------

    async def _try(self, trial: Trial) -> None:
        """An operator is reserved: write the attempt, dial, and see that it ends."""
        promise, now = self._promises[trial.callback], self._clock.now()
        rules = self._rules(promise.request.queue) or Rules()
        attempt = Attempt(trial.id, promise.id, promise.attempts, now, promise.client)
        try:
            await self._book.begin_attempt(promise, attempt)
        except Exception as error:  # noqa: BLE001 - not on disk: not dialled
            log.error("callback.attempt_not_stored", callback=promise.id, error=str(error)[:300])  # noqa: TRY400
            again = self._changed(promise, state="waiting", next_at=now + rules.spacing_s)
            self._promises[promise.id] = again
            self._release(trial)
            self._trials.pop(trial.id, None)
            return
        trial.attempt = attempt
        log.info("callback.dialling", callback=promise.id, attempt=attempt.number)
        channel = ChannelId(trial.id)
        outcome = await self._telephony.dial(
            channel,
            promise.number,
            call=trial.id,
            client=promise.client,
            shows=promise.called,
            ring_s=rules.ring_s,
        )
        if outcome in {Outcome.REFUSED, Outcome.GONE}:
            self._finish(trial, "failed")
        else:
            await self._see_to(trial, rules.ring_s)

    async def _see_to(self, trial: Trial, ring_s: float) -> None:
        """No attempt stays open: one whose end was not told is asked for, then cut off."""
        for patience_s in (ring_s + GRACE_S, GRACE_S, GRACE_S):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await trial.over.wait()
                return
            if await self._telephony.exists(ChannelId(trial.id)) is False:
                break
            await self._telephony.hang_up(ChannelId(trial.id), 16)
        if not trial.over.is_set():
            self._finish(trial, "lost")

    def _finish(self, trial: Trial, outcome: AttemptOutcome) -> None:
        """The attempt is over: done, to be tried again, or given up."""
        if self._trials.pop(trial.id, None) is None or trial.attempt is None:
            return
        trial.over.set()
        self._release(trial)
        now, promise = self._clock.now(), self._promises[trial.callback]
        rules = self._rules(promise.request.queue) or Rules()
        state: CallbackState = "waiting" if promise.attempts < rules.tries else "failed"
        if outcome == "answered":
            state = "done"
        promise = self._changed(promise, state=state, outcome=outcome, next_at=now + rules.spacing_s)
        attempt = msgspec.structs.replace(trial.attempt, ended_at=now, outcome=outcome)
        self._promises[promise.id] = promise
        if state != "waiting":
            self._promises.pop(promise.id)
        self._tell(promise, CallbackTried(promise.id, attempt.number, outcome))
        log.info("callback.tried", callback=promise.id, attempt=attempt.number, outcome=outcome, state=state)
        self._tasks.create_task(self._store_end(promise, attempt), name=f"callback end {trial.id}")

    async def _store_end(self, promise: Callback, attempt: Attempt) -> None:
        """Until it is written; a newer state of the promise is not written over."""
        while True:
            latest = self._promises.get(promise.id, promise)
            try:
                await self._book.end_attempt(latest, attempt)
            except Exception as error:  # noqa: BLE001 - the store is away: again
                log.warning("callback.end_not_stored", callback=promise.id, error=str(error)[:300])
                await asyncio.sleep(TICK_S)
            else:
                return

    def _release(self, trial: Trial) -> None:
        """Give the reserved operator back; nobody of ours waits any more."""
        assigned, trial.assigned = trial.assigned, None
        if assigned is not None:
            self._dispatcher.failed(assigned.offer, "caller_gone")
        else:
            self._dispatcher.leave(trial.id)

    # --- after a restart --------------------------------------------------------------------------------

    def pbx_seen(self) -> None:
        """The PBX is seen (again), and its calls are known."""
        self._seen += 1

    async def _reconcile(self) -> None:
        """Attempts that were under way are found on the PBX, in the store, or lost."""
        for attempt in await self._book.open_attempts():
            trial = self._trials.get(attempt.id)
            if trial is None and attempt.callback in self._promises:
                trial = self._trials[attempt.id] = Trial(attempt.id, attempt.callback, None, attempt)
            if trial is None or trial.attempt is None:
                continue
            trial.entered = self._live(attempt.id)
            if not trial.entered and await self._telephony.exists(ChannelId(attempt.id)) is False:
                record = await self._book.call(attempt.id)
                served = record is not None and record.connected_at is not None
                self._finish(trial, "answered" if served else "lost" if record is None else "abandoned")
            elif not trial.entered:
                self._tasks.create_task(self._see_to(trial, Rules().ring_s), name=f"callback {attempt.id}")
        self._reconciled = True

    def _changed(self, promise: Callback, **changes: object) -> Callback:
        return msgspec.structs.replace(promise, changed_at=self._clock.now(), **changes)

    def _tell(self, promise: Callback, fact: CallbackPromised | CallbackTried) -> None:
        self._journal.put_facts([Stamped(self._clock.now(), fact, promise.call, promise.client)])
