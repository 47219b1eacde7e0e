"""Callers whom the dialplan took from us: its dead-man's switch went off while we were frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import sounding
from ari_app.calls.timers import GUARD
from ari_app.model.call import FinalState, Phase
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

TAKEN_GUARD_S = 30.0
"""How often the PBX is asked for a caller whom the dialplan serves."""


async def is_taken(session: Session) -> bool:
    """Whether the dialplan has the caller whom we believe in Stasis: the PBX answers, and refuses to renew.

    So it is when we were frozen for longer than the dead-man's switch. An offer for such a caller is refused
    too, and every operator it is tried with would be taken for unreachable.
    """
    telephony, channel = session.services.telephony, session.record.channel
    return await telephony.exists(channel) is True and await sounding.renew(session) is Outcome.REFUSED


def taken_by_fallback(session: Session) -> None:
    """The dialplan serves the caller now: the flow must touch him no more, we only wait for his end."""
    log.warning("call.taken_by_fallback")
    session.mark = FinalState.FALLBACK
    session.services.dispatcher.leave(session.record.id)
    session.request = session.engine = None
    session.set(phase=Phase.TRANSFERRING)
    session.timers.clear()
    session.timers.start(GUARD, TAKEN_GUARD_S)
