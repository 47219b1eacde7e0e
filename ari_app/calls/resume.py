"""Take a call up again: after a restart of ours, or after the PBX was out of sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from ari_app.calls import detour, ending, outside, parking, recording, rooms, taken, talk
from ari_app.calls.messages import Found
from ari_app.calls.rehearsal import DIRECTION
from ari_app.calls.room import Party, Room
from ari_app.calls.snapshot import Snapshot, decode
from ari_app.calls.timers import BEAT, BEAT_S, GUARD, GUARD_S
from ari_app.dispatch.dispatcher import Offer, Waiting
from ari_app.dispatch.messages import Assigned
from ari_app.flow import engine
from ari_app.model.call import FinalState, Phase
from ari_app.model.facts import CallResumed, SessionFault
from ari_app.model.ids import FlowId, FlowVersion, OfferId, OperatorId, QueueId
from ari_app.model.operator import OperatorState
from ari_app.model.queue import Queue
from ari_app.model.recording import RecordingLeg
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import OperatorConnected, Resumed
from ari_app.ports import StoredCall

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()


async def restore(session: Session, snapshot: Snapshot, found: Found) -> None:
    """Put a stored call back where the PBX says it is now."""
    try:
        session.engine = engine.decode(snapshot.engine) if snapshot.engine is not None else None
    except engine.StateUnreadable as error:
        session.tell(SessionFault(f"the flow's place is lost: {error}"))
    session.request, session.entered_at = snapshot.request, snapshot.entered_at
    session.legs = snapshot.legs
    session.tape = snapshot.tape
    session.mark = FinalState(snapshot.mark) if snapshot.mark else None
    session.detour, session.slot, session.parked_by = snapshot.detour, snapshot.slot, snapshot.parked_by
    if session.slot:  # before anything is awaited: nobody else is given his slot
        session.services.slots.keep(session.record.client, session.slot, session.record.id)
    if not found.alive:
        session.offer = _talk_of(session, snapshot)
        session.ended_unseen_at = recording.ended_unseen(session)
        ending.close(session, cause=0, lost=found.lost)
        return
    if session.record.direction == DIRECTION:  # its made-up world is gone, and the real one is not meant
        await session.services.telephony.hang_up(session.record.channel, 16)
        ending.close(session, cause=16, lost=False)
        return
    log.info("call.resumed", phase=session.record.phase.value, in_stasis=found.in_stasis)
    session.tell(CallResumed(session.record.phase.value))
    recording.taken_up(session)
    outside.line_taken_up(session)
    detour.taken_up(session)
    room = snapshot.room or _unwritten_room(session, snapshot, found)
    if found.in_stasis and room is not None:
        await _in_a_room(session, snapshot, room, found)
    elif found.in_stasis:
        await _in_our_hands(session)
    elif _left_behind(session, snapshot.room, found):
        await _taken_from_us(session, snapshot)
    else:
        parking.vacate(session)
        await _in_the_dialplan(session, snapshot, found)


def versions_of(stored: Sequence[StoredCall]) -> set[tuple[FlowId, FlowVersion]]:
    """The flows, in the versions, that stored calls go on with: the book must have them."""
    needed: set[tuple[FlowId, FlowVersion]] = set()
    for call in stored:
        held = decode(call.state).engine if call.state is not None else None
        try:
            state = engine.decode(held) if held is not None else None
        except engine.StateUnreadable:
            continue
        if state is not None:
            needed |= {state.root, *state.pins.items()}
            needed |= {(frame.flow, frame.version) for frame in state.frames}
    return needed


def _unwritten_room(session: Session, snapshot: Snapshot, found: Found) -> Room | None:
    """We died while both sides came out of the dialplan: they are put together again."""
    if session.record.phase is not Phase.TALKING or found.operator is None or found.leg is None:
        return None
    room, now = Room(session.record.id, host=found.leg), session.now()
    queue = session.record.queue or QueueId("")
    since = session.record.connected_at or now
    room.parties.append(
        Party(found.leg, "operator", found.operator, "talk", "talking", since, snapshot.offer, queue, since)
    )
    return room


async def _in_a_room(session: Session, snapshot: Snapshot, room: Room, found: Found) -> None:
    """The talk stayed in its bridge: its operators are taken, who left meanwhile has left."""
    session.room = room
    session.set(phase=Phase.TALKING)
    if session.request is None:
        session.request = rooms.request_of(session)
    for party in room.parties:
        operator = party.operator()
        outside.taken_up(session, party.channel, party.since)
        if party.channel == room.host:
            adopt(session, operator, snapshot.offer)
            party.offer = session.offer_id()
            session.leg, session.leg_since = party.channel, party.since
        elif party.offer is not None:
            queue = session.services.dispatcher.queues.get(party.queue) or Queue(party.queue)
            waiting = Waiting(session.record.id, session.request, session.now(), queue)
            state = OperatorState.RINGING if party.since is None else OperatorState.TALKING
            offer = Offer(party.offer, waiting, operator, adopted=True, direct=True)
            session.services.dispatcher.adopt(offer, state)
    await rooms.resume(session, found.legs)


def _left_behind(session: Session, room: Room | None, found: Found) -> bool:
    """Whether the caller is in the dialplan's queue, and with no operator's phone."""
    if room is not None:
        return found.leg is None or room.party(found.leg) is not None
    unserved = found.in_fallback and session.record.phase is not Phase.TALKING
    return found.leg is None and (bool(session.slot) or unserved)


async def _taken_from_us(session: Session, snapshot: Snapshot) -> None:
    """We were away for longer than the dead-man's switch lasts: the others of his room are let go."""
    session.offer = _talk_of(session, snapshot)
    if session.offer is not None:
        talk.end_talk(session, by="lost")
    parking.vacate(session)
    session.detour = None
    taken.taken_by_fallback(session)
    for party in snapshot.room.parties if snapshot.room is not None else ():
        await session.services.telephony.hang_up(party.channel, 16)


async def _on_his_way(session: Session) -> None:
    """Parked, or come back from somebody to whom he was sent while we were away."""
    await session.services.telephony.start_music(session.record.channel, "default")
    if session.slot:
        parking.found(session)
    else:
        session.set(phase=Phase.WAITING)
        await detour.failed(session, "cancelled")
    await session.renew_now()


async def _in_our_hands(session: Session) -> None:
    """In the menu or in line: a call whose Dial() ended meanwhile is in line again."""
    session.timers.start(BEAT, BEAT_S)
    if session.slot or (session.detour is not None and session.record.phase is not Phase.WAITING):
        await _on_his_way(session)
        return
    if session.engine is None and session.request is None:
        session.mark = FinalState.FALLBACK
        await session.services.telephony.to_fallback(session.record.channel)
        session.set(phase=Phase.TRANSFERRING)
        return
    if session.record.phase is Phase.TALKING:
        session.request = None
        _talk_over(session)
        session.set(phase=Phase.FLOW)
        session.mark = session.mark or FinalState.ANSWERED
        await session.services.telephony.hang_up(session.record.channel, 16)
        return
    in_line = session.request is not None and session.record.phase in {Phase.WAITING, Phase.OFFERED}
    if (
        session.request is not None and in_line
    ):  # before anything is awaited: all are in line before anyone is
        session.set(phase=Phase.WAITING, operator=None)  # given an operator
        entered_at = session.entered_at or session.now()
        outbound = session.record.direction == "outbound"
        session.services.dispatcher.enqueue(session.record.id, session.request, entered_at, patient=outbound)
    await session.renew_now()
    if in_line and (session.engine is None or session.detour is not None):  # no flow to start the music again
        await session.services.telephony.start_music(session.record.channel, "default")
    await session.signal(Resumed())


def _talk_over(session: Session) -> None:
    """The operator hung up while we were away: the talk was as long as what was taped of it."""
    at = recording.ended_unseen(session)
    if at is None:
        return
    end = session.tape.position(at)
    start = session.legs[-1].end_s if session.legs else 0.0
    if session.record.operator is not None and start < end:
        session.legs = (*session.legs, RecordingLeg(session.record.operator, start, end))
        session.set(talk_s=(session.record.talk_s or 0.0) + end - start)
    recording.talk_ended(session, at)


async def _in_the_dialplan(session: Session, snapshot: Snapshot, found: Found) -> None:
    """Ringing or talking: the pair goes on by itself, we watch again."""
    operator = found.operator or snapshot.operator
    if operator is None:
        session.timers.start(GUARD, GUARD_S)
        return
    if session.request is None:
        # We died between the offer and its commit: the pair is real, the flow's place is not known.
        session.engine = None
        session.request = QueueRequest(QueueId(session.record.queue or ""), client=session.record.client)
    missed = found.operator_up and session.record.phase is not Phase.TALKING
    if missed:  # answered while we were away
        session.set(phase=Phase.TALKING, connected_at=session.record.connected_at or session.now())
    adopt(session, operator, snapshot.offer)
    session.leg = found.leg
    if found.operator_up:
        session.leg_since = session.record.connected_at or session.now()
        if missed:
            await session.signal(OperatorConnected(operator))
    else:
        session.set(phase=Phase.OFFERED)
        session.timers.start(GUARD, GUARD_S)


def _talk_of(session: Session, snapshot: Snapshot) -> Assigned | None:
    """The talk that ended while we were away: it counts, and its recording is whole only with its leg."""
    operator, record = snapshot.operator or session.record.operator, session.record
    if record.phase is not Phase.TALKING or operator is None:
        return None
    queue = record.queue or QueueId("")
    known = session.services.dispatcher.queues.get(queue) or Queue(queue)
    if session.legs and record.offered_at is not None:
        session.leg_since = record.offered_at
    offer = snapshot.offer or session.services.dispatcher.new_offer_id(record.id)
    return Assigned(offer, operator, known, 0.0, 0)


def adopt(session: Session, operator: OperatorId, offer: OfferId | None) -> None:
    """The dispatcher learns that this operator is taken by this call."""
    dispatcher, request = session.services.dispatcher, session.request
    if request is None:
        return
    queue = dispatcher.queues.get(request.queue) or Queue(request.queue)
    offer_id = offer or dispatcher.new_offer_id(session.record.id)
    session.offer = Assigned(offer_id, operator, queue, 0.0, 0)
    session.set(operator=operator)
    waiting = Waiting(session.record.id, request, session.entered_at or session.now(), queue)
    talking = session.record.phase is Phase.TALKING
    state = OperatorState.TALKING if talking else OperatorState.RINGING
    dispatcher.adopt(Offer(offer_id, waiting, operator, adopted=True), state)


async def reconciled(session: Session, found: Found) -> None:
    """The PBX was out of sight and is back: compare what we believed with what is."""
    if not found.alive:
        ending.close(session, cause=0, lost=found.lost)
        return
    if session.moved_at > found.asked_at:
        return  # events have told more since the PBX was asked
    phase = session.record.phase
    if session.room is not None and found.in_stasis:
        await rooms.resume(session, found.legs)
    elif found.in_stasis and phase in {Phase.FLOW, Phase.WAITING}:
        await session.renew_now()
    elif found.in_stasis and phase in {Phase.OFFERED, Phase.TALKING}:
        await talk.came_back_unseen(session)
    elif not found.in_stasis and phase is Phase.OFFERED and found.operator_up:
        await talk.connected(session)
    elif not found.in_stasis and phase in {Phase.FLOW, Phase.WAITING}:
        taken.taken_by_fallback(session)
