"""From the offer to the end of the talk: the caller is in Dial(), and we watch the operator's leg."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import detour, outcomes, recording, sounding, taken
from ari_app.calls.timers import BEAT, BEAT_S, GONE_S, GUARD, GUARD_S, LEFT_S
from ari_app.dispatch.messages import Assigned
from ari_app.model.call import Phase
from ari_app.model.facts import CallConnected, CallDequeued, OfferEnded, OfferMade, OfferOutcome, TalkEnded
from ari_app.model.ids import OperatorId
from ari_app.model.recording import RecordingLeg
from ari_app.model.signals import MachineReady, OperatorConnected, OperatorLeft, QueueRefused
from ari_app.model.telephony import (
    CallReturned,
    OperatorHeld,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    OutsideLeg,
    PhoneReachable,
)
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

ENOUGH_S = 1.0
"""A campaign's call that rang so long at an operator's phone, and nobody answered, was missed by him."""
ASKING_S = 20.0
"""So long at most is who answered asked to press a key, the reason for a transfer that came back included."""
MACHINE = "machine"
"""The target of a `CallReturned` that tells of an answering machine."""


async def begin_offer(session: Session, assigned: Assigned, say: str = "") -> None:
    """Ring the operator: the caller goes to Dial() with music. `say`: see `ports.Telephony.offer`."""
    services, record = session.services, session.record
    if session.ended or record.phase is not Phase.WAITING:
        services.dispatcher.failed(assigned.offer, "caller_gone")
        return
    queue = assigned.queue
    session.offer = assigned
    session.set(phase=Phase.OFFERED, offered_at=session.now(), operator=assigned.operator)
    session.tell(OfferMade(assigned.offer, assigned.operator, queue.id, assigned.score, assigned.step))
    record_it = await recording.before_offer(session)
    session.write()  # the offer is on its way to disk before the phone rings
    ask = outcomes.question(session, assigned.operator, queue)
    outcome = await services.telephony.offer(
        record.channel,
        assigned.operator,
        ring_s=queue.ring_s,
        max_talk_s=queue.max_talk_s,
        record=record_it,
        say=say,
        ask=ask,
        auto=not ask and outcomes.by_itself(session, assigned.operator, queue),
    )
    log.debug("call.offered", operator=assigned.operator, outcome=outcome.value)
    longest_s = queue.ring_s + GUARD_S + (ASKING_S if ask else 0.0)
    patience_s = {Outcome.GONE: GONE_S, Outcome.UNKNOWN: GUARD_S}.get(outcome, longest_s)
    session.timers.start(GUARD, patience_s)
    if outcome is Outcome.REFUSED and await taken.is_taken(session):
        await offer_failed(session, "caller_gone")
        taken.taken_by_fallback(session)
    elif outcome is Outcome.REFUSED:
        await offer_failed(session, "phone_error")


async def operator_leg(
    session: Session, event: OperatorLegRinging | OperatorLegAnswered | OperatorLegEnded | OperatorHeld
) -> None:
    """What the operator's phone does while it is offered, or has, this call."""
    dispatcher = session.services.dispatcher
    party = (
        session.room.party(event.channel) if session.room and isinstance(event, OperatorLegRinging) else None
    )
    if party is not None and party.offer is not None:
        if not party.place:
            dispatcher.ringing(party.offer)
        return
    offer = session.offer
    if offer is None or event.operator != offer.operator:
        return
    match event:
        case OperatorLegRinging(channel=channel):
            session.leg = channel
            dispatcher.ringing(offer.offer)
            if session.withdrawn == "caller_gone":
                await session.services.telephony.hang_up(channel, 16)
        case OperatorLegAnswered(channel=channel, confirmed=confirmed):
            session.leg = channel
            if confirmed and await session.services.telephony.hung_up(session.record.channel):
                return  # he gave up while the key was waited for: that he is gone is told next
            if session.record.phase is Phase.OFFERED and session.withdrawn != "caller_gone":
                await connected(session)
        case OperatorHeld(held=held):
            dispatcher.held(offer.offer, held=held)
            await recording.held(session, held=held)
        case OperatorLegEnded(channel=channel):
            if session.room is None and channel == session.leg:
                session.leg = None
                session.timers.start(GUARD, LEFT_S)  # the caller returns, or hangs up, now


async def phone_lost(session: Session, event: PhoneReachable) -> None:
    """The ringing phone vanished: nobody will pick it up, so the next operator is tried now."""
    offer = session.offer
    if event.reachable or offer is None or event.operator != offer.operator:
        return
    if session.record.phase is not Phase.OFFERED:
        return
    if session.leg is not None:
        session.withdrawn = "unreachable"
        await session.services.telephony.hang_up(session.leg, 16)


def outside_leg(session: Session, event: OutsideLeg) -> None:
    """The line to an outside number to which the caller was sent: until it answers he can be taken back."""
    if session.record.phase is Phase.TRANSFERRING and event.channel != session.record.channel:
        session.leg = event.channel
        if event.up:
            session.timers.cancel(GUARD)
            detour.outside_answered(session)


async def connected(session: Session) -> None:
    """They hear each other."""
    offer = session.offer
    if offer is None:
        return
    session.timers.cancel(GUARD)
    now = session.now()
    session.services.dispatcher.connected(offer.offer)
    first = session.record.connected_at is None
    session.set(phase=Phase.TALKING)
    if first:
        session.set(connected_at=now, wait_s=now - (session.record.queued_at or now))
    since = session.record.offered_at or now
    session.tell(OfferEnded(offer.offer, offer.operator, "answered", now - since))
    session.leg_since = now
    recording.talk_began(session)
    detour.answered(session)
    tell_connected(session, offer.operator)
    await session.signal(OperatorConnected(offer.operator))


def tell_connected(session: Session, operator: OperatorId) -> None:
    """An operator has the caller now."""
    session.tell(CallConnected(operator))
    session.services.supervision.talking(session.record.id)
    log.info("call.connected", operator=operator)


async def returned(session: Session, event: CallReturned) -> None:
    """The caller came back from Dial(): nobody answered, or the operator hung up first."""
    session.timers.cancel(GUARD)
    session.timers.start(BEAT, BEAT_S)
    sounding.handed_over(session)
    if event.target == MACHINE:
        session.set(phase=Phase.FLOW)
        await session.signal(MachineReady(event.status == "LISTENS"))
        return
    if session.record.phase is Phase.TRANSFERRING and session.detour is not None:
        await detour.returned(session, session.detour, event)
        return
    if session.record.phase is Phase.TRANSFERRING:
        session.set(phase=Phase.FLOW)
        ended = outcomes.of_transfer(event.status, event.cause)
        if ended.outcome != "answered":
            session.mark = None  # nobody took the caller over
        await session.signal(ended)
        return
    outcome = outcomes.of_offer(event.status, event.cause)
    withdrawn, session.withdrawn, session.leg = session.withdrawn, None, None
    if withdrawn == "caller_gone" and session.record.phase is Phase.OFFERED:
        await _too_late(session)
    elif session.record.phase is Phase.TALKING:
        await operator_left(session)  # whatever ended it: the longest talk is told as TIMEUP
    elif session.record.phase is Phase.OFFERED and outcome == "answered":
        await connected(session)  # the answer's own event was lost
        await operator_left(session)
    elif session.record.phase is Phase.OFFERED:
        await offer_failed(session, withdrawn or outcome)


async def withdraw(session: Session) -> None:
    """The law gives the operator no more time: the phone stops ringing and the person hears why.

    When the phone has stopped, the script is told by `QueueRefused("timeout")`.
    """
    session.withdrawn = "caller_gone"
    if session.leg is not None:
        await session.services.telephony.hang_up(session.leg, 16)


async def _too_late(session: Session) -> None:
    rang_s = session.now() - (session.record.offered_at or session.now())
    await offer_failed(session, "caller_gone", missed=rang_s >= ENOUGH_S)
    if session.request is not None:
        session.tell(CallDequeued(session.request.queue, "timeout"))
    session.request = None
    session.set(phase=Phase.FLOW)
    await session.signal(QueueRefused("timeout"))


async def came_back_unseen(session: Session) -> None:
    """The caller's return from Dial() was not heard: he is in our hands all the same."""
    if session.detour is not None and session.detour.stage == "pulling":
        await detour.arrived(session)
    elif session.record.phase is Phase.OFFERED:
        await offer_failed(session, "cancelled")
    elif session.record.phase is Phase.TALKING:
        await operator_left(session)
    await session.renew_now()


async def operator_left(session: Session) -> None:
    """The talk is over and the caller is still there."""
    offer = session.offer
    end_talk(session, by="operator")
    session.request = None
    session.set(phase=Phase.FLOW)
    if offer is not None:
        await session.signal(OperatorLeft(offer.operator))
    if offer is None or session.engine is None or session.engine.finished:
        await session.services.telephony.hang_up(session.record.channel, 16)


def end_talk(session: Session, *, by: str) -> None:
    """Close the leg in record and facts, and let the operator go to wrap-up."""
    offer, now = session.offer, session.now()
    if offer is None:
        return
    since = session.leg_since or session.record.connected_at or now
    talked = max(0.0, now - since)
    end = session.tape.position(now)
    start = max(session.legs[-1].end_s if session.legs else 0.0, end - talked)
    session.legs = (*session.legs, RecordingLeg(offer.operator, min(start, end), end))
    recording.talk_ended(session)
    session.set(talk_s=(session.record.talk_s or 0.0) + talked)
    session.tell(TalkEnded(offer.operator, talked, by))  # type: ignore[arg-type]
    session.offer = None
    session.services.dispatcher.finished(offer.offer)
    session.services.supervision.talk_over(session.record.id)


async def offer_failed(session: Session, outcome: OfferOutcome, *, missed: bool = False) -> None:
    """The next operator is tried; the caller keeps his place and hears music.

    `missed`: the caller is gone because this operator did not answer.
    """
    offer = session.offer
    if offer is None:
        return
    session.offer = None
    session.timers.cancel(GUARD)
    rang = session.now() - (session.record.offered_at or session.now())
    session.tell(OfferEnded(offer.offer, offer.operator, outcome, rang))
    log.info("call.offer_failed", operator=offer.operator, outcome=outcome)
    session.set(phase=Phase.WAITING, operator=None)
    session.services.dispatcher.failed(offer.offer, outcome, missed=missed)
    if outcome == "caller_gone":
        return
    if not session.mailbox.holds(Assigned):  # else another phone rings already, with music
        await session.services.telephony.start_music(session.record.channel, "default")
    if session.detour is not None and offer.direct:
        await detour.failed(session, outcome)
