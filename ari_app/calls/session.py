"""One live call: its mailbox, its record, its flow; the only writer of all three.

The exchange puts telephone events and the dispatcher's messages into the mailbox; the session's task turns
them into the flow's signals, performs the commands that come back, and writes record, state and facts in one
go before it waits again. A fault of ours is caught at the top: the caller is handed to the dialplan's queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import msgspec.structs
import structlog

from ari_app.calls import (
    asks,
    detour,
    ending,
    outside,
    parking,
    recording,
    rejoining,
    resume,
    rooms,
    sounding,
    taken,
    talk,
)
from ari_app.calls.mailbox import Mailbox
from ari_app.calls.messages import Admit, Asked, Found, Message, RecordingAsked, SignalReady, TimerDue
from ari_app.calls.perform import perform
from ari_app.calls.placing import Script
from ari_app.calls.rehearsal import Rehearsal
from ari_app.calls.room import Room
from ari_app.calls.services import Services
from ari_app.calls.snapshot import Snapshot, encode
from ari_app.calls.timers import BEAT, BEAT_S, GONE_S, GUARD, PARK, PULL, Timers
from ari_app.dispatch.messages import Announced, Assigned, DispatchMessage, Reclassified, TurnedAway
from ari_app.flow import engine
from ari_app.flow.book import FlowBook
from ari_app.flow.state import State
from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.commands import Command
from ari_app.model.facts import (
    CallDequeued,
    CallStarted,
    DigitPressed,
    Fact,
    FlowEntered,
    OfferOutcome,
    SessionFault,
)
from ari_app.model.ids import ChannelId, FlowId, OfferId, OperatorId, PlaybackId
from ari_app.model.recording import RecordingLeg, Tape
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallerHungUp,
    DigitReceived,
    MessageRecorded,
    OutsideConnected,
    PlaybackFinished,
    QueueAnnounced,
    QueueRefused,
    TimerFired,
)
from ari_app.model.telephony import (
    CallEntered,
    CallReferred,
    CallReturned,
    ChannelDigit,
    ChannelEnded,
    LegJoined,
    LegPulled,
    MessageEnded,
    OperatorHeld,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    OutsideLeg,
    PhoneReachable,
    PlaybackEnded,
)
from ari_app.ports import Outcome, Stamped
from ari_app.tasks import begin_task

log = structlog.get_logger()

LATER_S = 1.0
"""A timer of the flow that is due while a phone rings is looked at again after this long."""
UNHEARD_S = 0.4
"""The end of a channel is told within this time after its playback's."""
UNKNOWN_NUMBER = 1
"""Q.850: unallocated number."""


class Session:
    """A call in our hands. Its helpers (`talk`, `ending`, `resume`, `perform`) are functions over it."""

    def __init__(self, record: CallRecord, services: Services) -> None:
        self.record = record
        self.services = services
        self._began = (services.clock.now(), services.clock.monotonic())
        self.ended_unseen_at: float | None = None
        """When the call ended, as far as can be told, while nobody looked."""
        self.mailbox = Mailbox()
        self.timers = Timers(lambda timer: self.mailbox.put(TimerDue(timer)))
        self.engine: State | None = None
        self.script: Script | None = None
        """What a call that we placed does, where no flow runs."""
        self.rehearsal: Rehearsal | None = None
        """Set while the flow runs in a made-up world."""
        self.request: QueueRequest | None = None
        self.entered_at: float | None = None
        self.offer: Assigned | None = None
        self.legs: tuple[RecordingLeg, ...] = ()
        self.leg: ChannelId | None = None
        """The operator's channel that rings or talks."""
        self.withdrawn: OfferOutcome | None = None
        """Why we cut a ringing phone off ourselves: what the dialplan then tells of it is not the reason."""
        self.leg_since: float | None = None
        """When the present talk began."""
        self.mark: FinalState | None = None
        """What the call will have been when it ends, if the flow decided it (voicemail, callback, …)."""
        self.answered = False
        self.ended = False
        self.tape = Tape()
        """What is recorded of this call; see `calls.recording`."""
        self.sounding = sounding.Sounding()
        self.switch_at = 0.0
        """When the dead-man's switch would go off, on the monotonic clock; 0: not known."""
        self.moved_at = 0.0
        """When the call last came into another phase, on the monotonic clock."""
        self.room: Room | None = None
        """The talk, when it is in an ARI bridge and not in the dialplan."""
        self.pulled: set[ChannelId] = set()
        """Which sides have come out of the dialplan."""
        self.waiting_asks: list[Asked | Admit] = []
        """What was asked for and waits until both sides are in the room."""
        self.detour: detour.Detour | None = None
        """Where the caller was sent, until somebody talks with him."""
        self.tolls: dict[str, float | None] = {}
        """Outside calls that cost money, and since when they are answered."""
        self.slot = ""
        self.parked_by: OperatorId | None = None
        self._facts: list[tuple[float, Fact]] = []
        self._written: tuple[object, ...] = (None,) * 12
        self._errands: set[asyncio.Task[None]] = set()

    # -- the task --------------------------------------------------------------------------------------------

    async def run(self, begin: Callable[[Session], Awaitable[None]]) -> None:
        """Serve the call from its beginning (a new call, or one taken up again) to its end."""
        structlog.contextvars.bind_contextvars(call_id=self.record.id)
        try:
            async with asyncio.TaskGroup() as beside:
                self._beside = beside
                await begin(self)
                while not self.ended:
                    self.write()
                    await self._handle(await self.mailbox.get())
                await rooms.dissolve(self)
                for task in self._errands:
                    task.cancel()
        except Exception as fault:
            log.exception("call.session_fault")
            await self._safe_exit(fault)
        finally:
            self.timers.clear()
            self.write()

    async def start(self, first: CallEntered) -> None:
        """A call that came to us for the first time."""
        sounding.handed_over(self)
        self.tell(CallStarted(first.caller, first.called, first.direction))
        found = self.services.flow_of(first.called)
        if found is None:
            log.info("call.unknown_number", called=first.called)
            self.mark = FinalState.REJECTED
            await self.services.telephony.hang_up(self.record.channel, UNKNOWN_NUMBER)
            return
        name, client, language = first.caller_name, found.client, found.language
        await self.enter(
            found.flow, CallArrived(first.called, first.caller, name, "inbound", client, language)
        )

    async def enter(self, flow: FlowId, arrived: CallArrived) -> None:
        """Begin a flow."""
        self.set(flow=flow, client=arrived.client)
        self.timers.start(BEAT, BEAT_S)
        await self._sprint(engine.start(self.services.book(), flow, arrived, self.now()))

    async def _handle(self, message: Message) -> None:  # noqa: C901, PLR0912 - an arm each
        match message:
            case ChannelDigit(digit=digit):
                if self.detour is None and self.record.phase in {Phase.FLOW, Phase.WAITING}:
                    await self.signal(DigitReceived(digit))  # what is keyed in a talk is nobody's business
            case PlaybackEnded(playback=playback) if own_name(playback).startswith("@"):
                if own_name(playback) == rooms.REASON:
                    await rooms.told(self)
            case PlaybackEnded(playback=playback, failed=failed):
                sounding.over(self, playback)
                if failed:
                    self.beside(self._unheard(playback))
                else:
                    await self.signal(PlaybackFinished(PlaybackId(own_name(playback))))
            case TimerDue(timer=timer):
                await self._timer(timer)
            case Assigned() | TurnedAway() | Announced() | Reclassified():
                await self._dispatched(message)
            case OperatorLegRinging() | OperatorLegAnswered() | OperatorLegEnded() | OperatorHeld():
                await talk.operator_leg(self, message)
            case PhoneReachable():
                await talk.phone_lost(self, message)
            case CallReturned():
                await talk.returned(self, message)
            case ChannelEnded():
                await self._channel_ended(message)
            case Asked() | Admit() | LegPulled() | LegJoined() | OutsideLeg() | CallReferred():
                await self._talked_about(message)
            case MessageEnded(file=file, duration_s=duration_s, failed=failed):
                sounding.over(self, file)
                await self.signal(MessageRecorded(own_name(file), duration_s, failed=failed))
            case SignalReady(signal=signal):
                await self.signal(signal)
            case RecordingAsked():
                await recording.asked(self, message)
            case Found():
                await resume.reconciled(self, message)
            case _:
                log.warning("call.unexpected_message", message=type(message).__name__)

    async def _talked_about(
        self, message: Asked | Admit | LegPulled | LegJoined | OutsideLeg | CallReferred
    ) -> None:
        match message:
            case Asked():
                await asks.asked(self, message)
            case Admit():
                await rooms.admit(self, message)
            case LegPulled():
                await self._pulled(message)
            case LegJoined():
                if not await rejoining.joined(self, message):
                    await rooms.joined(self, message)
            case OutsideLeg() if self.script is not None:
                if message.up and message.channel != self.record.channel:
                    await self.script.receive(self, OutsideConnected())
            case OutsideLeg():
                talk.outside_leg(self, message)
            case CallReferred():
                await detour.referred(self, message)

    async def _unheard(self, playback: str) -> None:
        """A playback fails, too, when the caller hangs up: what failed is told only if he is still there."""
        await asyncio.sleep(UNHEARD_S)
        if await self.services.telephony.exists(self.record.channel) is not False:
            self.later(PlaybackFinished(PlaybackId(own_name(playback)), failed=True))

    async def _timer(self, timer: str) -> None:
        if timer == BEAT and self.engine is not None and self.engine.finished:
            await self.services.telephony.hang_up(self.record.channel, 16)  # the first time was not heard
            await self.renew_now()
        elif timer == BEAT:
            if await self.renew_now() is Outcome.REFUSED and await taken.is_taken(self):
                taken.taken_by_fallback(self)
        elif timer == GUARD:
            await ending.guard(self)
        elif timer == recording.PAUSE:
            await recording.time_is_up(self)
        elif timer.startswith(outside.TOLL):
            await self.services.telephony.hang_up(ChannelId(timer.removeprefix(outside.TOLL)), 16)
        elif timer == PULL:
            await rooms.pull_failed(self)
        elif timer == PARK:
            await parking.overdue(self)
        elif (
            self.record.phase is Phase.OFFERED and self.script is None
        ):  # the caller is not in our hands: what is due waits
            self.timers.start(timer, LATER_S)
        else:
            await self.signal(TimerFired(timer))

    async def _dispatched(self, message: DispatchMessage) -> None:
        match message:
            case Assigned():
                await talk.begin_offer(self, message)
            case TurnedAway():
                await self._turned_away(message)
            case Announced(prompt=prompt):
                if self.record.phase is Phase.WAITING and self.detour is None:
                    await self.signal(QueueAnnounced(prompt))
            case Reclassified(request=request):
                self.request = request if self.request is not None else None

    async def _pulled(self, message: LegPulled) -> None:
        if message.channel != self.record.channel or self.room is not None:
            await rooms.pulled(self, message)
        elif self.detour is not None:
            await detour.arrived(self)
        elif self.record.phase is Phase.PARKED:
            await parking.arrived(self)
        else:
            await talk.came_back_unseen(self)

    async def _turned_away(self, message: TurnedAway) -> None:
        if self.request is not None:
            self.tell(CallDequeued(self.request.queue, message.reason))
        if self.detour is not None:
            self.request = None
            await detour.failed(self, message.reason)
            return
        self.request = None
        self.set(phase=Phase.FLOW)
        await self.signal(QueueRefused(message.reason, message.announcement))

    async def _channel_ended(self, ended: ChannelEnded) -> None:
        if ended.channel != self.record.channel:
            await rooms.left(self, ended)
            return
        await self.signal(CallerHungUp(ended.cause))
        ending.close(self, cause=ended.cause, lost=ended.lost)

    # -- the flow --------------------------------------------------------------------------------------------

    async def signal(self, signal: AnySignal) -> None:
        """Let the flow, or without one the script, go on; signals after a flow's end change nothing."""
        if self.engine is not None and not self.engine.finished:
            sprint = engine.advance(self.book(), self.engine, signal, self.flow_now())
            await self._sprint(sprint)
        elif self.script is not None:
            await self.script.receive(self, signal)

    async def _sprint(self, sprint: engine.Sprint) -> None:
        self.engine = sprint.state
        for fact in sprint.facts:
            self.tell(fact)
            match fact:
                case DigitPressed(digit=digit):
                    self.set(digits=self.record.digits + digit)
                case FlowEntered(flow=flow, version=version) if self.record.flow_version is None:
                    self.set(flow=flow, flow_version=version)
                case _:
                    pass
        if sprint.state.language != self.record.language:
            self.set(language=sprint.state.language)
        await self._perform(sprint.commands)

    async def rehearse(self, sprint: engine.Sprint) -> None:
        """Begin with a flow in a made-up world."""
        self.timers.start(BEAT, BEAT_S)
        await self._sprint(sprint)

    def book(self) -> FlowBook:
        """The flows this call runs by."""
        return self.services.book() if self.rehearsal is None else self.rehearsal.book

    def flow_now(self) -> float:
        """The time that the flow believes in."""
        return self.now() + (0.0 if self.rehearsal is None else self.rehearsal.shift_s)

    async def _perform(self, commands: Sequence[Command]) -> None:
        if self.rehearsal is not None:
            self.rehearsal.moves += len(commands)
            self.rehearsal.wake()
        for command in commands:
            outcome = await perform(self, command)
            if outcome is Outcome.GONE:  # the caller hung up: `ChannelEnded` is on its way, or came too early
                self.timers.start(GUARD, GONE_S)
                return

    # -- what the helpers use --------------------------------------------------------------------------------

    def now(self) -> float:
        """The call's own time: it goes on evenly when the machine's clock is set, so lengths are true."""
        began, then = self._began
        steady = began + self.services.clock.monotonic() - then
        return steady if self.ended_unseen_at is None else self.ended_unseen_at

    def set(self, **changes: object) -> None:
        """Change fields of the record."""
        if "phase" in changes:
            self.moved_at = self.services.clock.monotonic()
        self.record = msgspec.structs.replace(self.record, **changes)

    def tell(self, fact: Fact) -> None:
        """Keep a fact, with its time, for the next write."""
        self._facts.append((self.now(), fact))
        if self.rehearsal is not None:
            self.rehearsal.note(fact, self._facts[-1][0])

    def own_id(self, name: str) -> str:
        """A name of ours on the PBX: playbacks and messages carry the call they belong to."""
        return f"{self.record.id}~{name}"

    def later(self, signal: AnySignal) -> None:
        """Give the flow a signal after what it is doing now."""
        self.mailbox.put(SignalReady(signal))

    def beside(self, errand: Coroutine[None, None, None]) -> None:
        """Run something beside the call; it is cancelled when the call ends."""
        task = begin_task(self._beside, errand, f"beside {self.record.id}")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def renew_now(self) -> Outcome:
        """Reset the dead-man's switch, and go on doing so, while the caller is in our hands."""
        if self.room is not None and self.room.arrived:
            self.timers.start(BEAT, BEAT_S)
            return await rooms.renew(self)
        if self.record.phase not in {Phase.FLOW, Phase.WAITING, Phase.PARKED}:
            return Outcome.DONE
        self.timers.start(BEAT, BEAT_S)
        if sounding.lasts(self):
            return Outcome.DONE
        return await sounding.renew(self)

    def leave_phone_busy(self) -> None:
        """We let go of a call whose operator's phone may ring or talk on: he is not free before it is."""
        offer, leg = self.offer, self.leg
        if self.mailbox.holds(OperatorLegEnded):
            return
        dispatcher = self.services.dispatcher
        if offer is not None and leg is not None and offer.operator in dispatcher.operators:
            dispatcher.act(offer.operator, lambda presence, now: presence.took_phone(leg, now))

    def has(self, operator: OperatorId) -> bool:
        """Whether this operator is rung for the call, or in it."""
        there = self.room.parties if self.room is not None else []
        return operator == self.operator() or any(party.who == operator for party in there)

    def offer_id(self) -> OfferId | None:
        return self.offer.offer if self.offer else None

    def operator(self) -> OperatorId | None:
        return self.offer.operator if self.offer else None

    def write(self) -> None:
        """Queue record, state and facts for the store."""
        if not self._facts and self.ended:
            return
        facts, self._facts = self._facts, []
        client, call = self.record.client, self.record.id
        now = (
            self.record,
            self.engine,
            self.request,
            self.offer,
            self.legs,
            self.mark,
            self.tape,
            self.room,
            self.detour,
            self.slot,
            self.parked_by,
            self.ended,
        )
        in_place = self.room is not None or self.detour is not None  # these two change without being replaced
        if in_place or any(
            new is not old for new, old in zip(now, self._written, strict=True)
        ):  # not just a beat
            self._written = now
            self.services.journal.put_call(self.record, None if self.ended else self._snapshot())
        if facts:
            self.services.journal.put_facts([Stamped(at, fact, call, client) for at, fact in facts])

    def _snapshot(self) -> bytes:
        return encode(
            Snapshot(
                engine=engine.encode(self.engine) if self.engine is not None else None,
                request=self.request,
                entered_at=self.entered_at,
                offer=self.offer_id(),
                operator=self.operator(),
                legs=self.legs,
                mark=self.mark,
                tape=self.tape,
                room=self.room,
                detour=self.detour,
                slot=self.slot,
                parked_by=self.parked_by,
            )
        )

    async def _safe_exit(self, fault: Exception) -> None:
        self.tell(SessionFault(f"{type(fault).__name__}: {fault}"))
        self.mark = FinalState.FALLBACK
        outcome = await self.services.telephony.to_fallback(self.record.channel)
        await rooms.dissolve(self)
        log.warning("call.safe_exit", outcome=outcome.value)
        self.leave_phone_busy()
        ending.close(self, cause=0, lost=False)


def own_name(own_id: str) -> str:
    """The name inside an id made by `Session.own_id`."""
    return own_id.rpartition("~")[2]
