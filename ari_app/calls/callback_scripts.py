"""What happens on the line of an attempt to call back, where it is more than a greeting.

`OperatorFirst`: the operator picked up and is connected to the caller. `Accept`: the person who answered says
by a key that he wants the call now, so that no operator is given to an answering machine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from ari_app.calls import recording, sounding, talk
from ari_app.calls.callback_toll import CallbackToll
from ari_app.calls.greeting import GREETING, into_line
from ari_app.calls.last_words import say_and_end
from ari_app.calls.timers import BEAT, BEAT_S, GUARD, GUARD_S
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.messages import Assigned
from ari_app.model.call import FinalState, Phase
from ari_app.model.commands import Sound
from ari_app.model.facts import CallAnswered, CallStarted, OfferEnded, OfferMade, PromptPlayed
from ari_app.model.ids import Language, PlaybackId, PromptId
from ari_app.model.signals import (
    AnySignal,
    DigitReceived,
    OutsideConnected,
    PlaybackFinished,
    TimerFired,
    TransferEnded,
)
from ari_app.model.work import AttemptOutcome, Callback
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

ACCEPT = PromptId("callback/accept")
KEY_S = 8.0
"""So long after the question a key is waited for."""
_OUTCOMES: dict[str, AttemptOutcome] = {
    "busy": "busy",
    "no_answer": "no_answer",
    "rejected": "rejected",
    "unreachable": "unreachable",
}
_PROMPTS = {"busy": "transfer/busy", "no_answer": "transfer/no-answer", "unreachable": "transfer/no-answer"}


class OperatorFirst:
    """The operator picked up: the attempt is written, then the caller is dialled and shown our number."""

    def __init__(
        self,
        promise: Callback,
        assigned: Assigned,
        dispatcher: Dispatcher,
        ring_s: float,
        may_dial: Callable[[], Awaitable[str | None]],
        toll: CallbackToll,
    ) -> None:
        """`may_dial` gives the number once the attempt is on disk and paid for; None: nobody is dialled."""
        self._promise = promise
        self._assigned: Assigned | None = assigned
        self._dispatcher = dispatcher
        self._ring_s = ring_s
        self._may_dial = may_dial
        self._toll = toll
        self.outcome: AttemptOutcome = "failed"
        """How dialling the caller ended, if nobody talked."""

    async def begin(self, session: Session) -> None:
        """See `calls.placing.Begin`."""
        record, assigned = session.record, self._assigned
        assert assigned is not None
        session.script = self
        session.tell(CallStarted(record.caller, record.called, record.direction))
        session.tell(
            OfferMade(assigned.offer, assigned.operator, assigned.queue.id, assigned.score, assigned.step)
        )
        session.tell(OfferEnded(assigned.offer, assigned.operator, "answered", 0.0))
        session.mark = FinalState.NO_ANSWER
        self._dispatcher.connected(assigned.offer)
        session.timers.start(BEAT, BEAT_S)
        await session.renew_now()
        number = await self._may_dial()
        if number is None:
            await self._say(session, "codes/try-again-later")
            return
        telephony, channel = session.services.telephony, record.channel
        recorded = await recording.before_offer(session, from_operator=True)
        await telephony.show_as(channel, self._promise.called)
        session.set(phase=Phase.TRANSFERRING)
        session.write()
        outcome = await telephony.transfer(
            channel,
            number,
            ring_s=self._ring_s,
            max_talk_s=self._toll.longest_s(record.id, assigned.queue.max_talk_s),
            outside=True,
            record=recorded,
        )
        session.timers.start(GUARD, self._ring_s + GUARD_S)
        if outcome is Outcome.REFUSED:
            session.set(phase=Phase.FLOW)
            session.later(TransferEnded("failed"))

    async def receive(self, session: Session, signal: AnySignal) -> None:
        """See `calls.placing.Script`."""
        match signal:
            case OutsideConnected():
                self._connected(session)
            case TransferEnded(outcome="answered") | PlaybackFinished():
                await session.services.telephony.hang_up(session.record.channel, 16)
            case TransferEnded(outcome=outcome):
                self.outcome = _OUTCOMES.get(outcome, "failed")
                await self._say(session, _PROMPTS.get(outcome, "transfer/failed"))
            case _:
                pass

    def over(self) -> None:
        """The call has ended: an operator who talked with nobody is as he was."""
        assigned, self._assigned = self._assigned, None
        if assigned is not None:
            self._dispatcher.failed(assigned.offer, "caller_gone")

    def _connected(self, session: Session) -> None:
        if self._assigned is None or session.record.phase is not Phase.TRANSFERRING:
            return
        now = session.now()
        session.offer, self._assigned, session.leg_since = self._assigned, None, now
        session.set(phase=Phase.TALKING, connected_at=now, answered_at=now)
        talk.tell_connected(session, session.offer.operator)
        recording.talk_began(session)

    async def _say(self, session: Session, prompt: str) -> None:
        operator = session.record.operator
        presence = self._dispatcher.operators.get(operator) if operator is not None else None
        language = "pt-BR" if presence is None else presence.operator.language
        await say_and_end(session, prompt, Language(language))


class Accept:
    """Who answered hears who calls and presses 1 to be served, 2 to be left alone; else he is tried again."""

    def __init__(
        self, promise: Callback, take: Callable[[], Assigned | None], refuse: Callable[[], None]
    ) -> None:
        """`take` gives the operator who is reserved meanwhile, if one is."""
        self._promise = promise
        self._take = take
        self._refuse = refuse
        self._asked = False

    async def begin(self, session: Session) -> None:
        """See `calls.placing.Begin`."""
        record = session.record
        session.script = self
        session.tell(CallStarted(record.caller, record.called, record.direction))
        session.tell(CallAnswered())
        session.timers.start(BEAT, BEAT_S)
        await session.renew_now()
        language = record.language or Language("pt-BR")
        playback = PlaybackId(session.own_id("accept"))
        sounds = (Sound(language, GREETING), Sound(language, ACCEPT))
        self._asked = True
        await sounding.begins(session, playback, session.services.lasts(sounds))
        session.timers.start("accept", 30.0)  # should the end of the question not be told
        if await session.services.telephony.play(record.channel, playback, sounds) is Outcome.DONE:
            session.tell(PromptPlayed(language, (GREETING, ACCEPT)))
        else:
            await session.services.telephony.hang_up(record.channel, 16)

    async def receive(self, session: Session, signal: AnySignal) -> None:
        """See `calls.placing.Script`."""
        match signal:
            case DigitReceived(digit="1") if self._asked:
                session.timers.cancel("accept")
                session.script = None
                await session.services.telephony.stop_playback(
                    session.record.channel, PlaybackId(session.own_id("accept"))
                )
                await into_line(session, self._promise.request, self._promise.entered_at, self._take())
            case DigitReceived(digit="2") if self._asked:
                self._asked = False
                session.timers.cancel("accept")
                self._refuse()
                await session.services.telephony.stop_playback(
                    session.record.channel, PlaybackId(session.own_id("accept"))
                )
                await say_and_end(session, "callback/cancelled", session.record.language or Language("pt-BR"))
            case PlaybackFinished(playback=playback) if playback == "accept":
                if self._asked:
                    session.timers.start("accept", KEY_S)
            case PlaybackFinished() | TimerFired(timer="accept"):
                await session.services.telephony.hang_up(session.record.channel, 16)
            case _:
                pass
