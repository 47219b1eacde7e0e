"""What people ask for during a talk, by HTTP or a dialled code: it is answered, or refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import consulting, detour, parking, rejoining, rooms
from ari_app.calls.messages import Asked
from ari_app.model import talks as t
from ari_app.model.call import Phase
from ari_app.model.facts import CallHeld, OperatorMuted
from ari_app.ports import IllegalTransition, NotFound, Refusal

if TYPE_CHECKING:
    from ari_app.calls.room import Party
    from ari_app.calls.session import Session

log = structlog.get_logger()

AFTER_TALK = (t.Retrieve, t.TakeBack)
"""What is asked for while the caller is parked or on his way."""


async def asked(session: Session, message: Asked) -> None:
    """Do what is asked, or say why not. What needs both sides in our hands waits until they are."""
    ask, actor = message.ask, message.actor
    try:
        _check(session, ask, actor)
        if isinstance(ask, AFTER_TALK):
            await _after_talk(session, ask, actor)
        elif isinstance(ask, t.Transfer):
            await detour.begin(session, ask.target, actor)
        elif isinstance(ask, t.Park):
            await parking.park(session, actor)
        elif await rooms.ready(session, message):
            await _in_room(session, ask, actor)
        else:
            return
    except Refusal as refusal:
        log.info("call.ask_refused", ask=type(ask).__name__, by=actor.name, reason=str(refusal))
        message.refuse(refusal)
        return
    session.write()  # on its way to disk before anybody relies on it
    log.info("call.asked", ask=type(ask).__name__, by=actor.name)
    if not message.reply.done():
        message.reply.set_result(view(session))


def view(session: Session) -> t.TalkView:
    """The talk as it is now."""
    record, room, way = session.record, session.room, session.detour
    host = room.host_party() if room is not None else None
    consulted = room.consulted() if room is not None else None
    return t.TalkView(
        call=record.id,
        phase=record.phase.value,
        operator=session.operator(),
        held=room is not None and room.held,
        muted=host is not None and host.muted,
        consulting=consulted.who if consulted is not None else "",
        with_caller=host is None or host.state == "talking",
        transferring_to=way.target.to if way is not None else "",
        slot=session.slot,
        parties=tuple(_party(each) for each in room.parties) if room is not None else (),
    )


def _party(party: Party) -> t.PartyView:
    return t.PartyView(party.channel, party.kind, party.who, party.state, party.muted)


def _check(session: Session, ask: t.Ask, actor: t.Actor) -> None:
    record = session.record
    if session.ended:
        raise NotFound(f"call {record.id} is over")
    own_phone = isinstance(ask, t.Retrieve | t.Rejoin) and actor.operator in {None, ask.extension}
    if isinstance(ask, t.Rejoin) and ask.extension not in _present(session):
        raise NotFound(f"operator {ask.extension} is not in this talk")
    if not own_phone and actor.operator is not None and actor.operator not in takes_part(session):
        raise NotFound(f"call {record.id} does not exist")
    if not isinstance(ask, AFTER_TALK) and record.phase is not Phase.TALKING:
        raise IllegalTransition(f"nobody talks with the caller: the call is {record.phase.value}")


def takes_part(session: Session) -> set[str]:
    """The operators who may act on this call: who talks with the caller, or has just sent him elsewhere."""
    own = {session.operator(), session.parked_by}
    if session.detour is not None:
        own.add(session.detour.back_to)
    return {operator for operator in own if operator is not None}


def _present(session: Session) -> set[str | None]:
    """The operators who are in the talk, whosoever it is."""
    parties = session.room.parties if session.room is not None else ()
    return {session.operator(), *(party.who for party in parties if party.kind == "operator")}


async def _after_talk(session: Session, ask: t.Ask, actor: t.Actor) -> None:
    match ask:
        case t.Retrieve(extension=extension):
            await parking.retrieve(session, extension, actor)
        case t.TakeBack():
            await detour.take_back(session)
        case _:
            raise NotFound(f"{type(ask).__name__} is nothing that can be asked for")


async def _in_room(session: Session, ask: t.Ask, actor: t.Actor) -> None:
    match ask:
        case t.Hold():
            await rooms.hold(session, held=True)
            session.tell(CallHeld(rooms.host(session).operator(), held=True, by=actor.name))
        case t.Resume():
            await rooms.hold(session, held=False)
            session.tell(CallHeld(rooms.host(session).operator(), held=False, by=actor.name))
        case t.Mute() | t.Unmute():
            muted = isinstance(ask, t.Mute)
            await rooms.mute(session, muted=muted)
            session.tell(OperatorMuted(rooms.host(session).operator(), muted=muted, by=actor.name))
        case t.Consult(target=target):
            await consulting.consult(session, target)
        case t.Toggle():
            await consulting.toggle(session)
        case t.Complete():
            await consulting.complete(session, by=actor.name)
        case t.Cancel():
            await consulting.cancel(session)
        case t.Conference(target=target):
            await consulting.conference(session, target)
        case t.Rejoin(extension=extension):
            await rejoining.rejoin(session, extension, by=actor.name)
        case t.Drop(party=party):
            await consulting.drop(session, party)
        case _:
            raise NotFound(f"{type(ask).__name__} is nothing that can be asked for")
