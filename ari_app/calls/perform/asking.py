"""What takes time and must not hold up the call: other systems, protocol numbers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ari_app.model.commands import IssueProtocol, Lookup
from ari_app.model.facts import ProtocolGiven
from ari_app.model.signals import LookupCompleted, ProtocolIssued
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session


async def look_up(session: Session, command: Lookup) -> Outcome:
    """Asked beside the call, in the session's own task group; digits and hang-up are heard meanwhile."""
    session.beside(_ask(session, command))
    return Outcome.DONE


async def _ask(session: Session, command: Lookup) -> None:
    deadline_s = (command.timeout_s + 1.0) * (command.retries + 1)
    try:
        async with asyncio.timeout(deadline_s):
            answer = await session.services.lookups.ask(command)
    except TimeoutError:
        answer = LookupCompleted(command.lookup, ok=False, error="timeout")
    session.later(answer)


async def issue_protocol(session: Session, command: IssueProtocol) -> Outcome:
    """The number is ours at once: it is unique by its making, and its case is on its way to disk."""
    protocol = session.services.cases.issue(session.record, command.kind)
    session.set(protocol=protocol)
    session.tell(ProtocolGiven(protocol, command.kind))
    session.later(ProtocolIssued(protocol))
    return Outcome.DONE
