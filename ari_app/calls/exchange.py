"""The switchboard: telephone events to the sessions they concern, new sessions for new calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping

import structlog

from ari_app.calls.asks import view
from ari_app.calls.messages import Asked, Found, Message
from ari_app.calls.services import Services
from ari_app.calls.session import Session
from ari_app.dispatch.messages import Assigned, DispatchMessage
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId
from ari_app.model.talks import Actor, Ask, TalkView
from ari_app.model.telephony import (
    CallEntered,
    CallReferred,
    CallReturned,
    ChannelAnswered,
    ChannelDigit,
    ChannelEnded,
    EarReady,
    LegJoined,
    LegPulled,
    MessageEnded,
    OperatorDialled,
    OperatorHeld,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    OutsideLeg,
    PhoneReachable,
    PlaybackEnded,
    TelephonyEvent,
)
from ari_app.ports import NotFound
from ari_app.tasks import begin_task

log = structlog.get_logger()

ASK_S = 8.0
"""Longest that somebody who asks for something in a talk waits for the answer."""


class Exchange:
    """Owns the sessions; each runs as one task of the group it is given."""

    def __init__(self) -> None:
        self.sessions: dict[CallId, Session] = {}
        self._by_channel: dict[ChannelId, CallId] = {}
        self._early: dict[CallId, list[Message]] = {}
        """What happened to stored calls that are not taken up yet."""
        self._tasks: asyncio.TaskGroup | None = None
        self.gone: set[ChannelId] | None = None
        """Phones' channels that ended while the reconciler asks the PBX: its answer may be older."""
        self.services: Services

    def open(self, services: Services, tasks: asyncio.TaskGroup) -> None:
        """From here on calls are served."""
        self.services, self._tasks = services, tasks

    def beside(self, errand: Coroutine[None, None, None]) -> None:
        """Run something beside the calls until the end; it must not raise.

        Raises `RuntimeError` when the exchange is not open, or is closing.
        """
        if self._tasks is None:
            errand.close()
            raise RuntimeError("the exchange is not open")
        begin_task(self._tasks, errand, "beside the calls")

    # -- events in -------------------------------------------------------------------------------------------

    def on_event(self, event: TelephonyEvent) -> None:  # noqa: C901, PLR0912 - an arm each
        """Take one telephone event; never blocks, never raises for what telephones do."""
        match event:
            case CallEntered():
                self._entered(event)
            case CallReturned(call=call, channel=channel):
                self._post(call, event)
                if call not in self.sessions and call not in self._early:
                    self.beside(self._hand_over(channel))
            case ChannelDigit(channel=channel) | ChannelEnded(channel=channel):
                known = self._by_channel.get(channel)
                self._post(known, event)
                if isinstance(event, ChannelEnded) and known is None:
                    self.services.supervision.channel_ended(channel)
                    self._post(event.call, event)
                    for placer in self.services.placers:
                        placer.channel_ended(channel, event.cause)
            case ChannelAnswered(channel=channel):
                for placer in self.services.placers:
                    placer.channel_answered(channel)
            case EarReady(watch=watch, channel=channel):
                self.services.supervision.ear_ready(watch, channel)
            case LegPulled() | LegJoined() | CallReferred():
                self._to_talk(event)
            case PlaybackEnded(playback=named) | MessageEnded(file=named):
                self._post(CallId(named.rpartition("~")[0]), event)
            case OperatorHeld(call=call) | OutsideLeg(call=call):
                self._post(call, event)
            case OperatorLegRinging() | OperatorLegAnswered():
                self._leg(event)
            case OperatorLegEnded(call=call, operator=operator, channel=channel):
                self._post(call, event)
                self.phone_down(operator, channel)
            case OperatorDialled(operator=operator, channel=channel):
                self._act(operator, lambda presence, now: presence.took_phone(channel, now))
            case PhoneReachable(operator=operator, reachable=reachable):
                presence = self.services.dispatcher.operators.get(operator)
                self._post(presence.call if presence is not None else None, event)
                self._act(operator, lambda presence, now: presence.reach(reachable, now))
            case _:
                pass  # connection news are the reconciler's

    async def ask(self, call: CallId, ask: Ask, actor: Actor) -> TalkView:
        """Ask for something in a talk. Raises `Refusal`; `TimeoutError` when it is not done in time."""
        session = self.sessions.get(call)
        if session is None or session.ended:
            raise NotFound(f"call {call} is over")
        reply: asyncio.Future[TalkView] = asyncio.get_running_loop().create_future()
        session.mailbox.put(Asked(ask, actor, reply))
        async with asyncio.timeout(ASK_S):
            return await reply

    def talk(self, call: CallId) -> TalkView | None:
        """A live call's talk as it is now."""
        session = self.sessions.get(call)
        return None if session is None or session.ended else view(session)

    def parked(self, client: ClientId | None = None) -> Mapping[str, CallId]:
        """Slot → call."""
        return self.services.slots.all(client)

    def deliver(self, call: CallId, message: DispatchMessage) -> None:
        """The dispatcher's answers; an offer for a call that is gone is handed back at once."""
        session = self.sessions.get(call)
        if session is not None and not session.ended:
            session.mailbox.put(message)
        elif any(placer.deliver(call, message) for placer in self.services.placers):
            return
        elif isinstance(message, Assigned):
            self.services.dispatcher.failed(message.offer, "caller_gone")

    # -- sessions --------------------------------------------------------------------------------------------

    def expect(self, records: Iterable[CallRecord]) -> None:
        """Stored calls that will be taken up: what happens to them meanwhile is kept."""
        for record in records:
            self._by_channel[record.channel] = record.id
            self._early[record.id] = []

    def resume(self, record: CallRecord, begin: Callable[[Session], Awaitable[None]]) -> None:
        """Take up a stored call."""
        self._begin(record, begin)

    def found(self, call: CallId, found: Found) -> None:
        """Tell a live session what the PBX said of it."""
        self._post(call, found)

    def _entered(self, event: CallEntered) -> None:
        known = self.sessions.get(event.call)
        if known is not None:
            log.warning("call.entered_twice", call_id=event.call)
            return
        for placer in self.services.placers:
            if (placed := placer.entered(event)) is not None:
                self._begin(*placed)
                return
        record = CallRecord(
            id=event.call,
            channel=event.channel,
            caller=event.caller,
            called=event.called,
            started_at=self.services.clock.now(),
            direction=event.direction,
        )
        self._begin(record, lambda session: session.start(event))

    def _begin(self, record: CallRecord, begin: Callable[[Session], Awaitable[None]]) -> None:
        if self._tasks is None:
            raise RuntimeError("the exchange is not open")
        session = Session(record, self.services)
        for message in self._early.pop(record.id, ()):
            session.mailbox.put(message)
        self.sessions[record.id] = session
        self._by_channel[record.channel] = record.id
        begin_task(self._tasks, self._serve(session, begin), f"call {record.id}")

    async def _serve(self, session: Session, begin: Callable[[Session], Awaitable[None]]) -> None:
        try:
            await session.run(begin)
        except Exception:  # not even the safe exit went well: this call is lost to us, no other may be
            log.exception("call.abandoned_by_us", call_id=session.record.id)
            self._release(session)
        finally:
            self.sessions.pop(session.record.id, None)
            self._by_channel.pop(session.record.channel, None)
            for message in session.mailbox.drain():
                if isinstance(message, Assigned):
                    self.services.dispatcher.failed(message.offer, "caller_gone")
                elif isinstance(message, Asked):
                    message.refuse(NotFound(f"call {session.record.id} is over"))

    def _release(self, session: Session) -> None:
        """Whom and what a session held that cannot speak for itself any more."""
        dispatcher, call = self.services.dispatcher, session.record.id
        session.leave_phone_busy()
        dispatcher.leave(call)
        for offer in [offer for offer in dispatcher.offers.values() if offer.waiting.call == call]:
            dispatcher.failed(offer.id, "caller_gone")

    async def _hand_over(self, channel: ChannelId) -> None:
        """A caller came back to a call that is closed: without us he would sit in silence."""
        log.warning("call.came_back_to_nobody", channel=channel)
        await self.services.telephony.to_fallback(channel)

    def _to_talk(self, event: LegPulled | LegJoined | CallReferred) -> None:
        """A leg of a talk is in our hands; one whose call is over would sit in silence."""
        if isinstance(event, LegJoined) and self.services.supervision.knows(event.call):
            self.services.supervision.joined(event.call, event.channel)
            return
        self._post(event.call, event)
        if event.call not in self.sessions and event.call not in self._early:
            self.beside(self._let_go(event.channel))

    async def _let_go(self, channel: ChannelId) -> None:
        await self.services.telephony.hang_up(channel, 16)

    def _post(self, call: CallId | None, message: Message) -> None:
        session = self.sessions.get(call) if call is not None else None
        if session is not None:
            session.mailbox.put(message)
        elif call in self._early:
            self._early[call].append(message)

    # -- operators -------------------------------------------------------------------------------------------

    def _leg(self, event: OperatorLegRinging | OperatorLegAnswered) -> None:
        """A phone rings or talks. When it is for nobody whom we serve (the dialplan's own queue rang it while
        we were away, say), the operator is busy until that channel ends, and is offered nothing meanwhile.
        """
        self._post(event.call, event)
        session = self.sessions.get(event.call)
        ours = session is not None and not session.ended and session.has(event.operator)
        if not ours and event.call not in self._early:
            self.busy_elsewhere(event.operator, event.channel)

    def phone_down(self, operator: OperatorId, channel: ChannelId) -> None:
        """A channel of the operator's phone is gone."""
        if self.gone is not None:
            self.gone.add(channel)
        self._act(operator, lambda presence, now: presence.put_phone_down(channel, now))

    def busy_elsewhere(self, operator: OperatorId, channel: ChannelId) -> None:
        """The operator's phone is in a call that is none of our offers."""
        self._act(operator, lambda presence, now: presence.took_phone(channel, now))

    def _act(self, operator: str, change: Callable[..., object]) -> None:
        try:
            self.services.dispatcher.act(operator, change)  # type: ignore[arg-type]
        except NotFound:
            log.debug("operator.unknown", operator=operator)
