"""To an operator by name, an extension or an outside number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls.timers import GUARD, GUARD_S
from ari_app.model.call import FinalState, Phase
from ari_app.model.commands import TransferTo
from ari_app.model.signals import TransferEnded
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

MAX_TALK_S = 7200.0


async def transfer_to(session: Session, command: TransferTo) -> Outcome:
    """The caller goes to Dial() and comes back with `TransferEnded`, or does not come back: transferred."""
    session.set(phase=Phase.TRANSFERRING)
    session.mark = FinalState.TRANSFERRED
    session.write()
    outcome = await session.services.telephony.transfer(
        session.record.channel,
        command.target,
        ring_s=command.ring_s,
        max_talk_s=MAX_TALK_S,
        outside=command.kind == "number",
    )
    session.timers.start(GUARD, command.ring_s + GUARD_S)
    if outcome is Outcome.REFUSED:
        session.set(phase=Phase.FLOW)
        session.mark = None
        session.later(TransferEnded("failed"))
    return outcome
