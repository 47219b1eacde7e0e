"""Outside numbers in a talk, or that a caller is sent to: judged and paid for by the toll gate (X8)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from ari_app.calls.toll import Allowed
from ari_app.model.ids import CallId
from ari_app.ports import Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

TOLL = "@toll~"
"""Timers of this name, and the leg's id behind it: the call has cost what it may."""
TRUNK = "carrier"
DNC_S = 1.0
"""The list answers within this time, or the call is refused."""
log = structlog.get_logger()


class NumberRefused(Refusal):
    """A number that is not called."""


async def allowed(session: Session, ident: str, number: str) -> Allowed:
    """How the number is to be dialled, and for how long; its money is held until `over`.

    Calling hours are not asked: whoever is fetched into a talk is not called out of the blue. Raises
    `NumberRefused`, also while the do-not-call list cannot be asked.
    """
    verdict = session.services.toll.ask(
        CallId(ident), number, session.now(), operator=session.operator(), trunk=TRUNK
    )
    if not isinstance(verdict, Allowed):
        raise NumberRefused(verdict.text)
    session.tolls[ident] = None
    no = "" if verdict.emergency else await _listed(session, verdict.number)
    if no:
        over(session, ident)
        raise NumberRefused(no)
    return verdict


async def _listed(session: Session, number: str) -> str:
    try:
        async with asyncio.timeout(DNC_S):
            listed = await session.services.on_dnc(session.record.client, number)
    except Exception as error:  # noqa: BLE001 - not asked is not allowed
        log.warning("outside.dnc_not_asked", error=str(error)[:200])
        return "the do-not-call list cannot be asked now"
    return f"{number} is on the do-not-call list" if listed else ""


def taken_up(session: Session, ident: str, since: float | None, *, ours: bool = True) -> None:
    """A restart found this call under way, answered `since`: its money counts on, and its time.

    `ours`: a leg that we hold; the dialplan watches over those that it dialled.
    """
    held = session.services.toll.again(CallId(ident))
    if held is None:
        return
    session.tolls[ident] = since
    if ours:
        session.timers.start(TOLL + ident, held.asked_at + held.longest_s - session.now())


def line_taken_up(session: Session) -> None:
    """A restart found a call under way that we placed (callback, campaign, an operator's own): as it was."""
    held = session.services.toll.again(session.record.id)
    if held is not None and session.record.direction == "outbound":
        left_s = held.asked_at + held.longest_s - session.now()
        session.timers.start(TOLL + session.record.channel, left_s)


def answered(session: Session, ident: str) -> None:
    """From now on it costs."""
    if ident in session.tolls:
        session.tolls[ident] = session.now()


def over(session: Session, ident: str) -> None:
    """What it cost replaces what it held; of numbers that were never asked for nothing is known."""
    if ident not in session.tolls:
        return
    began = session.tolls.pop(ident)
    session.timers.cancel(TOLL + ident)
    talked = session.now() - began if began is not None else 0.0
    session.services.toll.ended(CallId(ident), talked, session.now())


def all_over(session: Session) -> None:
    """The call is."""
    for ident in list(session.tolls):
        over(session, ident)
