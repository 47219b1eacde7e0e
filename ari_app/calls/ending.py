"""The end of a call: one final state, the operator freed, the recording made whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import handing_over, outside, parking, recording, sounding, talk
from ari_app.calls.rehearsal import DIRECTION
from ari_app.calls.taken import TAKEN_GUARD_S
from ari_app.calls.timers import GUARD, GUARD_S
from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.facts import CallDequeued, CallEnded, OfferEnded
from ari_app.model.telephony import CallReturned
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()


def close(session: Session, *, cause: int, lost: bool) -> None:
    """Give the call its final state; a second time changes nothing. `lost`: the PBX died under it."""
    if session.ended:
        return
    session.ended = True
    parking.vacate(session)
    outside.all_over(session)
    session.services.supervision.talk_over(session.record.id)
    now, phase = session.now(), session.record.phase
    if lost and phase is Phase.TALKING and session.request is not None:
        session.services.callbacks.dropped(session.record, session.request)
    _free_operator(session, now, lost=lost)
    record = session.record
    wait_s = record.wait_s
    if record.queued_at is not None and record.connected_at is None:
        wait_s = now - record.queued_at
    state = final_state(session.record, session.mark, lost=lost, phase=phase)
    session.set(phase=Phase.ENDED, ended_at=now, wait_s=wait_s, final_state=state)
    session.tell(CallEnded(state, cause))
    log.info("call.ended", final_state=state.value, cause=cause)
    recording.call_ended(session, lost=lost)
    if session.record.direction in {"outbound", DIRECTION}:
        for placer in session.services.placers:
            placer.call_ended(session.record)


def final_state(record: CallRecord, mark: FinalState | None, *, lost: bool, phase: Phase) -> FinalState:
    """What the call has been, from its record; `mark` is what the flow decided, if it did."""
    if lost:
        return FinalState.LOST_MEDIA
    if record.connected_at is not None:
        return FinalState.ANSWERED
    if phase in {Phase.WAITING, Phase.OFFERED}:
        return FinalState.ABANDONED
    return mark or FinalState.SELF_SERVED


def _free_operator(session: Session, now: float, *, lost: bool) -> None:
    dispatcher, offer = session.services.dispatcher, session.offer
    if session.record.phase is Phase.TALKING:
        talk.end_talk(session, by="lost" if lost else "caller")
    elif offer is not None:
        rang = now - (session.record.offered_at or now)
        session.tell(OfferEnded(offer.offer, offer.operator, "caller_gone", rang))
        session.set(operator=None)
        session.offer = None
        dispatcher.failed(offer.offer, "caller_gone")
    if session.record.phase in {Phase.WAITING, Phase.OFFERED} and session.request is not None:
        session.tell(CallDequeued(session.request.queue, "abandoned"))
    dispatcher.leave(session.record.id)


async def guard(session: Session) -> None:
    """What should have come did not: ask the PBX whether the caller is still there, and where."""
    telephony, channel = session.services.telephony, session.record.channel
    alive = await telephony.exists(channel)
    if alive is False:
        close(session, cause=0, lost=False)
        return
    if session.record.phase not in {Phase.OFFERED, Phase.TRANSFERRING, Phase.TALKING, Phase.PARKED}:
        return
    session.timers.start(GUARD, GUARD_S if session.mark is not FinalState.FALLBACK else TAKEN_GUARD_S)
    if not alive or session.mailbox.holds(CallReturned) or session.room is not None:
        return
    pulling = session.detour is not None and session.detour.stage == "pulling"
    if session.record.phase is Phase.TRANSFERRING and not pulling:
        return
    if await sounding.renew(session) is Outcome.DONE:  # refused while he is in Dial()
        log.warning("call.came_back_unseen", phase=session.record.phase.value)
        await talk.came_back_unseen(session)
    elif session.record.phase is Phase.TALKING:
        await handing_over.look(session)
