"""`/notices`: short words of a supervisor to operators, on their page at once (S6)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from ari_app.model.facts import NoticeSent
from ari_app.model.ids import OperatorId
from ari_app.model.notice import Notice
from ari_app.model.operator import OperatorState
from ari_app.ports import Journal, NotFound, OperatorDesk, OperatorView, Stamped
from ari_app.web.api.inputs import Extension
from ari_app.web.api.operators import visible
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing, Time, rfc3339

KEPT = 20
"""So many stand on an operator's page at most."""
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


class Store(Protocol):
    """Notices in the store."""

    async def add(self, notices: Sequence[Notice], *, forget_before: float) -> None: ...

    async def told(self, operator: OperatorId, *, since: float, limit: int) -> list[Notice]: ...


@dataclass(frozen=True, slots=True)
class NoticesApi:
    """Leaders write, operators read their own. Each notice is a fact: open pages hear it by the live feed."""

    desk: OperatorDesk
    store: Store
    journal: Journal

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
        ident = f"{int(ask.now * 1000)}-{secrets.token_hex(4)}"
        made = [
            Notice(ident, view.operator.id, body.text, ask.principal.name, ask.now, view.operator.client)
            for view in told
        ]
        await self.store.add(made, forget_before=ask.now - KEPT_S)
        for notice in made:
            fact = NoticeSent(notice.operator, ident, notice.text, notice.by)
            self.journal.put_facts([Stamped(ask.now, fact, client=notice.client)])
        return NoticeTold(ident, [notice.operator for notice in made])

    async def notices(self, ask: Ask) -> Listing[NoticeOut]:
        operator = visible(self.desk, ask).operator.id
        told = await self.store.told(operator, since=ask.now - KEPT_S, limit=KEPT)
        return Listing([NoticeOut(one.id, one.text, one.by, rfc3339(one.at)) for one in told])

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
