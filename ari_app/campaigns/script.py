"""What somebody whom a campaign called goes through: an operator in time, or the message; a machine; a key.

The law's grace runs from the end of the greeting (or, where nobody listened to it, from the answer). Who got
no operator by then hears who called, within the grace, and can have the number taken off the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec.structs
import structlog

from ari_app.calls import outside, sounding, talk
from ari_app.calls.timers import BEAT, BEAT_S
from ari_app.campaigns.flight import Flight
from ari_app.campaigns.running import Running
from ari_app.flow.speech import UnspeakableError, say_phone
from ari_app.model.call import FinalState, Phase
from ari_app.model.commands import Sound
from ari_app.model.facts import CallAnswered, CallDequeued, CallStarted, DigitPressed, PromptPlayed
from ari_app.model.ids import Language, PlaybackId, PromptId
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallerHungUp,
    DigitReceived,
    MachineReady,
    OperatorConnected,
    PlaybackFinished,
    QueueRefused,
    Resumed,
    TimerFired,
)
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

LATE, BYE = "late", "bye"
MARGIN_S = 0.3
"""What it takes from the decision to the first word."""
KEY_S = 4.0
"""How long the person may still press the key after the message."""
THIS_IS, COMPANY, CALL_US = "campaign/this-is", "campaign/company", "campaign/call-us"
NO_OPERATOR, NOT_AGAIN = "campaign/no-operator", "campaign/will-not-repeat"
OFFER, OPTED_OUT = "campaign/opt-out-offer", "campaign/opt-out-done"
MESSAGE = "campaign/message"


class Ground(Protocol):
    """What happens in the air, told to the dialer."""

    def connected(self, flight: Flight) -> None: ...

    def dropped(self, flight: Flight) -> None: ...

    def hung_up(self, flight: Flight) -> None: ...

    def opted_out(self, flight: Flight) -> None: ...

    def wants_operator(self, flight: Flight) -> None:
        """Ask the dispatcher for whoever is free; inbound callers go first."""
        ...


class LiveCall:
    """`placing.Script` of one flight."""

    def __init__(self, running: Running, flight: Flight, ground: Ground) -> None:
        self._running = running
        self._flight = flight
        self._ground = ground
        self.stage: Literal["waiting", "talking", "sorry", "message", "machine", "leaving"] = "waiting"
        self._playing: str | None = None
        self._plays = 0

    # -- the beginning ---------------------------------------------------------------------------------------

    async def begin(self, session: Session) -> None:
        """Somebody, or something, answered."""
        record, campaign = session.record, self._running.campaign
        session.script = self
        if not campaign.record:
            session.tape = msgspec.structs.replace(session.tape, withdrawn=True)
        session.tell(CallStarted(record.caller, record.called, record.direction))
        session.tell(CallAnswered())
        session.timers.start(BEAT, BEAT_S)
        self._watch_money(session)
        if self._flight.by_machine:
            await self._machine(session)
        elif self._running.needs_operators:
            await self._to_operator(session)
        elif campaign.flow is not None:
            client, language = campaign.client, Language(campaign.language)
            data = self._flight.claim.contact.data
            arrived = CallArrived(record.called, record.caller, "", "outbound", client, language, data)
            await session.enter(campaign.flow, arrived)
        else:
            await session.renew_now()
            await self._speak(session, "message", [THIS_IS, COMPANY, campaign.message or MESSAGE, OFFER])

    async def _to_operator(self, session: Session) -> None:
        flight = self._flight
        session.request, session.entered_at = self._running.request, flight.answered_at
        session.set(phase=Phase.WAITING, queue=session.request.queue, queued_at=flight.answered_at)
        session.timers.start(LATE, self._grace_left(session))
        assigned, flight.assigned = flight.assigned, None
        if assigned is not None:
            session.mailbox.put(assigned)
        else:
            self._ground.wants_operator(flight)
        session.write()
        await session.renew_now()

    def _grace_left(self, session: Session) -> float:
        since = self._flight.greeted_at or session.now()
        left = since + self._running.profile.connect_within_s - MARGIN_S - session.now()
        return max(0.0, left)

    def _watch_money(self, session: Session) -> None:
        """The call ends when it has cost what the toll gate holds for it, counted from its answer."""
        if self._flight.longest_s is not None:
            since = self._flight.answered_at or session.now()
            left_s = since + self._flight.longest_s - session.now()
            session.timers.start(outside.TOLL + self._flight.channel, left_s)

    def resumed(self, session: Session) -> None:
        """After a restart: the grace is over for whoever waits; who was spoken to is let go."""
        session.script = self
        self._watch_money(session)
        match session.record.phase:
            case Phase.WAITING | Phase.OFFERED:
                session.timers.start(LATE, 0.0)
            case Phase.TALKING:
                self.stage = "talking"
            case _ if session.engine is None:
                self.stage = "leaving"
                session.timers.start(BYE, 0.0)
            case _:
                pass

    # -- what happens ----------------------------------------------------------------------------------------

    async def receive(self, session: Session, signal: AnySignal) -> None:
        """See `placing.Script`."""
        match signal:
            case TimerFired(timer=timer):
                await self._timer(session, timer)
            case QueueRefused() if self.stage == "waiting":
                await self._sorry(session)
            case OperatorConnected(operator=operator):
                self.stage = "talking"
                self._flight.operator = operator
                self._flight.connected_at = session.now()
                session.timers.cancel(LATE)
                self._ground.connected(self._flight)
            case DigitReceived(digit=digit):
                await self._key(session, digit)
            case PlaybackFinished(playback=playback) if playback == self._playing:
                await self._played(session)
            case MachineReady(ok=ok):
                await self._machine_listens(session, ok=ok)
            case CallerHungUp() if self.stage == "waiting" and not self._flight.by_machine:
                self._ground.hung_up(self._flight)
            case Resumed():
                self.resumed(session)
            case _:
                pass

    async def _timer(self, session: Session, timer: str) -> None:
        if timer == BYE or (timer == LATE and self.stage in {"sorry", "message", "machine"}):
            await self._bye(session)
        elif timer == LATE and self.stage == "waiting":
            if session.record.phase is Phase.OFFERED:
                await talk.withdraw(session)
                session.timers.start(LATE, 1.0)  # the phone's end was not told
            elif session.record.phase is Phase.WAITING:
                self._leave_line(session)
                await self._sorry(session)

    def _leave_line(self, session: Session) -> None:
        session.services.dispatcher.leave(session.record.id)
        if session.request is not None:
            session.tell(CallDequeued(session.request.queue, "timeout"))
        session.request = None
        session.set(phase=Phase.FLOW)

    async def _sorry(self, session: Session) -> None:
        """Safe harbour: who called, that nobody is free, how to reach us, how to be left alone (O4)."""
        session.timers.cancel(LATE)
        session.set(phase=Phase.FLOW)
        words = [THIS_IS, COMPANY, NO_OPERATOR, CALL_US, *self._number(), NOT_AGAIN, OFFER]
        session.mark = FinalState.ABANDONED
        self._ground.dropped(self._flight)
        await self._speak(session, "sorry", words)

    # -- machines --------------------------------------------------------------------------------------------

    async def _machine(self, session: Session) -> None:
        if self._flight.verdict == "machine" and self._running.campaign.amd == "leave_message":
            self.stage = "machine"
            session.set(phase=Phase.TRANSFERRING)
            if await session.services.telephony.await_silence(session.record.channel) is Outcome.DONE:
                return
        await self._bye(session)

    async def _machine_listens(self, session: Session, *, ok: bool) -> None:
        if self.stage != "machine":
            return
        if not ok:
            self._flight.note = "machine_talks_on"
            await self._bye(session)
            return
        self._flight.note = "message_left"
        own = self._running.campaign.message or MESSAGE
        await self._speak(session, "machine", [THIS_IS, COMPANY, own, CALL_US, *self._number()])

    # -- words and keys --------------------------------------------------------------------------------------

    def _number(self) -> Sequence[str]:
        """The number that is shown, spoken; nothing where it has no words."""
        try:
            return say_phone(self._flight.attempt.caller_id, self._running.campaign.language)
        except UnspeakableError:
            return ()

    async def _speak(
        self, session: Session, stage: Literal["sorry", "message", "machine", "leaving"], words: Sequence[str]
    ) -> None:
        self.stage = stage
        self._plays += 1
        language = Language(self._running.campaign.language)
        prompts = tuple(PromptId(word) for word in words)
        self._playing = f"{stage}{self._plays}"
        playback = PlaybackId(session.own_id(self._playing))
        sounds = [Sound(language, prompt) for prompt in prompts]
        await sounding.begins(session, playback, session.services.lasts(sounds))
        outcome = await session.services.telephony.play(session.record.channel, playback, sounds)
        session.tell(PromptPlayed(language, prompts))
        if outcome is not Outcome.DONE:
            await self._bye(session)

    async def _played(self, session: Session) -> None:
        """The last word was said; a person may still press the key."""
        self._playing = None
        if self.stage in {"machine", "leaving"}:
            await self._bye(session)
        else:
            session.timers.start(BYE, KEY_S)

    async def _key(self, session: Session, digit: str) -> None:
        session.tell(DigitPressed(digit))
        session.set(digits=session.record.digits + digit)
        if digit != self._running.campaign.opt_out_digit or self.stage not in {"sorry", "message"}:
            return
        self._ground.opted_out(self._flight)
        session.timers.cancel(BYE)
        playing, self._playing = self._playing, None
        if playing is not None:
            playback = PlaybackId(session.own_id(playing))
            await session.services.telephony.stop_playback(session.record.channel, playback)
        await self._speak(session, "leaving", [OPTED_OUT])

    async def _bye(self, session: Session) -> None:
        self.stage = "leaving"
        self._playing = None
        session.timers.cancel(LATE)
        session.timers.start(BYE, BEAT_S)  # asked again, should the first time not be heard
        await session.services.telephony.hang_up(session.record.channel, 16)
