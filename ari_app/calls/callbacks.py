"""Callbacks: the caller hangs up, his place in line stays, and we call when it is his turn (C13).

A promise waits in the routing index as a call with the place of the first one. When an operator is reserved
for it, an attempt begins (`callback_trials`): the caller is dialled, or the operator is rung first. Who
answers is given to that operator, or to the next one, by the same session as any caller.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

import msgspec.structs
import structlog

from ari_app.calls.callback_rules import CallbackBook, Rules
from ari_app.calls.callback_toll import CallbackToll
from ari_app.calls.callback_trials import TICK_S, Trial, Trials
from ari_app.calls.placing import Begin
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned, DispatchMessage, Reclassified, TurnedAway
from ari_app.model.call import CallRecord
from ari_app.model.facts import CallbackPromised
from ari_app.model.ids import CallbackId, CallId, ChannelId, QueueId
from ari_app.model.routing import QueueRequest
from ari_app.model.telephony import CallEntered
from ari_app.model.work import Callback
from ari_app.ports import Clock, IllegalTransition, Journal, NotFound, StoreAway, Telephony

log = structlog.get_logger()

STORE_S = 3.0
"""A caller is not kept waiting longer than this for a promise to reach the disk."""
TURNED_AWAY_S = 60.0
SAME_OPERATOR_S = 120.0
"""Whoever was cut off waits so long for the operator he talked with."""


class Callbacks:
    """Owns all promises. The store is written before the telephone acts."""

    def __init__(  # noqa: PLR0913 - the composition root's
        self,
        *,
        book: CallbackBook,
        telephony: Telephony,
        dispatcher: Dispatcher,
        journal: Journal,
        clock: Clock,
        rules: Callable[[QueueId], Rules | None],
        live: Callable[[CallId], bool],
        toll: CallbackToll,
    ) -> None:
        """`rules` gives None for a queue that calls nobody back; `live`: whether a call has a session."""
        self._book = book
        self._dispatcher = dispatcher
        self._clock = clock
        self._rules = rules
        self._live = live
        self._trials = Trials(
            book=book,
            telephony=telephony,
            dispatcher=dispatcher,
            journal=journal,
            clock=clock,
            rules=rules,
            live=live,
            toll=toll,
        )
        self._toll = toll
        self._promises = self._trials.promises
        self._dropped: dict[CallId, tuple[CallRecord, QueueRequest]] = {}
        """Talks that broke off, until the promise to call back is on disk."""
        self._loaded = False
        self._seen = self._asked = 0
        """How often the PBX came into sight, and up to which time it was asked for our attempts."""
        self._reconciled = False

    # --- promises ---------------------------------------------------------------------------------------

    async def book(self, record: CallRecord, request: QueueRequest, number: str, entered_at: float) -> bool:
        """Promise to call back; True once it is on disk. The same number twice in a queue is one promise."""
        return await self._promise(record, request, number, entered_at) is not None

    async def again(self, record: CallRecord, request: QueueRequest) -> Callback:
        """Call somebody whose line dropped, from his first place, the operator he talked with before others.

        Raises `IllegalTransition` when that queue calls nobody back, or not this number; `StoreAway`.
        """
        rules, number = self._rules(request.queue), record.caller.removeprefix("+")
        if rules is None or not rules.may_call(number):
            raise IllegalTransition(f"queue {request.queue} does not call this number back")
        if refused := self._toll.refuses(number, record.caller):
            raise IllegalTransition(refused)
        place = record.queued_at or record.started_at
        wanted = msgspec.structs.replace(
            request,
            preferred=record.operator,
            preferred_wait_s=self._clock.now() - place + SAME_OPERATOR_S,
            outbound=False,
        )
        made = await self._promise(record, wanted, number, place)
        if made is None:
            raise StoreAway("the promise could not be written: try again")
        return made

    def dropped(self, record: CallRecord, request: QueueRequest) -> None:
        """A talk broke off because a line of ours died: the queue may say that the caller is called back."""
        rules = self._rules(request.queue)
        if rules is not None and rules.dropped and record.direction == "inbound":
            self._dropped[record.id] = (record, request)

    async def _promise(
        self, record: CallRecord, request: QueueRequest, number: str, entered_at: float
    ) -> Callback | None:
        rules = self._rules(request.queue)
        if rules is None or not rules.may_call(number) or self._toll.refuses(number, record.caller):
            log.info("callback.refused", call_id=record.id, queue=request.queue)
            return None
        for known in self._promises.values():
            if known.number == number and known.request.queue == request.queue:
                return known
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
            return None
        self._promises[promise.id] = promise
        self._trials.tell(promise, CallbackPromised(promise.id, request.queue))
        log.info("callback.promised", call_id=record.id, queue=request.queue)
        return promise

    async def cancel(self, ident: CallbackId) -> Callback:
        """Take a promise back. Raises `NotFound`, `IllegalTransition` while it is being dialled."""
        promise = self._promises.get(ident)
        if promise is None:
            raise NotFound(f"callback {ident} is not waiting")
        if promise.state != "waiting":
            raise IllegalTransition(f"callback {ident} is {promise.state}")
        self._withdraw(ident)
        self._promises.pop(ident)
        cancelled = self._trials.changed(promise, state="cancelled")
        await self._book.put_callback(cancelled)
        return cancelled

    # --- time -------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """What is promised and what was under way; before telephones are listened to, or who answers in the
        first second is a stranger.
        """
        self._promises |= {promise.id: promise for promise in await self._book.open_callbacks()}
        await self._trials.load()
        self._loaded = True

    async def run(self) -> None:
        """Serve until cancelled: whose time has come joins the line, outside the hours everybody leaves."""
        async with asyncio.TaskGroup() as self._trials.tasks:
            while True:
                try:
                    await self._serve()
                except Exception as error:
                    log.exception("callback.fault", error=str(error)[:300])  # the store is away, say: again
                await asyncio.sleep(TICK_S)

    async def _serve(self) -> None:
        """One look at all promises, once they are known and the PBX was asked about those under way."""
        if not self._loaded:
            await self.load()
        if self._asked != self._seen:
            seen = self._seen
            await self._trials.reconcile()
            self._reconciled = True
            self._asked = seen
        await self._promise_dropped()
        if self._reconciled:
            for promise in list(self._promises.values()):
                self._look(promise, self._clock.now())

    async def _promise_dropped(self) -> None:
        for call, (record, request) in list(self._dropped.items()):
            try:
                await self.again(record, request)
            except IllegalTransition as refusal:
                log.info("callback.refused", call_id=call, reason=str(refusal))
            except StoreAway:
                continue  # until it is back
            del self._dropped[call]

    def _look(self, promise: Callback, now: float) -> None:
        if promise.state != "waiting":
            return
        rules = self._rules(promise.request.queue) or Rules()
        if rules.opens_at(now) > now:
            self._withdraw(promise.id)
        elif now >= promise.next_at and not self._trials.of(promise.id) and not self._live(promise.call):
            trial = Trial(CallId(f"{promise.id}-{promise.attempts + 1}"), promise.id)
            self._trials.open[trial.id] = trial
            self._dispatcher.enqueue(trial.id, promise.request, promise.entered_at, patient=True)

    def _withdraw(self, ident: CallbackId) -> None:
        """Out of the line, if in it; what is being dialled goes on."""
        trial = self._trials.of(ident)
        if trial is not None and trial.assigned is None:
            self._trials.open.pop(trial.id)
            self._dispatcher.leave(trial.id)

    # --- what the dispatcher and the telephone tell -----------------------------------------------------

    def deliver(self, call: CallId, message: DispatchMessage) -> bool:
        """Whether the message was for an attempt of ours."""
        trial = self._trials.open.get(call)
        if trial is None or trial.assigned is not None or trial.entered:
            return False
        promise = self._promises[trial.callback]
        if isinstance(message, Assigned):
            self._trials.assigned(trial, message)
        elif isinstance(message, TurnedAway):
            self._trials.open.pop(call)
            later = self._trials.changed(promise, state="waiting", next_at=self._clock.now() + TURNED_AWAY_S)
            self._promises[promise.id] = later
        elif isinstance(message, Reclassified):
            self._promises[promise.id] = self._trials.changed(promise, request=message.request)
        return True

    def entered(self, event: CallEntered) -> tuple[CallRecord, Begin] | None:
        """Whoever was rung first answered: what the session begins with; None: no call of ours."""
        return self._trials.entered(event)

    def channel_answered(self, channel: ChannelId) -> None:
        """Nothing to do: who answers a callback enters in the same moment."""

    def channel_ended(self, channel: ChannelId, cause: int) -> None:
        """A channel that no session knows is gone: perhaps the one we rang."""
        self._trials.channel_ended(channel, cause)

    def call_ended(self, record: CallRecord) -> None:
        """The session of a call that began with a callback is over."""
        self._trials.call_ended(record)

    def pbx_seen(self) -> None:
        """The PBX is seen (again), and its calls are known."""
        self._seen += 1
