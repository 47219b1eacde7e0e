"""Into the queue, out of it, and what the caller may know of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec.structs
import structlog

from ari_app.model.call import FinalState, Phase
from ari_app.model.commands import AskQueueStatus, BookCallback, Enqueue, LeaveQueue
from ari_app.model.facts import CallDequeued, CallQueued
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import CallbackBooked, QueueStatusKnown
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

ASK_STORE_S = 1.0
"""A caller does not wait longer to be put in line."""


async def enqueue(session: Session, command: Enqueue) -> Outcome:
    """The place in line counts from the first queue of the call's wait; answers come from the dispatcher."""
    now = session.now()
    request = msgspec.structs.replace(command.request, client=session.record.client)
    request = await _with_last_operator(session, request, now)
    session.request, session.entered_at = request, now
    first = session.record.queued_at or now
    session.set(phase=Phase.WAITING, queue=request.queue, queued_at=first)
    needs = {need.skill: need.min_level for need in request.needs}
    session.tell(
        CallQueued(request.queue, {str(skill): level for skill, level in needs.items()}, request.priority)
    )
    session.write()  # the place is on its way to disk before it can be given
    session.services.dispatcher.enqueue(session.record.id, request, now)
    return Outcome.DONE


async def leave_queue(session: Session, command: LeaveQueue) -> Outcome:
    """Out of the line, still in the flow."""
    del command
    if session.request is not None:
        session.services.dispatcher.leave(session.record.id)
        session.tell(CallDequeued(session.request.queue, "left"))
        session.request = None
        session.set(phase=Phase.FLOW)
    return Outcome.DONE


async def ask_status(session: Session, command: AskQueueStatus) -> Outcome:
    """Answered from memory, as a signal like any other."""
    del command
    call = session.record.id
    position = session.services.dispatcher.position(call)
    session.later(QueueStatusKnown(position, session.services.estimate(call)))
    return Outcome.DONE


async def book_callback(session: Session, command: BookCallback) -> Outcome:
    """Promise to call back, on disk before the caller is told; out of the line, which keeps his place."""
    request = session.request or command.request
    entered_at = session.entered_at if session.request is not None else None
    booked = request is not None and await session.services.callbacks.book(
        session.record, request, command.number, entered_at or session.now()
    )
    if booked:
        session.mark = FinalState.CALLBACK
        if session.request is not None:
            session.services.dispatcher.leave(session.record.id)
            session.tell(CallDequeued(session.request.queue, "callback"))
            session.request = None
            session.set(phase=Phase.FLOW)
    session.later(CallbackBooked(booked))
    return Outcome.DONE


async def _with_last_operator(session: Session, request: QueueRequest, entered_at: float) -> QueueRequest:
    """A returning caller is tried with the operator of last time first, where the queue says so (R5).

    A store that is slow or away costs him nothing but that. The time for looking is not taken from the wait
    for that operator, which routing counts from the entry.
    """
    queue = session.services.dispatcher.queues.get(request.queue)
    if queue is None or queue.last_operator_s <= 0 or request.preferred is not None:
        return request
    try:
        async with asyncio.timeout(ASK_STORE_S):
            operator = await session.services.last_operator(session.record)
    except Exception as error:  # noqa: BLE001 - any driver's error, or none in time
        log.warning("queue.last_operator_unknown", error=str(error)[:200])
        return request
    if operator is None:
        return request
    wait_s = queue.last_operator_s + max(0.0, session.now() - entered_at)
    return msgspec.structs.replace(request, preferred=operator, preferred_wait_s=wait_s)
