"""What sounds on a call's line now, and the dead-man's switch meanwhile.

Asterisk 22.10 sets a channel's variable only between two commands of its control thread: during a playback or
a recording the request is held until that ends, and with it everything behind it on the same socket
(measured: 9.8 s into the rest of a prompt). So the switch is not renewed while something sounds; before what
lasts, it is set to the end of that and its usual time beyond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ari_app.calls.timers import DEAD_MAN_S

if TYPE_CHECKING:
    from ari_app.calls.session import Session

SHORT_S = 8.0
"""What is over sooner leaves the switch, renewed every five seconds, time enough."""
SPARE_S = 2.0


@dataclass(slots=True)
class Sounding:
    """The latest playback or recording: its id on the PBX, and when it should be over (monotonic clock)."""

    ident: str = ""
    until: float = 0.0


async def begins(session: Session, ident: str, lasts_s: float) -> None:
    """Just before something is played or recorded that lasts so long at most."""
    session.sounding = Sounding(ident, session.services.clock.monotonic() + lasts_s + SPARE_S)
    if lasts_s > SHORT_S:
        switch_s = DEAD_MAN_S + math.ceil(lasts_s + SPARE_S)
        await session.services.telephony.renew(session.record.channel, switch_s)


def over(session: Session, ident: str) -> None:
    """It is over, or never was."""
    if session.sounding.ident == ident:
        session.sounding = Sounding()


def lasts(session: Session) -> bool:
    """Whether the PBX would hold a renewal back."""
    return session.services.clock.monotonic() < session.sounding.until
