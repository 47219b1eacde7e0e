"""What operators dial themselves: outside numbers under the rules (P10), and each other.

An outside call is judged before anything rings: who may, whom (toll gate, do-not-call list), when (the called
party's clock). Then it is a call like any other: recorded by policy, with wrap-up and form of its queue. A
refusal is spoken. Without the store nobody is called, because the do-not-call list cannot be asked.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec.structs
import phonenumbers
import structlog
from phonenumbers import timezone as zones

from ari_app.calls import recording
from ari_app.calls.last_words import say_and_end
from ari_app.calls.placing import Begin
from ari_app.calls.timers import BEAT, BEAT_S, GUARD, GUARD_S
from ari_app.calls.toll import Allowed, Refused, TollGate
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned, DispatchMessage
from ari_app.dispatch.presence import ON_A_CALL, Presence
from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.facts import CallConnected, CallRefused, CallStarted
from ari_app.model.ids import CallId, ChannelId, ClientId, Language, OperatorId
from ari_app.model.queue import Queue
from ari_app.model.signals import AnySignal, OutsideConnected, PlaybackFinished, TransferEnded
from ari_app.model.telephony import CallEntered
from ari_app.pacing.calling_hours import CallingHours, may_call
from ari_app.ports import Clock, IllegalTransition, Outcome, Telephony

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

DNC_S = 1.0
"""The list answers within this time, or the call is refused."""
PHONE_RING_S = 20.0
"""How long an operator's own phone rings after a click."""
MAX_TALK_S = 7200.0
PROMPTS = {"busy": "transfer/busy", "no_answer": "transfer/no-answer", "unreachable": "transfer/no-answer"}


@dataclass(frozen=True, slots=True)
class OwnRules:
    """What the site says of calls that operators place; minutes are of the called party's day."""

    first_minute: int
    until_minute: int
    shows: str
    queue: Queue
    """Whose wrap-up, form and recording apply."""
    ring_s: float
    emergency: frozenset[str]


@dataclass(frozen=True, slots=True)
class No:
    """Why a number is not called: `prompt` for the phone, `text` for the screen."""

    prompt: str
    reason: str
    text: str


class OperatorCalls:
    """A `Placer`, and the script of the calls it begins."""

    def __init__(
        self,
        *,
        telephony: Telephony,
        dispatcher: Dispatcher,
        gate: TollGate,
        on_dnc: Callable[[ClientId, str], Awaitable[bool]],
        clock: Clock,
        rules: Callable[[], OwnRules],
        trunk: str,
    ) -> None:
        self._telephony = telephony
        self._dispatcher = dispatcher
        self._gate = gate
        self._on_dnc = on_dnc
        self._clock = clock
        self._rules = rules
        self._trunk = trunk
        self._taken: dict[CallId, Assigned] = {}
        """Operators whose outside call rings and was not answered yet."""

    # --- by click -----------------------------------------------------------------------------------------

    async def click(self, operator: OperatorId, number: str, *, by: str) -> CallId:
        """Ring the operator's phone; picked up, it dials. Raises `NotFound`, `IllegalTransition`."""
        presence = self._dispatcher.presence(operator)
        if presence.state in ON_A_CALL or presence.own_calls:
            raise IllegalTransition(f"operator {operator} is on a call")
        call = CallId(str(uuid.uuid4()))
        verdict = await self._judge(call, presence, number)
        if isinstance(verdict, No):
            raise IllegalTransition(verdict.text)
        self._gate.ended(call, 0.0, self._clock.now())  # judged anew once the operator picked up
        channel = ChannelId(call)
        self._dispatcher.act(operator, lambda one, now: one.took_phone(channel, now))
        log.info("operator.clicked_to_call", operator=operator, call_id=call, by=by)
        client = presence.operator.client
        rung = await self._telephony.ring_phone(
            channel, operator, verdict.number, call=call, client=client, ring_s=PHONE_RING_S
        )
        if rung in {Outcome.REFUSED, Outcome.GONE}:
            self._dispatcher.act(operator, lambda one, now: one.put_phone_down(channel, now))
            raise IllegalTransition(f"the phone of operator {operator} cannot be rung")
        return call

    # --- as a placer --------------------------------------------------------------------------------------

    def deliver(self, call: CallId, message: DispatchMessage) -> bool:
        del call, message
        return False

    def entered(self, event: CallEntered) -> tuple[CallRecord, Begin] | None:
        if event.direction not in {"outgoing", "internal"}:
            return None
        presence = self._dispatcher.operators.get(event.operator or OperatorId(""))
        outside = event.direction == "outgoing"
        record = CallRecord(
            id=event.call,
            channel=event.channel,
            caller=event.operator or event.caller,
            called=event.called,
            started_at=self._clock.now(),
            direction="outbound" if outside else "internal",
            operator=event.operator,
        )
        if presence is None:
            return record, lambda session: self._refused(session, No("codes/not-signed-in", "nobody", ""))
        known = presence
        record = _of(record, presence)
        begin = self._dial_outside if outside else self._dial_inside
        return record, lambda session: begin(session, known)

    def channel_answered(self, channel: ChannelId) -> None: ...

    def channel_ended(self, channel: ChannelId, cause: int) -> None: ...

    def call_ended(self, record: CallRecord) -> None:
        """Money is counted; an operator whose call came to nothing is as he was."""
        self._gate.ended(record.id, record.talk_s or 0.0, self._clock.now())
        self._let_go(record.id)

    # --- as a script --------------------------------------------------------------------------------------

    async def receive(self, session: Session, signal: AnySignal) -> None:
        match signal:
            case OutsideConnected():
                self._connected(session)
            case TransferEnded(outcome="answered"):
                await self._telephony.hang_up(session.record.channel, 16)
            case TransferEnded(outcome=outcome):
                self._let_go(session.record.id)
                await self._speak(session, PROMPTS.get(outcome, "transfer/failed"))
            case PlaybackFinished():
                await self._telephony.hang_up(session.record.channel, 16)
            case _:
                pass

    async def _dial_outside(self, session: Session, presence: Presence) -> None:
        record, rules = session.record, self._rules()
        _begin(session, self)
        verdict = await self._judge(record.id, presence, record.called)
        if isinstance(verdict, No):
            await self._refused(session, verdict)
            return
        try:
            taken = self._dispatcher.take(presence.operator.id, record.id, rules.queue, record.client)
        except IllegalTransition as busy:
            await self._refused(session, No("codes/not-allowed-now", "busy", str(busy)))
            return
        self._taken[record.id] = taken
        session.set(queue=rules.queue.id, called=verdict.number)
        recorded = await recording.before_offer(session, from_operator=True)
        await self._telephony.show_as(record.channel, rules.shows or presence.operator.id)
        await self._send(session, verdict.number, rules.ring_s, verdict.longest_s, recorded=recorded)

    async def _dial_inside(self, session: Session, presence: Presence) -> None:
        """Operators call each other without the router; both are busy for it meanwhile."""
        _begin(session, self)
        other = self._dispatcher.operators.get(OperatorId(session.record.called))
        if other is None or other.operator.client != presence.operator.client:
            await self._refused(session, No("transfer/number-unknown", "unknown", ""))
        elif other.state in ON_A_CALL or other.own_calls:
            await self._refused(session, No("transfer/busy", "busy", ""))
        else:
            await self._send(session, other.operator.id, self._rules().ring_s, MAX_TALK_S, outside=False)

    async def _send(
        self,
        session: Session,
        target: str,
        ring_s: float,
        longest_s: float,
        *,
        outside: bool = True,
        recorded: bool = False,
    ) -> None:
        session.set(phase=Phase.TRANSFERRING)
        session.mark = FinalState.NO_ANSWER
        session.write()
        outcome = await self._telephony.transfer(
            session.record.channel,
            target,
            ring_s=ring_s,
            max_talk_s=longest_s,
            outside=outside,
            record=recorded,
        )
        session.timers.start(GUARD, ring_s + GUARD_S)
        if outcome is Outcome.REFUSED:
            session.set(phase=Phase.FLOW)
            session.later(TransferEnded("failed"))

    def _connected(self, session: Session) -> None:
        taken = self._taken.pop(session.record.id, None)
        if taken is None or session.record.phase is not Phase.TRANSFERRING:
            return
        now = session.now()
        session.offer, session.leg_since = taken, now
        session.set(phase=Phase.TALKING, connected_at=now, answered_at=now)
        session.tell(CallConnected(taken.operator))
        recording.talk_began(session)

    async def _refused(self, session: Session, no: No) -> None:
        session.tell(CallRefused(no.reason, no.text))
        log.info("operator.call_refused", operator=session.record.operator, reason=no.reason)
        session.mark = FinalState.REJECTED
        session.script = self
        await self._speak(session, no.prompt)

    async def _speak(self, session: Session, prompt: str) -> None:
        presence = self._dispatcher.operators.get(session.record.operator or OperatorId(""))
        language = "pt-BR" if presence is None else presence.operator.language
        await say_and_end(session, prompt, Language(language))

    # --- the rules ----------------------------------------------------------------------------------------

    async def _judge(self, call: CallId, presence: Presence, dialled: str) -> Allowed | No:
        if not presence.signed_in:
            return No("codes/not-signed-in", "signed_out", "sign in before calling outside")
        operator, rules = presence.operator, self._rules()
        verdict = self._gate.ask(call, dialled, self._clock.now(), operator=operator.id, trunk=self._trunk)
        if isinstance(verdict, Refused):
            return No("transfer/not-allowed", verdict.reason.value, verdict.text)
        if verdict.number in rules.emergency:
            return verdict
        no = self._out_of_hours(verdict.number, rules) or await self._on_list(operator.client, verdict.number)
        if no is None:
            return verdict
        self._gate.ended(call, 0.0, self._clock.now())
        return no

    def _out_of_hours(self, number: str, rules: OwnRules) -> No | None:
        span = ((rules.first_minute, rules.until_minute),)
        hours = CallingHours(dict.fromkeys(range(1, 8), span), span)
        there = zones.time_zones_for_number(phonenumbers.parse(number))
        found = may_call(hours, self._clock.now(), there, clock_trusted=True)
        text = f"{number} is outside the calling hours"
        return None if found.open else No("codes/not-allowed-now", "hours", text)

    async def _on_list(self, client: ClientId, number: str) -> No | None:
        try:
            async with asyncio.timeout(DNC_S):
                listed = await self._on_dnc(client, number)
        except Exception as error:  # noqa: BLE001 - not asked is not allowed
            log.warning("operator.dnc_not_asked", error=str(error)[:200])
            return No("codes/try-again-later", "store", "the do-not-call list cannot be asked now")
        return No("transfer/not-allowed", "dnc", f"{number} is on the do-not-call list") if listed else None

    def _let_go(self, call: CallId) -> None:
        taken = self._taken.pop(call, None)
        if taken is not None:
            self._dispatcher.failed(taken.offer, "caller_gone")


def _begin(session: Session, script: OperatorCalls) -> None:
    record = session.record
    session.script = script
    session.tell(CallStarted(record.caller, record.called, record.direction))
    session.timers.start(BEAT, BEAT_S)


def _of(record: CallRecord, presence: Presence) -> CallRecord:
    operator = presence.operator
    return msgspec.structs.replace(record, client=operator.client, language=Language(operator.language))
