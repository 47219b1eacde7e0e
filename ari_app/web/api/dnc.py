"""`/dnc`: numbers that must not be called, of one client or of all (O6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from ari_app.campaigns.lists.numbers import BadNumber, NumberReader
from ari_app.campaigns.ports import GLOBAL, DncEntry
from ari_app.model.ids import ClientId
from ari_app.ports import NotFound, Page
from ari_app.web.api.campaigns import client_for
from ari_app.web.api.inputs import Key, Note, Paged, Text
from ari_app.web.campaign_views import DncOut, dnc_out
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing

MANY = 10_000
Region = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
Cell = Annotated[str, Meta(max_length=120)]


class Dnc(Protocol):
    """The lists in the store."""

    async def add_dnc(
        self, client: ClientId, numbers: Sequence[str], *, source: str, by: str, now: float
    ) -> int: ...

    async def remove_dnc(self, client: ClientId, number: str) -> bool: ...

    async def on_dnc(self, client: ClientId, numbers: Sequence[str]) -> set[str]: ...

    async def dnc(
        self,
        *,
        clients: Sequence[ClientId] | None = None,
        number: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DncEntry]: ...


class DncQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the list is narrowed to."""

    number: Text | None = None


class DncIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Numbers in any way of writing; `everybody`: for all clients, not for one."""

    numbers: Annotated[list[Cell], Meta(min_length=1, max_length=MANY)]
    client: Key | None = None
    everybody: bool = False
    region: Region = "BR"
    area_code: Annotated[str, Meta(pattern=r"^[0-9]{1,5}\Z")] | None = None
    source: Note = "api"


class RefusedNumber(msgspec.Struct, frozen=True):
    """One that is no number."""

    value: str
    code: str
    message: str


class DncAdded(msgspec.Struct, frozen=True):
    """What became of the numbers: given = added + known + refused."""

    given: int
    added: int
    known: int
    refused: list[RefusedNumber]


class WhereQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of which list."""

    client: Key | None = None
    everybody: bool = False


class CheckQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number, and for which client."""

    number: Cell
    client: Key | None = None
    region: Region = "BR"


class DncCheck(msgspec.Struct, frozen=True):
    """The answer, with the number as it was understood."""

    number: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class DncApi:
    """Do not call."""

    store: Dnc

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/dnc", self.listed, "Numbers that must not be called, newest first", STAFF_AND_SELF,
                  query=DncQuery, answer=Listing[DncOut]),
            Route("POST", "/dnc", self.add, "Never call these numbers again", LEADERS_AND_SELF, body=DncIn,
                  answer=DncAdded, limit_bytes=2 * 1024 * 1024),
            Route("GET", "/dnc/check", self.check, "Whether a number must not be called", STAFF_AND_SELF,
                  query=CheckQuery, answer=DncCheck, problems=(422,)),
            Route("DELETE", "/dnc/{number}", self.remove, "Take a number off a list", LEADERS,
                  query=WhereQuery, problems=(404,)),
        ]  # fmt: skip

    async def listed(self, ask: Ask) -> Listing[DncOut]:
        query: DncQuery = ask.query
        own = ask.principal.client
        page = await self.store.dnc(
            clients=None if own is None else (own, GLOBAL),
            number=query.number,
            cursor=query.cursor,
            limit=query.limit,
        )
        return Listing([dnc_out(entry) for entry in page.items], page.next)

    async def add(self, ask: Ask) -> DncAdded:
        wanted: DncIn = ask.body
        client = self._list_of(ask, wanted.client, everybody=wanted.everybody)
        reader = _reader(wanted.region, wanted.area_code)
        numbers: list[str] = []
        refused: list[RefusedNumber] = []
        for cell in wanted.numbers:
            try:
                numbers.append(reader.read(cell)[0])
            except BadNumber as bad:
                refused.append(RefusedNumber(cell, bad.code, str(bad)))
        added = await self.store.add_dnc(
            client, numbers, source=wanted.source, by=ask.principal.name, now=ask.now
        )
        given = len(wanted.numbers)
        return DncAdded(given, added, given - added - len(refused), refused)

    async def check(self, ask: Ask) -> DncCheck:
        query: CheckQuery = ask.query
        client = client_for(ask, query.client)
        try:
            number, _ = _reader(query.region, None).read(query.number)
        except BadNumber as bad:
            raise HttpRefusal(400, f"number: {bad}") from bad
        return DncCheck(number, number in await self.store.on_dnc(client, [number]))

    async def remove(self, ask: Ask) -> None:
        query: WhereQuery = ask.query
        client = self._list_of(ask, query.client, everybody=query.everybody)
        if not await self.store.remove_dnc(client, ask.path["number"]):
            raise NotFound(f"{ask.path['number']} is not on this list")

    def _list_of(self, ask: Ask, client: str | None, *, everybody: bool) -> ClientId:
        if not everybody:
            return client_for(ask, client)
        if ask.principal.client is not None or ask.principal.role == "operator":
            raise HttpRefusal(403, "The list for everybody is for those who are bound to no client.")
        return GLOBAL


def _reader(region: str, area_code: str | None) -> NumberReader:
    try:
        return NumberReader(region, area_code)
    except ValueError as error:
        raise HttpRefusal(422, str(error)) from error
