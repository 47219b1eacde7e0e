"""Parked callers: a numbered slot with music, fetched by anybody, back to who parked him after a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import detour, rooms, talk
from ari_app.calls.timers import BEAT, BEAT_S, GUARD, PARK
from ari_app.dispatch import direct
from ari_app.model.call import Phase
from ari_app.model.facts import CallParked, CallRetrieved
from ari_app.model.ids import OperatorId
from ari_app.model.talks import Actor, Target
from ari_app.ports import IllegalTransition, Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

PARK_S = 120.0


async def park(session: Session, actor: Actor) -> None:
    """Music to the caller in a slot; the operator is free."""
    operator = session.operator()
    if operator is None:
        raise IllegalTransition("no operator is in this talk")
    slot = session.services.slots.give(session.record.client, session.record.id)
    outcome = await detour.leave(session)
    if outcome is not Outcome.DONE:
        session.services.slots.free(session.record.client, slot, session.record.id)
        raise IllegalTransition("the PBX did not hand the caller over")
    in_hand = session.record.phase is Phase.FLOW
    session.parked_by, session.slot = operator, slot
    session.set(phase=Phase.PARKED, operator=None)
    session.tell(CallParked(slot, operator, actor.name))
    session.timers.start(PARK, PARK_S)
    if in_hand:
        await arrived(session)
    else:
        session.timers.start(GUARD, detour.PULL_S)


async def arrived(session: Session) -> None:
    """The parked caller is in our hands."""
    session.timers.cancel(GUARD)
    session.timers.start(BEAT, BEAT_S)
    await session.services.telephony.start_music(session.record.channel, "default")


async def retrieve(session: Session, extension: OperatorId, actor: Actor) -> None:
    """Ring this operator's phone with the parked caller."""
    if session.record.phase is not Phase.PARKED:
        raise IllegalTransition("the caller is not parked")
    services, request = session.services, rooms.request_of(session)
    taken = direct.take(services.dispatcher, session.record.id, request, extension, session.now(), back=True)
    _leave_slot(session, extension, actor.name)
    session.detour = detour.Detour(Target("operator", extension), session.parked_by, request, "trying")
    session.set(phase=Phase.WAITING)
    await talk.begin_offer(session, taken)


async def overdue(session: Session) -> None:
    """Nobody fetched him: back to who parked him, else in line."""
    if session.record.phase is not Phase.PARKED:
        return
    back_to = session.parked_by
    _leave_slot(session, back_to, "timeout")
    session.detour = detour.Detour(
        Target("operator", back_to or ""), back_to, rooms.request_of(session), "trying"
    )
    await detour.failed(session, "timeout")


def _leave_slot(session: Session, operator: OperatorId | None, by: str) -> None:
    session.timers.cancel(PARK)
    session.tell(CallRetrieved(session.slot, operator, by))
    vacate(session)


def vacate(session: Session) -> None:
    """The slot is free for others."""
    if session.slot:
        session.services.slots.free(session.record.client, session.slot, session.record.id)
        session.slot = ""


def found(session: Session) -> None:
    """After a restart the slot is still his, and his time begins anew."""
    session.timers.start(PARK, PARK_S)
