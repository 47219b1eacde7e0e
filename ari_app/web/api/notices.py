"""`/notices`: short words of a supervisor to operators, on their page at once (S6)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from ari_app.model.facts import NoticeSent
from ari_app.model.ids import OperatorId
from ari_app.model.operator import OperatorState
from ari_app.ports import Journal, NotFound, OperatorDesk, OperatorView, Stamped
from ari_app.web.api.inputs import Extension
from ari_app.web.api.operators import visible
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing, Time, rfc3339

KEPT = 20
"""For each operator the last so many are kept in memory, for a page that is loaded anew."""
KEPT_S = 12 * 3600.0
"""No longer than a shift."""

Words = Annotated[str, Meta(min_length=1, max_length=280, pattern=r"\S")]


class NoticeIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said, and to whom; `operators` null: to everybody who is signed in."""

    text: Words
    operators: Annotated[list[Extension], Meta(min_length=1, max_length=2000)] | None = None


class NoticeOut(msgspec.Struct, frozen=True):
    """A notice as it stands on an operator's page."""

    id: str
    text: str
    by: str
    at: Time


class NoticeTold(msgspec.Struct, frozen=True):
    """To whom it went."""

    id: str
    operators: list[str]


@dataclass(slots=True)
class NoticesApi:
    """Leaders write, operators read their own. Each notice is a fact: open pages hear it by the live feed."""

    desk: OperatorDesk
    journal: Journal
    _kept: dict[OperatorId, deque[tuple[float, NoticeSent]]] = field(default_factory=dict)
    _count: int = 0

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/notices", self.send, "Tell operators something, on their page", LEADERS,
                  body=NoticeIn, answer=NoticeTold, status=201, problems=(404, 409)),
            Route("GET", "/operators/{extension}/notices", self.notices, "What this operator was told",
                  STAFF_AND_SELF, answer=Listing[NoticeOut], problems=(404,)),
        ]  # fmt: skip

    async def send(self, ask: Ask) -> NoticeTold:
        body: NoticeIn = ask.body
        told = self._named(ask, body.operators) if body.operators is not None else self._signed_in(ask)
        if not told:
            raise HttpRefusal(409, "Nobody is signed in.")
        self._count += 1
        ident = f"{int(ask.now * 1000)}-{self._count}"
        for view in told:
            fact = NoticeSent(view.operator.id, ident, body.text, ask.principal.name)
            self._kept.setdefault(view.operator.id, deque(maxlen=KEPT)).append((ask.now, fact))
            self.journal.put_facts([Stamped(ask.now, fact, client=view.operator.client)])
        return NoticeTold(ident, [view.operator.id for view in told])

    async def notices(self, ask: Ask) -> Listing[NoticeOut]:
        kept = self._kept.get(visible(self.desk, ask).operator.id, ())
        fresh = [(at, fact) for at, fact in kept if at > ask.now - KEPT_S]
        return Listing([NoticeOut(fact.notice, fact.text, fact.by, rfc3339(at)) for at, fact in fresh])

    def _named(self, ask: Ask, wanted: list[str]) -> list[OperatorView]:
        found = []
        for extension in dict.fromkeys(wanted):
            view = self.desk.view(OperatorId(extension))
            if view is None or not ask.principal.owns(view.operator.client):
                raise NotFound(f"operator {extension} does not exist")
            found.append(view)
        return found

    def _signed_in(self, ask: Ask) -> list[OperatorView]:
        views = self.desk.views(ask.principal.client)
        return [view for view in views if view.state is not OperatorState.SIGNED_OUT]
