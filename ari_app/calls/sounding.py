"""What sounds on a call's line now, and the dead-man's switch meanwhile.

Asterisk 22.10 sets a channel's variable only between two commands of its control thread: during a playback or
a recording the request is held until that ends, and with it everything behind it on the same socket
(measured: 9.8 s into the rest of a prompt). So the switch is not renewed while something sounds. Before each
sound it is, where it might go off before the sound ends: prompts may follow on each other without a gap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ari_app.calls.timers import BEAT_S, DEAD_MAN_S
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

SPARE_S = 2.0


@dataclass(slots=True)
class Sounding:
    """The latest playback or recording: its id on the PBX, and when it should be over (monotonic clock)."""

    ident: str = ""
    until: float = 0.0


async def begins(session: Session, ident: str, lasts_s: float) -> None:
    """Just before something is played or recorded that lasts so long at most."""
    over_at = session.services.clock.monotonic() + lasts_s + SPARE_S
    session.sounding = Sounding(ident, over_at)
    if session.switch_at < over_at + BEAT_S:
        await renew(session, DEAD_MAN_S + math.ceil(lasts_s + SPARE_S))


async def renew(session: Session, seconds: int = DEAD_MAN_S) -> Outcome:
    """Set the switch, and remember when it would go off."""
    switch_at = session.services.clock.monotonic() + seconds
    outcome = await session.services.telephony.renew(session.record.channel, seconds)
    if outcome is Outcome.DONE:
        session.switch_at = switch_at
    return outcome


def handed_over(session: Session) -> None:
    """The dialplan has just set the switch, and given the caller to us."""
    session.switch_at = session.services.clock.monotonic() + DEAD_MAN_S


def over(session: Session, ident: str) -> None:
    """It is over, or never was."""
    if session.sounding.ident == ident:
        session.sounding = Sounding()


def lasts(session: Session) -> bool:
    """Whether the PBX would hold a renewal back."""
    return session.services.clock.monotonic() < session.sounding.until
