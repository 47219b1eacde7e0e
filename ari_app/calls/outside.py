"""Outside numbers in a talk, or that a caller is sent to: judged and paid for by the toll gate (X8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls.toll import Allowed
from ari_app.model.ids import CallId
from ari_app.ports import Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

TOLL = "@toll~"
"""Timers of this name, and the leg's id behind it: the call has cost what it may."""
TRUNK = "carrier"


class NumberRefused(Refusal):
    """A number that is not called."""


def allowed(session: Session, ident: str, number: str) -> Allowed:
    """How the number is to be dialled, and for how long; its money is held until `over`.

    Raises `NumberRefused`.
    """
    verdict = session.services.toll.ask(
        CallId(ident), number, session.now(), operator=session.operator(), trunk=TRUNK
    )
    if not isinstance(verdict, Allowed):
        raise NumberRefused(verdict.text)
    session.tolls[ident] = None
    return verdict


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
