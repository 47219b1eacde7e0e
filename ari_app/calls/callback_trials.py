"""The attempts to keep promises to call back: from the reserved operator to the end, dialled at most once.

The id of an attempt is the id of its channel and of its call. It is on disk before the caller is dialled;
what became of it while we were away is asked of PBX and store.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec.structs
import structlog

from ari_app.calls.callback_rules import CallbackBook, Rules, outcome_of
from ari_app.calls.callback_scripts import Accept, OperatorFirst
from ari_app.calls.callback_toll import RESTS_S, CallbackToll
from ari_app.calls.greeting import greet
from ari_app.calls.placing import Begin
from ari_app.calls.toll import Refused
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned
from ari_app.model.call import CallRecord
from ari_app.model.facts import CallbackPromised, CallbackTried, OfferOutcome
from ari_app.model.ids import CallbackId, CallId, ChannelId, Language, QueueId
from ari_app.model.telephony import CallEntered
from ari_app.model.work import Attempt, AttemptOutcome, Callback, CallbackState
from ari_app.ports import Clock, Journal, Outcome, Stamped, Telephony

log = structlog.get_logger()

TICK_S = 0.5
GRACE_S = 10.0
"""After the ring time an attempt's end should have been told by now: ask."""


@dataclass(slots=True)
class Trial:
    """An attempt from its entering the line to its end."""

    id: CallId
    callback: CallbackId
    assigned: Assigned | None = None
    attempt: Attempt | None = None
    entered: bool = False
    operator_first: bool = False
    refused: bool = False
    """Whoever answered does not want the call any more."""
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Trials:
    """Owns the attempts; `promises` are those not kept yet, which it changes as attempts go."""

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
        self._book = book
        self._telephony = telephony
        self._dispatcher = dispatcher
        self._journal = journal
        self._clock = clock
        self._rules_of = rules
        self._live = live
        self._toll = toll
        self.promises: dict[CallbackId, Callback] = {}
        self.open: dict[CallId, Trial] = {}
        self._scripts: dict[CallId, OperatorFirst] = {}
        """Of calls whose operator picked up, until they end: the attempt may be over before."""
        self.tasks: asyncio.TaskGroup

    def of(self, ident: CallbackId) -> Trial | None:
        """The attempt that is in line, or under way, for a promise."""
        return next((trial for trial in self.open.values() if trial.callback == ident), None)

    def rules(self, promise: Callback) -> Rules:
        """How the queue of a promise calls back."""
        return self._rules_of(promise.request.queue) or Rules()

    def changed(self, promise: Callback, **changes: object) -> Callback:
        """The promise as it is from now on; the caller of this keeps it."""
        return msgspec.structs.replace(promise, changed_at=self._clock.now(), **changes)

    def tell(self, promise: Callback, fact: CallbackPromised | CallbackTried) -> None:
        """Write a fact down under the call in which it was promised."""
        self._journal.put_facts([Stamped(self._clock.now(), fact, promise.call, promise.client)])

    # --- beginning --------------------------------------------------------------------------------------

    def assigned(self, trial: Trial, assigned: Assigned) -> None:
        """An operator is reserved for it: whoever is first is rung."""
        promise = self.promises[trial.callback]
        trial.assigned = assigned
        self.promises[promise.id] = self.changed(promise, state="dialling")
        trial.operator_first = self.rules(promise).first == "operator"
        begin = self._ring_operator if trial.operator_first else self._ring_caller
        self.tasks.create_task(begin(trial, promise), name=f"callback {trial.id}")

    async def _ring_caller(self, trial: Trial, promise: Callback) -> None:
        """Write the attempt, dial, and see that it ends."""
        number = await self._may_dial(trial)
        if number is None:
            return
        rules = self.rules(promise)
        outcome = await self._telephony.dial(
            ChannelId(trial.id),
            number,
            call=trial.id,
            client=promise.client,
            shows=promise.called,
            ring_s=rules.ring_s,
        )
        if outcome in {Outcome.REFUSED, Outcome.GONE}:
            self.finish(trial, "failed")
        else:
            await self._see_to(trial, rules.ring_s)

    async def _ring_operator(self, trial: Trial, promise: Callback) -> None:
        """No attempt begins before he picked up; one who does not has missed an offer like any other."""
        assigned = trial.assigned
        if assigned is None:
            return
        self._dispatcher.ringing(assigned.offer)
        outcome = await self._telephony.ring_operator(
            ChannelId(trial.id),
            assigned.operator,
            call=trial.id,
            client=promise.client,
            shows=promise.number,
            ring_s=assigned.queue.ring_s,
        )
        if outcome in {Outcome.REFUSED, Outcome.GONE}:
            self._operator_missed(trial, "phone_error")
        else:
            await self._see_to(trial, assigned.queue.ring_s)

    async def _may_dial(self, trial: Trial) -> str | None:
        """The number, once the gate allowed it and the attempt is on disk; else nobody is dialled."""
        promise = self.promises[trial.callback]
        verdict = self._toll.ask(trial.id, promise.number)
        if isinstance(verdict, Refused) and (rests_s := RESTS_S.get(verdict.reason)) is not None:
            self._put_off(trial, rests_s)
        elif await self._write(trial):
            if not isinstance(verdict, Refused):
                return verdict.number if promise.number.startswith("+") else verdict.number.removeprefix("+")
            self.finish(trial, "failed")
        return None

    def _put_off(self, trial: Trial, seconds: float) -> None:
        """Nobody was dialled and no try is used up: again later."""
        promise = self.promises[trial.callback]
        self.promises[promise.id] = self.changed(
            promise, state="waiting", next_at=self._clock.now() + seconds
        )
        self._toll.over(trial.id)
        self.release(trial)
        self.open.pop(trial.id, None)

    async def _write(self, trial: Trial) -> bool:
        """Whether the attempt is on disk now; else it is tried again later."""
        promise, now = self.promises[trial.callback], self._clock.now()
        promise = self.changed(promise, attempts=promise.attempts + 1)
        attempt = Attempt(trial.id, promise.id, promise.attempts, now, promise.client)
        try:
            await self._book.begin_attempt(promise, attempt)
        except Exception as error:  # noqa: BLE001 - not on disk: not dialled
            log.error("callback.attempt_not_stored", callback=promise.id, error=str(error)[:300])  # noqa: TRY400
            self._put_off(trial, self.rules(promise).spacing_s)
            return False
        self.promises[promise.id], trial.attempt = promise, attempt
        log.info("callback.dialling", callback=promise.id, attempt=attempt.number)
        return True

    async def _see_to(self, trial: Trial, ring_s: float) -> None:
        """No attempt stays open: one whose end was not told is asked for, then cut off."""
        over = trial.over
        for patience_s in (ring_s + GRACE_S, GRACE_S, GRACE_S):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await over.wait()
                return
            if await self._telephony.exists(ChannelId(trial.id)) is False:
                break
            await self._telephony.hang_up(ChannelId(trial.id), 16)
        if over.is_set():
            return
        if trial.attempt is None:
            self._operator_missed(trial, "phone_error")
        else:
            self.finish(trial, "lost")

    # --- what the telephone tells -----------------------------------------------------------------------

    def entered(self, event: CallEntered) -> tuple[CallRecord, Begin] | None:
        """Whoever was rung first answered: what the session begins with; None: no call of ours."""
        trial = self.open.get(event.call)
        promise = self.promises.get(trial.callback) if trial is not None else None
        if trial is None or promise is None or (trial.attempt is None and trial.assigned is None):
            return None
        trial.entered = True
        trial.over.set()
        self.promises[promise.id] = self.changed(promise, state="talking")
        now = self._clock.now()
        record = CallRecord(
            id=event.call,
            channel=event.channel,
            caller=promise.number,
            called=promise.called,
            started_at=now if trial.attempt is None else trial.attempt.started_at,
            direction="outbound",
            client=promise.client,
            language=Language(promise.language),
            queue=promise.request.queue,
            queued_at=now,
        )
        rules = self.rules(promise)
        if trial.operator_first and trial.assigned is not None:
            assigned, trial.assigned = trial.assigned, None
            may_dial = functools.partial(self._may_dial, trial)
            script = OperatorFirst(promise, assigned, self._dispatcher, rules.ring_s, may_dial, self._toll)
            self._scripts[trial.id] = script
            return msgspec.structs.replace(record, operator=assigned.operator, offered_at=now), script.begin
        record = msgspec.structs.replace(record, answered_at=now)
        if rules.accept:
            accept = Accept(promise, functools.partial(_take, trial), functools.partial(_refuse, trial))
            return record, self._toll.timed(accept.begin)
        taken = _take(trial)
        return record, self._toll.timed(
            lambda session: greet(session, promise.request, promise.entered_at, taken)
        )

    def channel_ended(self, channel: ChannelId, cause: int) -> None:
        """A channel that no session knows is gone: perhaps the one we rang."""
        trial = self.open.get(CallId(channel))
        if trial is None or trial.entered:
            return
        if trial.attempt is not None:
            self.finish(trial, outcome_of(cause))
        elif trial.assigned is not None:
            missed = {"busy": "busy", "rejected": "rejected", "no_answer": "missed"}
            self._operator_missed(trial, missed.get(outcome_of(cause), "unreachable"))  # type: ignore[arg-type]

    def _operator_missed(self, trial: Trial, outcome: OfferOutcome) -> None:
        """Nobody was called: the promise stays in line for the next operator."""
        trial.over.set()
        trial.over = asyncio.Event()
        promise = self.promises.get(trial.callback)
        if promise is not None:
            self.promises[promise.id] = self.changed(promise, state="waiting")
        assigned = _take(trial)
        if assigned is not None:
            self._dispatcher.failed(assigned.offer, outcome)

    def call_ended(self, record: CallRecord) -> None:
        """The session of a call that began with a callback is over."""
        script, trial = self._scripts.pop(record.id, None), self.open.get(record.id)
        if script is not None:
            script.over()
        if trial is None:
            return
        self._toll.over(trial.id, record)
        talked = record.connected_at is not None
        if trial.refused:
            self.finish(trial, "refused")
        elif talked or script is None:
            self.finish(trial, "answered" if talked else "abandoned")
        else:
            self.finish(trial, script.outcome)

    # --- the end ----------------------------------------------------------------------------------------

    def finish(self, trial: Trial, outcome: AttemptOutcome) -> None:
        """The attempt is over: done, to be tried again, or given up."""
        if self.open.pop(trial.id, None) is None:
            return
        if trial.attempt is None:  # the operator put down before anybody was dialled
            self._put_off(trial, self.rules(self.promises[trial.callback]).spacing_s)
            return
        self._toll.over(trial.id)
        trial.over.set()
        self.release(trial)
        now, promise = self._clock.now(), self.promises[trial.callback]
        rules = self.rules(promise)
        state: CallbackState = "waiting" if promise.attempts < rules.tries else "failed"
        if outcome == "answered":
            state = "done"
        elif outcome == "refused":
            state = "cancelled"
        promise = self.changed(promise, state=state, outcome=outcome, next_at=now + rules.spacing_s)
        attempt = msgspec.structs.replace(trial.attempt, ended_at=now, outcome=outcome)
        self.promises[promise.id] = promise
        if state != "waiting":
            self.promises.pop(promise.id)
        self.tell(promise, CallbackTried(promise.id, attempt.number, outcome))
        log.info("callback.tried", callback=promise.id, attempt=attempt.number, outcome=outcome, state=state)
        self.tasks.create_task(self._store_end(promise, attempt), name=f"callback end {trial.id}")

    async def _store_end(self, promise: Callback, attempt: Attempt) -> None:
        """Until it is written; a newer state of the promise is not written over."""
        while True:
            latest = self.promises.get(promise.id, promise)
            try:
                await self._book.end_attempt(latest, attempt)
            except Exception as error:  # noqa: BLE001 - the store is away: again
                log.warning("callback.end_not_stored", callback=promise.id, error=str(error)[:300])
                await asyncio.sleep(TICK_S)
            else:
                return

    def release(self, trial: Trial) -> None:
        """Give the reserved operator back; nobody of ours waits any more."""
        assigned, trial.assigned = trial.assigned, None
        if assigned is not None:
            self._dispatcher.failed(assigned.offer, "caller_gone")
        self._dispatcher.leave(trial.id)

    # --- after a restart --------------------------------------------------------------------------------

    async def load(self) -> list[Attempt]:
        """Attempts of a former life are known from here on; all that are under way."""
        attempts = await self._book.open_attempts()
        for attempt in attempts:
            if attempt.id not in self.open and attempt.callback in self.promises:
                self.open[attempt.id] = Trial(attempt.id, attempt.callback, None, attempt)
        return attempts

    async def reconcile(self) -> None:
        """Attempts that were under way are found on the PBX, in the store, or lost."""
        for attempt in await self.load():
            trial = self.open.get(attempt.id)
            if trial is None or trial.attempt is None:
                continue
            trial.entered = self._live(attempt.id)
            if not trial.entered and await self._telephony.exists(ChannelId(attempt.id)) is False:
                record = await self._book.call(attempt.id)
                self._toll.over(attempt.id, record)
                served = record is not None and record.connected_at is not None
                self.finish(trial, "answered" if served else "lost" if record is None else "abandoned")
            elif not trial.entered:
                self.tasks.create_task(self._see_to(trial, Rules().ring_s), name=f"callback {attempt.id}")


def _take(trial: Trial) -> Assigned | None:
    """The operator who is reserved, from now on somebody else's to look after."""
    assigned, trial.assigned = trial.assigned, None
    return assigned


def _refuse(trial: Trial) -> None:
    trial.refused = True
