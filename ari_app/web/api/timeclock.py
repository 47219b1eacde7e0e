"""`/punches`: the time clock as it was written, corrections that append, and the proof that it is whole (W1).

It keeps times; it is not a certified REP-P (Brazil, Portaria MTP 671/2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, OperatorId, PunchId
from ari_app.model.punch import Punch, effective
from ari_app.ports import OperatorDesk
from ari_app.web.api.inputs import Moment, epoch
from ari_app.web.api.operators import visible
from ari_app.web.api.timeclock_views import PunchOut, punch_out
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import AUDITORS, LEADERS, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing

AHEAD_S = 60.0
"""A punch cannot be told before it happens; so much may clocks differ."""


class Punches(Protocol):
    """The chain in the store."""

    async def punches(self, operator: OperatorId) -> list[Punch]: ...

    async def first_broken(self, client: ClientId) -> Punch | None: ...


class PunchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which punches, by the time punched; `effective`: what counts after corrections, in time's order."""

    since: Moment | None = None
    until: Moment | None = None
    effective: bool = False


class CorrectionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A forgotten punch, or one in the place of `corrects`; `direction` null strikes that one out."""

    direction: Literal["in", "out"] | None
    at: Moment
    note: Annotated[str, Meta(min_length=3, max_length=200)]
    corrects: Annotated[str, Meta(max_length=100)] | None = None


class ProofOut(msgspec.Struct, frozen=True):
    """Whether the chain is as it was written; `broken`: the first punch that is not."""

    whole: bool
    broken: PunchOut | None


@dataclass(frozen=True, slots=True)
class TimeClockApi:
    """Punches are made by `POST /operators/{extension}/clock` or by phone, and read and corrected here."""

    desk: OperatorDesk
    punches: Punches

    def routes(self) -> list[Route]:
        path = "/operators/{extension}/punches"
        return [
            Route("GET", path, self.read, "Punches in the order of writing", STAFF_AND_SELF,
                  query=PunchQuery, answer=Listing[PunchOut], problems=(404,)),
            Route("POST", path, self.correct, "Append a forgotten punch or a correction; nothing is changed",
                  LEADERS, body=CorrectionIn, answer=PunchOut, status=201, problems=(404, 503)),
            Route("GET", "/punches/proof", self.prove, "Whether every punch is as it was written", AUDITORS,
                  answer=ProofOut, audited=True),
        ]  # fmt: skip

    async def read(self, ask: Ask) -> Listing[PunchOut]:
        operator, query = visible(self.desk, ask).operator.id, ask.query
        found = await self.punches.punches(operator)
        if query.effective:
            found = effective(found)
        since, until = epoch(query.since), epoch(query.until)
        return Listing([punch_out(one) for one in found if _within(one.at, since, until)])

    async def correct(self, ask: Ask) -> PunchOut:
        operator, body = visible(self.desk, ask).operator.id, ask.body
        if body.direction is None and body.corrects is None:
            raise HttpRefusal(422, "direction: null strikes a punch out; `corrects` must name it")
        at = body.at.timestamp()
        if at > ask.now + AHEAD_S:
            raise HttpRefusal(422, "at: lies in the future")
        corrects = None if body.corrects is None else PunchId(body.corrects)
        punch = await self.desk.correct(
            OperatorId(operator), body.direction, at, corrects=corrects, note=body.note, by=ask.principal.name
        )
        return punch_out(punch)

    async def prove(self, ask: Ask) -> ProofOut:
        broken = await self.punches.first_broken(ask.principal.client or DEFAULT_CLIENT)
        return ProofOut(broken is None, None if broken is None else punch_out(broken))


def _within(at: float, since: float | None, until: float | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)
