"""Somebody's phone was lost in the middle of a talk (a page loaded anew): it rings, and has its place again.

Only the leg is another: the talk, its recording and all who are in it stay. The caller hears music as long as
nobody else is with him.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ari_app.calls import rooms
from ari_app.model.facts import PhoneRejoined
from ari_app.model.ids import OperatorId
from ari_app.model.telephony import ChannelEnded, LegJoined
from ari_app.ports import IllegalTransition, NotFound, Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

RING_S = 20.0


async def rejoin(session: Session, extension: OperatorId, *, by: str) -> None:
    """Ring the operator's phone once more; whatever leg it had is given up."""
    room = rooms.present(session)
    before = next((each for each in room.parties if each.kind == "operator" and each.who == extension), None)
    if before is None:
        raise NotFound(f"operator {extension} is not in this talk")
    if before.state == "ringing":
        raise IllegalTransition(f"the phone of {extension} is rung already")
    after = msgspec.structs.replace(
        before, channel=room.new_leg(), state="ringing", place=before.state, muted=False, dropped=""
    )
    room.parties[room.parties.index(before)] = after
    if room.host == before.channel:
        room.host = session.leg = after.channel
    session.tell(PhoneRejoined(extension, by))
    await session.services.telephony.hang_up(before.channel, 16)  # a phone has one call at a time
    outcome = await session.services.telephony.ring(
        after.channel,
        extension,
        call=session.record.id,
        client=session.record.client,
        shows=session.record.caller,
        ring_s=RING_S,
        outside=False,
    )
    if outcome is not Outcome.DONE:
        await rooms.left(session, ChannelEnded(after.channel, 20))
        raise IllegalTransition(f"{extension} cannot be reached")
    await rooms.settle(session)


async def joined(session: Session, event: LegJoined) -> bool:
    """Whether who answered is somebody who had a place: he is there again, or with the caller."""
    room = session.room
    party = room.party(event.channel) if room is not None else None
    if room is None or party is None or not party.place or party.dropped:
        return False
    place, party.place = party.place, ""
    if place == "away" and room.held:
        party.state = "away"
    elif place == "consulting" and room.consulted() is not None:
        await rooms.move(session, party, "consulting")
    else:
        await rooms.move(session, party, "talking")
    await rooms.settle(session)
    return True
