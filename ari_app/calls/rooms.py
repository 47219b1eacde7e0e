"""A talk in an ARI bridge: both sides are pulled out of the dialplan, then operators and others come and go.

The caller stays in one bridge until the talk is over, so that the recorder on his channel never stops: he
hears music in it while nobody is with him. `settle` brings the PBX in step with the room after every change.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import structlog

from ari_app.calls import outcomes, outside, recording, talk
from ari_app.calls.messages import Admit, Asked
from ari_app.calls.room import Kind, Party, Role, Room
from ari_app.calls.timers import BEAT, BEAT_S, GUARD, PULL, PULL_S
from ari_app.dispatch import direct
from ari_app.model.call import Phase
from ari_app.model.facts import PartyJoined, PartyLeft, TransferEnded, TransferStarted
from ari_app.model.ids import ChannelId, PlaybackId
from ari_app.model.routing import QueueRequest
from ari_app.model.telephony import ChannelEnded, LegJoined, LegPulled
from ari_app.ports import IllegalTransition, NotFound, Outcome, Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

REASON = "@reason"
"""The playback that tells an operator why somebody did not come to the talk."""
ALONE_GUARD_S, TALK_GUARD_S = 20, 120
"""The dead-man's switch: without us, who hears music is served sooner than a pair is parted."""


def present(session: Session) -> Room:
    """The room of a talk that is in one."""
    if session.room is None:
        raise IllegalTransition("the talk is not in our hands")
    return session.room


def host(session: Session) -> Party:
    """The operator whose talk it is. Raises `IllegalTransition` when nobody's."""
    party = present(session).host_party()
    if party is None:
        raise IllegalTransition("no operator is in this talk")
    return party


def request_of(session: Session) -> QueueRequest:
    """What the call asked the router for; a call that never asked has an empty wish of its client."""
    queue = session.record.queue or ""
    return session.request or QueueRequest(queue, client=session.record.client)  # type: ignore[arg-type]


# -- into the room -------------------------------------------------------------------------------------------


async def ready(session: Session, message: Asked | Admit) -> bool:
    """Whether the talk is in a room; if not it is brought there, and the ask waits."""
    if session.room is not None and session.room.arrived:
        return True
    session.waiting_asks.append(message)
    if session.room is None:
        await _pull(session)
    return False


async def _pull(session: Session) -> None:
    offer, leg, telephony = session.offer, session.leg, session.services.telephony
    if offer is None or leg is None:
        refuse_all(session, "the operator's phone is not known")
        return
    room = Room(session.record.id)
    await telephony.open_bridge(room.main)
    began = session.services.clock.monotonic()
    outcome = await telephony.pull(session.record.channel, leg)
    log.info("call.pulled", outcome=outcome.value, took_s=session.services.clock.monotonic() - began)
    if outcome is not Outcome.DONE:
        await telephony.close_bridge(room.main)
        refuse_all(session, "the PBX did not hand the talk over")
        return
    session.room, room.host = room, leg
    room.parties.append(
        Party(leg, "operator", offer.operator, "talk", "talking", session.now(), offer.offer, offer.queue.id)
    )
    room.parties[0].since = session.leg_since
    session.timers.cancel(GUARD)
    session.timers.start(PULL, PULL_S)


def refuse_all(session: Session, why: str) -> None:
    """Nothing of what waits for the room can be done."""
    for message in session.waiting_asks:
        if isinstance(message, Admit):
            session.services.supervision.given_back(message.channel)
        else:
            message.refuse(IllegalTransition(why))
    session.waiting_asks.clear()


async def pulled(session: Session, event: LegPulled) -> None:
    """One side has come; each goes into the bridge at once, so that the gap is as short as can be."""
    room = session.room
    if room is None:
        await session.services.telephony.hang_up(event.channel, 16)
        return
    mine = event.channel == session.record.channel
    if not mine and room.party(event.channel) is None:
        await session.services.telephony.hang_up(event.channel, 16)
        return
    await session.services.telephony.join(room.main, (event.channel,))
    session.pulled.add(event.channel)
    if len(session.pulled) >= 2:
        session.pulled.clear()
        session.timers.cancel(PULL)
        room.arrived = True
        session.timers.start(BEAT, 0.0)
        await settle(session)
        waiting, session.waiting_asks = session.waiting_asks, []
        for message in waiting:
            session.mailbox.put(message)


async def pull_failed(session: Session) -> None:
    """Only one side came: the other hung up in the same moment, of which we are told."""
    log.warning("call.pull_incomplete", came=sorted(session.pulled))
    refuse_all(session, "the talk ended in the same moment")
    room = session.room
    if room is None:
        return
    room.arrived = True
    for party in list(room.parties):
        if party.channel not in session.pulled:
            await left(session, ChannelEnded(party.channel, 16))
    if session.record.channel not in session.pulled:
        session.timers.start(GUARD, 0.0)


# -- keeping step --------------------------------------------------------------------------------------------


async def settle(session: Session) -> None:
    """Music, ringing tone, recorder and switches as the room now wants them."""
    room, telephony = present(session), session.services.telephony
    alone = not any(party.state == "talking" for party in room.parties)
    aside = [party for party in room.parties if party.state == "consulting"]
    called = any(party.state == "ringing" and party.role == "consult" for party in room.parties)
    if alone != room.music:
        room.music = alone
        await telephony.bridge_music(room.main, on=alone)
    tone = called and any(party.channel == room.host for party in aside)
    if tone != room.tone:
        room.tone = tone
        playback = PlaybackId(session.own_id(f"@ring{room.count}"))
        await (telephony.ringing_tone(room.side, playback) if tone else telephony.stop_playback(
            ChannelId(room.side), playback
        ))  # fmt: skip
    lonely = len(aside) == 1 and not tone and aside[0].channel != room.host
    if lonely != room.side_music:
        room.side_music = lonely
        await telephony.bridge_music(room.side, on=lonely)
    await recording.again(session, music=room.music)
    await renew(session)


async def renew(session: Session) -> Outcome:
    """Reset the switches of all whose channels are in our hands."""
    room, telephony = present(session), session.services.telephony
    seconds = ALONE_GUARD_S if room.music else TALK_GUARD_S
    for party in room.parties:
        if party.state != "ringing":
            await telephony.renew(party.channel, TALK_GUARD_S)
    return await telephony.renew(session.record.channel, seconds)


async def move(session: Session, party: Party, state: str) -> None:
    """Bring a party where `state` says: with the caller, aside, or nowhere."""
    room, telephony = present(session), session.services.telephony
    if party.state == state:
        return
    if state == "consulting" and not room.side_open:
        room.side_open = True
        await telephony.open_bridge(room.side)
    if state == "away":
        await telephony.part(room.main if party.state == "talking" else room.side, party.channel)
    else:
        await telephony.join(room.main if state == "talking" else room.side, (party.channel,))
    party.state = state  # type: ignore[assignment]


# -- hold and mute -------------------------------------------------------------------------------------------


async def hold(session: Session, *, held: bool) -> None:
    """Music to the caller, or back to him; asked twice it changes nothing."""
    room, party = present(session), host(session)
    if room.consulted() is not None:
        raise IllegalTransition("the operator is consulting: the caller hears music already")
    if room.held != held:
        room.held = held
        await move(session, party, "away" if held else "talking")
        await settle(session)
        if party.offer is not None:
            session.services.dispatcher.held(party.offer, held=held)


async def mute(session: Session, *, muted: bool) -> None:
    """Nobody hears the operator, or everybody again."""
    party = host(session)
    outcome = await session.services.telephony.mute(party.channel, muted=muted)
    if outcome is not Outcome.DONE:
        raise IllegalTransition("the PBX did not mute the phone")
    party.muted = muted


# -- others --------------------------------------------------------------------------------------------------


async def joined(session: Session, event: LegJoined) -> None:
    """Somebody whom we rang has answered."""
    room = session.room
    party = room.party(event.channel) if room is not None else None
    if party is None or party.dropped:
        await session.services.telephony.hang_up(event.channel, 16)
        return
    party.since = session.now()
    outside.answered(session, party.channel)
    if party.offer is not None:
        session.services.dispatcher.connected(party.offer)
    await move(session, party, "consulting" if party.role == "consult" else "talking")
    session.tell(PartyJoined(party.kind, party.who, party.role))
    if room is not None and room.host is None and party.kind == "operator" and party.role == "talk":
        become_host(session, party)
    await settle(session)


async def admit(session: Session, message: Admit) -> None:
    """A supervisor's phone comes into the talk, takes it over, or was taken out."""
    if message.leaves:
        room = session.room
        party = room.party(message.channel) if room is not None else None
        if room is not None and party is not None:
            room.parties.remove(party)
            _release(session, party, "answered")
            await settle(session)
        return
    if session.record.phase is not Phase.TALKING or session.ended:
        session.services.supervision.given_back(message.channel)
        return
    if not await ready(session, message):
        return
    room, now = present(session), session.now()
    kind: Kind = "operator" if message.take_over else "supervisor"
    role: Role = "talk" if message.take_over else "barge"
    party = Party(message.channel, kind, message.who, role, "away", now, since=now)
    if message.take_over and not await _may_take_over(session, party):
        return
    room.parties.append(party)
    await move(session, party, "talking")
    session.tell(PartyJoined(party.kind, party.who, role))
    if message.take_over:
        await _hand_to(session, party, message.by)
    await settle(session)


async def _may_take_over(session: Session, party: Party) -> bool:
    """The taker's state becomes that of a talk; one who is in another is let go."""
    services = session.services
    await services.telephony.belongs(party.channel, session.record.id)
    try:
        taken = direct.join(
            services.dispatcher, session.record.id, request_of(session), party.operator(), session.now()
        )
    except Refusal as refusal:
        log.warning("call.not_taken_over", who=party.who, reason=str(refusal))
        await services.telephony.hang_up(party.channel, 16)
        return False
    party.offer, party.queue = taken.offer, taken.queue.id
    return True


async def _hand_to(session: Session, party: Party, by: str) -> None:
    """The operator leaves the talk, which is the other's now."""
    room, before = present(session), present(session).host_party()
    if before is not None:
        session.tell(TransferStarted(before.operator(), "operator", party.who, "take_over", by))
        room.parties.remove(before)
        room.host, room.held = None, False
        talk.end_talk(session, by="operator")
    become_host(session, party)
    if before is not None:
        await session.services.telephony.hang_up(before.channel, 16)
        session.tell(TransferEnded(party.who, "answered"))


def become_host(session: Session, party: Party) -> None:
    """From now on it is this operator's talk."""
    room, dispatcher = present(session), session.services.dispatcher
    offer = dispatcher.offers.get(party.offer) if party.offer is not None else None
    if offer is None:
        return
    party.role, room.host = "talk", party.channel
    session.offer = direct.as_assigned(offer)
    session.leg, session.leg_since = party.channel, session.now()
    recording.talk_began(session)
    session.set(operator=offer.operator)
    talk.tell_connected(session, offer.operator)


async def left(session: Session, event: ChannelEnded) -> None:
    """A channel of the room is gone: somebody hung up, or was never reached."""
    room = session.room
    party = room.party(event.channel) if room is not None else None
    if room is None or party is None:
        return
    room.parties.remove(party)
    if party.channel == room.host:
        await _host_left(session)
        return
    outcome = party.dropped or outcomes.of_leg(event.cause) if party.since is None else "answered"
    _release(session, party, outcome)
    operator = room.host_party()
    if operator is not None and operator.state == "consulting":
        await _back_to_caller(session, operator, outcome)
    await _go_on(session)


def _release(session: Session, party: Party, outcome: str) -> None:
    """What the party's end means for its operator, and for the record."""
    talked = session.now() - party.since if party.since is not None else 0.0
    session.tell(PartyLeft(party.kind, party.who, outcome, talked))
    outside.over(session, party.channel)
    if party.offer is None:
        return
    if party.since is not None:
        session.services.dispatcher.finished(party.offer)
    else:
        session.services.dispatcher.failed(party.offer, outcomes.offer_outcome(outcome))


async def _back_to_caller(session: Session, operator: Party, outcome: str) -> None:
    """The consultation is over; when it never came about, the operator hears why before he is back."""
    if outcome in {"answered", "cancelled"}:
        await move(session, operator, "talking")
        return
    await move(session, operator, "away")
    reason = outcomes.spoken(session, operator.operator(), outcome)
    playback = PlaybackId(session.own_id(REASON))
    if await session.services.telephony.play(operator.channel, playback, reason) is not Outcome.DONE:
        await move(session, operator, "talking")


async def told(session: Session) -> None:
    """The operator has heard the reason: he is with the caller again."""
    operator = session.room.host_party() if session.room is not None else None
    if operator is not None and operator.state == "away" and not present(session).held:
        await move(session, operator, "talking")
        await settle(session)


async def _host_left(session: Session) -> None:
    """The operator hung up: who was consulted has the caller now, else who is there talks on."""
    talk.end_talk(session, by="operator")
    room = present(session)
    room.host, room.held = None, False
    heir = room.consulted() or next((each for each in room.parties if each.kind == "operator"), None)
    if heir is not None:
        heir.role = "talk"
        if heir.since is not None:
            await move(session, heir, "talking")
            if heir.kind == "operator":
                become_host(session, heir)
    await _go_on(session)


async def _go_on(session: Session) -> None:
    """Somebody left: those who are there talk on; who is alone goes on in his flow."""
    room = present(session)
    if any(party.kind != "supervisor" for party in room.parties):
        if session.offer is None and session.tape.since is None:
            recording.talk_began(session)  # two others talk on
        await settle(session)
        return
    recording.talk_ended(session)
    await dissolve(session)
    await talk.operator_left(session)


async def resume(session: Session, legs: Collection[ChannelId]) -> None:
    """After a restart, or after the PBX was out of sight: those whose channels are gone have left."""
    room = present(session)
    for channel in set(legs) - {party.channel for party in room.parties}:
        await session.services.telephony.hang_up(channel, 16)
    if not room.arrived:  # we were away while both came out of the dialplan
        room.arrived = True
        await session.services.telephony.open_bridge(room.main)
        there = [session.record.channel, *(party.channel for party in room.parties)]
        await session.services.telephony.join(room.main, there)
    session.timers.start(BEAT, BEAT_S)
    for party in list(room.parties):
        if party.channel not in legs:
            await left(session, ChannelEnded(party.channel, 16))
    if session.room is not None:
        await settle(session)


async def dissolve(session: Session) -> None:
    """Everybody but the caller is let go, and the bridges are taken down."""
    room, telephony = session.room, session.services.telephony
    if room is None:
        return
    session.room = None
    session.timers.cancel(PULL)
    refuse_all(session, "the talk is over")
    for party in room.parties:
        if party.channel != room.host:
            _release(session, party, "answered" if party.since is not None else "caller_gone")
        if party.kind == "supervisor":
            session.services.supervision.given_back(party.channel)
        else:
            await telephony.hang_up(party.channel, 16)
    await telephony.close_bridge(room.main)
    if room.side_open:
        await telephony.close_bridge(room.side)
    await session.renew_now()


def drop_party(session: Session, channel: ChannelId) -> Party:
    """The party of that channel, which is not the operator whose talk it is. Raises `NotFound`."""
    room = present(session)
    party = room.party(channel)
    if party is None or party.channel == room.host:
        raise NotFound(f"no party {channel} is in this talk")
    return party
