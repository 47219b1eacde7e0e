"""Attended transfer by the phone itself (REFER with Replaces): Asterisk joins both calls and tells nobody.

The operator's leg ended and the caller is still with somebody: who that is stands in the PBX's bridges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import recording, rooms, talk
from ari_app.calls.timers import GUARD, GUARD_S, LEFT_S
from ari_app.dispatch import direct
from ari_app.model.facts import TransferEnded, TransferStarted
from ari_app.ports import Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()


async def look(session: Session) -> None:
    """See with whom the caller talks now; nobody new is found while the talk is as it was."""
    found = await session.services.telephony.neighbours(session.record.channel)
    others = [leg for leg in found or () if leg.channel != session.leg]
    if not others or session.ended:
        return
    leg, before = others[0], session.operator()
    if leg.operator is None:
        if before is not None:
            log.info("call.handed_over_outside", operator=before)
            talk.end_talk(session, by="operator")
            session.tell(TransferStarted(before, "number", leg.number, "refer", before))
            session.tell(TransferEnded(leg.number, "answered"))
        session.leg = leg.channel
        session.timers.start(GUARD, GUARD_S)
        return
    try:
        taken = direct.join(
            session.services.dispatcher,
            session.record.id,
            rooms.request_of(session),
            leg.operator,
            session.now(),
        )
    except Refusal as refusal:  # the other call, which is ending, still has this operator
        log.info("call.not_handed_over_yet", operator=leg.operator, reason=str(refusal))
        session.timers.start(GUARD, LEFT_S)
        return
    log.info("call.handed_over", operator=leg.operator)
    talk.end_talk(session, by="operator")
    if before is not None:
        session.tell(TransferStarted(before, "operator", leg.operator, "refer", before))
        session.tell(TransferEnded(leg.operator, "answered"))
    session.offer, session.leg, session.leg_since = taken, leg.channel, session.now()
    session.set(operator=leg.operator)
    session.timers.cancel(GUARD)
    recording.talk_began(session)
    talk.tell_connected(session, leg.operator)
