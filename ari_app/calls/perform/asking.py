"""What takes time and must not hold up the call: other systems, protocol numbers."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from ari_app.calls.cases import ZONE
from ari_app.model.commands import IssueProtocol, Lookup
from ari_app.model.facts import ProtocolGiven
from ari_app.model.signals import LookupCompleted, ProtocolIssued
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

OWN_HOST = "ramal.internal"
"""Look-ups there are answered from our own store: `http://ramal.internal/cases/<protocol>`."""


async def look_up(session: Session, command: Lookup) -> Outcome:
    """Asked beside the call, in the session's own task group; digits and hang-up are heard meanwhile."""
    session.beside(_ask(session, command))
    return Outcome.DONE


async def _ask(session: Session, command: Lookup) -> None:
    deadline_s = (command.timeout_s + 1.0) * (command.retries + 1)
    try:
        async with asyncio.timeout(deadline_s):
            if urlsplit(command.url).hostname == OWN_HOST:
                answer = await _know(session, command)
            else:
                answer = await session.services.lookups.ask(command)
    except TimeoutError:
        answer = LookupCompleted(command.lookup, ok=False, error="timeout")
    session.later(answer)


async def _know(session: Session, command: Lookup) -> LookupCompleted:
    """The state of a case, for a caller who keys its protocol (P11); nothing else of it is told."""
    _, _, protocol = urlsplit(command.url).path.rpartition("/cases/")
    try:
        case = await session.services.case_of(protocol)
    except Exception as error:  # noqa: BLE001 - a store that is away is one more look-up that failed
        return LookupCompleted(command.lookup, ok=False, error=f"{type(error).__name__}: {error}"[:200])
    if case is None or case.client != session.record.client:
        return LookupCompleted(command.lookup, ok=False, status=404, error="no such case")
    due = datetime.fromtimestamp(case.deadline_at, ZONE).date().isoformat()
    body = msgspec.json.encode({"kind": case.kind, "state": case.state, "deadline": due})
    return LookupCompleted(command.lookup, ok=True, status=200, body=msgspec.Raw(body))


async def issue_protocol(session: Session, command: IssueProtocol) -> Outcome:
    """The number is ours at once: it is unique by its making, and its case is on its way to disk."""
    protocol = session.services.cases.issue(session.record, command.kind)
    session.set(protocol=protocol)
    session.tell(ProtocolGiven(protocol, command.kind))
    session.later(ProtocolIssued(protocol))
    return Outcome.DONE
