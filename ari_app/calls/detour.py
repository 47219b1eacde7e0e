"""A caller on his way to somebody else: blind transfer, and the way back with the reason when it fails.

The operator who sent him is free at once. To an operator the caller goes as an offer, to a queue as a caller
in line, to an outside number through the dialplan's transfer. His flow stands still where it was meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
import structlog

from ari_app.calls import outcomes, outside, recording, rooms, talk
from ari_app.calls.timers import BEAT, BEAT_S, GUARD, GUARD_S
from ari_app.dispatch import direct
from ari_app.dispatch.messages import Assigned
from ari_app.model.call import Phase
from ari_app.model.facts import CallQueued, TransferEnded, TransferStarted
from ari_app.model.ids import OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.model.signals import OperatorLeft
from ari_app.model.talks import Actor, Target
from ari_app.model.telephony import CallReferred, CallReturned
from ari_app.ports import IllegalTransition, NotFound, Outcome, Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

RING_S, OUTSIDE_RING_S, MAX_TALK_S = 20.0, 30.0, 7200.0
PULL_S = 3.0
How = Literal["blind", "refer"]


class Detour(msgspec.Struct):
    """Stored with the call. `home` is what the call asked the router for before it was transferred."""

    target: Target
    back_to: OperatorId | None
    home: QueueRequest
    stage: Literal["pulling", "trying", "returning", "talking"] = "pulling"
    """`talking`: with an outside number, in the dialplan."""
    reason: str = ""
    longest_s: float = MAX_TALK_S
    since: float | None = None
    """When the outside number answered."""


async def begin(session: Session, target: Target, actor: Actor) -> None:
    """Blind transfer. Raises `Refusal` before anything has changed."""
    operator = session.operator()
    if operator is None:
        raise IllegalTransition("no operator is in this talk")
    reserved, target, longest_s = await _reserve(session, target)
    outcome = await leave(session)
    if outcome is not Outcome.DONE:
        outside.over(session, ident(session))
        if reserved is not None:
            session.services.dispatcher.failed(reserved.offer, "cancelled")
        raise IllegalTransition("the PBX did not hand the caller over")
    in_hand = session.record.phase is Phase.FLOW
    _set_out(
        session,
        Detour(target, operator, rooms.request_of(session), longest_s=longest_s),
        reserved,
        "blind",
        actor.name,
    )
    if in_hand:
        await arrived(session)


async def referred(session: Session, event: CallReferred) -> None:
    """The operator's phone sent the caller elsewhere by SIP REFER; it is out of the talk already."""
    operator = session.operator()
    if session.record.phase is not Phase.TALKING or operator is None:
        await session.services.telephony.to_fallback(event.channel)
        return
    kind: Literal["operator", "number"] = "number"
    if OperatorId(event.target) in session.services.dispatcher.operators:
        kind = "operator"
    target, home = Target(kind, event.target), rooms.request_of(session)
    reserved, refused, longest_s = None, "", MAX_TALK_S
    try:
        reserved, target, longest_s = await _reserve(session, target)
    except Refusal as refusal:
        refused = outcomes.of_refusal(refusal)
        log.info("call.refer_refused", reason=str(refusal))
    await rooms.dissolve(session)
    talk.end_talk(session, by="operator")
    _set_out(session, Detour(target, operator, home, longest_s=longest_s), reserved, "refer", operator)
    if refused:
        session.set(phase=Phase.WAITING)
        session.timers.start(BEAT, BEAT_S)
        await session.services.telephony.start_music(session.record.channel, "default")
        await failed(session, refused)
    else:
        await arrived(session)


async def _reserve(session: Session, target: Target) -> tuple[Assigned | None, Target, float]:
    """Whether the target can be had, and for how long; an operator is reserved for the call."""
    dispatcher, request = session.services.dispatcher, rooms.request_of(session)
    match target.kind:
        case "operator":
            to = OperatorId(target.to)
            if to == session.operator():
                raise IllegalTransition(f"operator {to} has this caller already")
            taken = direct.take(dispatcher, session.record.id, request, to, session.now(), back=False)
            return taken, target, MAX_TALK_S
        case "queue":
            queue = QueueId(target.to)
            if queue not in dispatcher.queues:
                raise NotFound(f"there is no queue {queue}")
            if queue in dispatcher.closed:
                raise IllegalTransition(f"queue {queue} is closed")
            return None, target, MAX_TALK_S
        case "number":
            verdict = await outside.allowed(session, ident(session), target.to)
            longest_s = min(MAX_TALK_S, verdict.longest_s)
            return None, msgspec.structs.replace(target, to=verdict.number), longest_s


def ident(session: Session) -> str:
    """Under which name the toll gate knows the call to an outside number."""
    return f"{session.record.id}.out"


async def leave(session: Session) -> Outcome:
    """The caller comes out of the talk into our hands; the operator's phone is hung up."""
    if session.room is None:
        outcome = await session.services.telephony.take(session.record.channel)
        if outcome is Outcome.DONE:
            talk.end_talk(session, by="operator")
        return outcome
    if not session.room.arrived:
        return Outcome.REFUSED
    await rooms.dissolve(session)
    talk.end_talk(session, by="operator")
    session.set(phase=Phase.FLOW)
    return Outcome.DONE


def _set_out(session: Session, way: Detour, reserved: Assigned | None, how: How, by: str) -> None:
    session.detour = way
    session.tell(TransferStarted(way.back_to, way.target.kind, way.target.to, how, by))
    session.offer = reserved
    session.leg = None
    if reserved is not None:
        session.set(phase=Phase.OFFERED, operator=reserved.operator, offered_at=session.now())
    else:
        session.set(phase=Phase.TRANSFERRING)
    session.timers.start(GUARD, PULL_S)


async def arrived(session: Session) -> None:
    """The caller is in our hands: on to the target."""
    way = session.detour
    if way is None or way.stage != "pulling":
        return
    way.stage = "trying"
    session.timers.cancel(GUARD)
    session.timers.start(BEAT, BEAT_S)
    match way.target.kind:
        case "operator":
            if session.offer is not None:
                session.set(phase=Phase.WAITING)
                await talk.begin_offer(session, session.offer)
        case "queue":
            needs = tuple(SkillNeed(SkillId(skill), level) for skill, level in way.target.needs.items())
            request = QueueRequest(
                QueueId(way.target.to), needs=needs, priority=way.home.priority + 1, client=way.home.client
            )
            await _in_line(session, request)
        case "number":
            await _outside(session, way)


async def _in_line(session: Session, request: QueueRequest) -> None:
    now = session.now()
    session.request, session.entered_at = request, now
    session.set(phase=Phase.WAITING, queue=request.queue, operator=None)
    session.tell(
        CallQueued(request.queue, {need.skill: need.min_level for need in request.needs}, request.priority)
    )
    session.write()
    session.services.dispatcher.enqueue(session.record.id, request, now)
    if not session.mailbox.holds(Assigned):
        await session.services.telephony.start_music(session.record.channel, "default")


async def _outside(session: Session, way: Detour) -> None:
    session.set(phase=Phase.TRANSFERRING, operator=None)
    session.timers.start(GUARD, OUTSIDE_RING_S + GUARD_S)
    outcome = await session.services.telephony.transfer(
        session.record.channel,
        way.target.to,
        ring_s=OUTSIDE_RING_S,
        max_talk_s=way.longest_s,
        outside=True,
        record=await recording.before_offer(session),
    )
    if outcome is Outcome.REFUSED:
        outside.over(session, ident(session))
        session.set(phase=Phase.WAITING)
        await failed(session, "phone_error")


async def returned(session: Session, way: Detour, event: CallReturned) -> None:
    """The caller is back from an outside number."""
    withdrawn, session.withdrawn = session.withdrawn, None
    outcome = withdrawn or outcomes.of_offer(event.status, event.cause)
    session.leg = None
    outside.over(session, ident(session))
    if outcome != "answered":
        session.set(phase=Phase.WAITING)
        await session.services.telephony.start_music(session.record.channel, "default")
        await failed(session, outcome)
        return
    if way.stage == "trying":
        session.tell(TransferEnded(way.target.to, "answered"))
    recording.talk_ended(session)
    session.detour = session.request = session.leg = None
    session.set(phase=Phase.FLOW)
    if way.back_to is not None:
        await session.signal(OperatorLeft(way.back_to))
    if session.engine is None or session.engine.finished:
        await session.services.telephony.hang_up(session.record.channel, 16)


def answered(session: Session) -> None:
    """The target (or who gets him back) talks with the caller: the way is over."""
    way, session.detour = session.detour, None
    if way is not None and way.stage == "trying":
        session.tell(TransferEnded(way.target.to, "answered"))


def taken_up(session: Session) -> None:
    """After a restart: a call to an outside number costs on."""
    way = session.detour
    if way is not None and way.target.kind == "number":
        outside.taken_up(session, ident(session), way.since, ours=False)


def outside_answered(session: Session) -> None:
    """The outside number talks with the caller; he stays there until one of them hangs up."""
    way = session.detour
    if way is not None and way.stage == "trying":
        way.stage, way.since = "talking", session.now()
        outside.answered(session, ident(session))
        recording.talk_began(session)
        session.tell(TransferEnded(way.target.to, "answered"))


async def failed(session: Session, outcome: str) -> None:
    """Back to who sent him, who hears why; when he cannot be had either, back in line for somebody else."""
    way = session.detour
    if way is None:
        return
    if way.stage == "returning":
        await _home(session, way)
        return
    session.tell(TransferEnded(way.target.to, outcome, way.back_to))
    way.stage, way.reason = "returning", outcome
    services = session.services
    if session.request is not None:
        services.dispatcher.leave(session.record.id)
    session.request = way.home
    try:
        if way.back_to is None:
            raise NotFound("nobody to go back to")
        back = direct.take(
            services.dispatcher, session.record.id, way.home, way.back_to, session.now(), back=True
        )
    except Refusal as refusal:
        log.info("call.not_taken_back", operator=way.back_to, reason=str(refusal))
        await _home(session, way)
        return
    session.set(phase=Phase.WAITING, queue=way.home.queue or None)
    await talk.begin_offer(session, back, say=outcomes.spoken_id(session, back.operator, outcome))


async def _home(session: Session, way: Detour) -> None:
    """In line again for anybody who fits, his own operator first, ahead of who came later."""
    session.detour = None
    request = msgspec.structs.replace(way.home, preferred=way.back_to, preferred_wait_s=0.0)
    if not request.queue:
        await session.services.telephony.hang_up(session.record.channel, 16)
        return
    await _in_line(session, msgspec.structs.replace(request, priority=request.priority + 1))


async def take_back(session: Session) -> None:
    """Nobody has answered yet: end the attempt; the failure brings the caller back."""
    way = session.detour
    if way is None or way.stage != "trying":
        raise IllegalTransition("the caller is not on his way to anybody")
    if session.record.phase is Phase.WAITING:
        session.services.dispatcher.leave(session.record.id)
        await failed(session, "cancelled")
    elif session.leg is not None:
        session.withdrawn = "cancelled"
        await session.services.telephony.hang_up(session.leg, 16)
    else:
        raise IllegalTransition("the other phone does not ring yet: try again")
