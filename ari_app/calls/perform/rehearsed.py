"""In a rehearsal: what the flow asks of the world is answered by the made-up one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls.rehearsal import Rehearsal, later_signal
from ari_app.model import commands as c
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

_WORLD = (
    c.Enqueue,
    c.LeaveQueue,
    c.AskQueueStatus,
    c.BookCallback,
    c.TransferTo,
    c.KeepMessage,
    c.IssueProtocol,
    c.RecordingConsent,
)


def is_staged(rehearsal: Rehearsal, command: c.Command) -> bool:
    """Whether the made-up world answers; line, voice and keys are real."""
    if isinstance(command, c.Lookup):
        return not rehearsal.asks
    if isinstance(command, c.RecordMessage):
        return "recording" in rehearsal.stage.world.broken
    return isinstance(command, _WORLD)


async def staged(session: Session, rehearsal: Rehearsal, command: c.Command) -> Outcome:
    """Ask the stage; its reply comes as a signal."""
    reply = rehearsal.stage.take(command)
    if isinstance(command, c.KeepMessage) and rehearsal.keep is not None:
        await rehearsal.keep(session, command)
    if reply is not None:
        later_signal(session, reply.after_s, reply.signal)
    return Outcome.DONE
