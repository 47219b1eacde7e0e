"""Attended transfer and conference: somebody is rung for a talk, consulted aside, joined, let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls import outside, recording, rooms, talk
from ari_app.calls.room import Kind, Party, Role
from ari_app.dispatch import direct
from ari_app.model.facts import TransferEnded, TransferStarted
from ari_app.model.ids import ChannelId, OfferId, OperatorId, QueueId
from ari_app.model.talks import Target
from ari_app.ports import IllegalTransition, Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

RING_S = 30.0
MOST_PARTIES = 6


async def consult(session: Session, target: Target) -> None:
    """Ring the target; the operator waits for it aside, the caller hears music."""
    operator = rooms.host(session)
    await _call(session, target, "consult")
    await rooms.move(session, operator, "consulting")
    await rooms.settle(session)


async def toggle(session: Session) -> None:
    """From the one consulted to the caller, or back."""
    operator, other = rooms.host(session), _consulted(session)
    if other.state == "ringing":
        raise IllegalTransition(f"{other.who} has not answered yet")
    await rooms.move(session, operator, "consulting" if operator.state == "talking" else "talking")
    await rooms.settle(session)


async def complete(session: Session, *, by: str) -> None:
    """The operator leaves; the caller talks with the one consulted."""
    operator, other = rooms.host(session), _consulted(session)
    if other.state == "ringing":
        raise IllegalTransition(f"{other.who} has not answered yet")
    session.tell(TransferStarted(operator.operator(), other.kind, other.who, "attended", by))  # type: ignore[arg-type]
    room = rooms.present(session)
    room.parties.remove(operator)
    talk.end_talk(session, by="operator")
    room.host, room.held, other.role = None, False, "talk"
    await rooms.move(session, other, "talking")
    if other.kind == "operator":
        rooms.become_host(session, other)
    else:
        recording.talk_began(session)
    await session.services.telephony.hang_up(operator.channel, 16)
    session.tell(TransferEnded(other.who, "answered"))
    await rooms.settle(session)


async def cancel(session: Session) -> None:
    """Whoever is consulted or still rung is let go; the operator is with the caller again."""
    room = rooms.present(session)
    others = [party for party in room.parties if party.role == "consult" or party.state == "ringing"]
    if not others:
        raise IllegalTransition("nobody is consulted or rung")
    for party in others:
        await _let_go(session, party)
    operator = rooms.host(session)
    if operator.state == "consulting":
        await rooms.move(session, operator, "talking")
    await rooms.settle(session)


async def conference(session: Session, target: Target | None) -> None:
    """All hear each other; without a target it is the one consulted who joins."""
    operator, room = rooms.host(session), rooms.present(session)
    if target is not None:
        await _call(session, target, "conference")
        return
    other = _consulted(session)
    if other.state == "ringing":
        raise IllegalTransition(f"{other.who} has not answered yet")
    other.role, room.held = "conference", False
    for party in (other, operator):
        await rooms.move(session, party, "talking")
    await rooms.settle(session)


async def drop(session: Session, channel: ChannelId) -> None:
    """Let one party go, whatever it was called for."""
    await _let_go(session, rooms.drop_party(session, channel))


async def _let_go(session: Session, party: Party) -> None:
    """Its end is told by the PBX, and does the rest."""
    party.dropped = "answered" if party.since is not None else "cancelled"
    await session.services.telephony.hang_up(party.channel, 16)


def _consulted(session: Session) -> Party:
    party = rooms.present(session).consulted()
    if party is None:
        raise IllegalTransition("nobody is consulted")
    return party


async def _call(session: Session, target: Target, role: Role) -> None:
    room, services = rooms.present(session), session.services
    if role == "consult" and room.consulted() is not None:
        raise IllegalTransition("one is consulted already")
    if len(room.parties) >= MOST_PARTIES:
        raise IllegalTransition(f"{MOST_PARTIES} are in this talk already")
    leg = room.new_leg()
    kind: Kind
    offer: OfferId | None = None
    queue = QueueId("")
    match target.kind:
        case "operator":
            kind, who = "operator", target.to
            reserved = direct.take(
                services.dispatcher,
                session.record.id,
                rooms.request_of(session),
                OperatorId(target.to),
                session.now(),
                back=False,
            )
            offer, queue = reserved.offer, reserved.queue.id
        case "number":
            verdict = await outside.allowed(session, leg, target.to)
            kind, who = "outside", verdict.number
            session.timers.start(outside.TOLL + leg, verdict.longest_s)
        case _:
            raise IllegalTransition("a queue cannot be consulted: transfer to it, or consult an operator")
    party = Party(leg, kind, who, role, "ringing", session.now(), offer, queue)
    room.parties.append(party)
    outcome = await services.telephony.ring(
        leg,
        who,
        call=session.record.id,
        client=session.record.client,
        shows=session.record.caller,
        ring_s=RING_S,
        outside=kind == "outside",
    )
    if outcome is not Outcome.DONE:
        room.parties.remove(party)
        outside.over(session, leg)
        if offer is not None:
            services.dispatcher.failed(offer, "unreachable")
        raise IllegalTransition(f"{who} cannot be reached")
