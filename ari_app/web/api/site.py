"""`/site`: queues, skills, calendars, numbers and pauses, changed one at a time while calls go on.

The whole file is published, compared and rolled back by `/flows/site/…`, like a flow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from ari_app.flow.site_edit import KINDS, SiteKind
from ari_app.ports import SiteEntry, SiteOffice
from ari_app.web.api.inputs import Text
from ari_app.web.route import ADMINS, STAFF, Ask, Route
from ari_app.web.views import Listing, Time, rfc3339

_ONE = {"queues": "queue", "skills": "skill", "calendars": "calendar", "numbers": "number", "pauses": "pause"}


class SiteOut(msgspec.Struct, frozen=True):
    """The live site file; `problems` tell why the one in the folder was refused."""

    version: str | None
    published_at: Time | None
    published_by: str | None
    problems: list[dict[str, Any]]
    flows: list[str]
    forms: list[str]


class UseOut(msgspec.Struct, frozen=True):
    """Who names the entry. `firm`: as long as this one does, the entry cannot be removed."""

    kind: Literal["flow", "queue", "site", "operator", "campaign"]
    name: str
    firm: bool


class SiteEntryOut(msgspec.Struct, frozen=True):
    """`value` as written, by `callflows/schema/site.schema.json`; `effective` with what is left out."""

    name: str
    version: str
    value: dict[str, Any]
    effective: dict[str, Any]
    uses: list[UseOut]


class SiteEntryIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole entry. `base`: the version it began from, 409 when it is another by now; none: a new one."""

    value: dict[str, Any]
    base: Text | None = None


class BaseQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version that was seen; 409 when it is another by now."""

    base: Text


@dataclass(frozen=True, slots=True)
class SiteApi:
    """The site. It belongs to the installation, so a principal bound to one client is refused."""

    office: SiteOffice

    def routes(self) -> list[Route]:
        first = Route("GET", "/site", self.site, "The site file that is live", STAFF, answer=SiteOut,
                      installation=True)  # fmt: skip
        return [first, *(route for kind in KINDS for route in self._of(kind))]

    def _of(self, kind: SiteKind) -> list[Route]:
        one, path = _ONE[kind], f"/site/{kind}/{{name}}"
        return [
            Route("GET", f"/site/{kind}", self._kept(self.entries, kind), f"The site's {kind}", STAFF,
                  answer=Listing[SiteEntryOut], installation=True),
            Route("GET", path, self._kept(self.entry, kind), f"One {one} of the site", STAFF,
                  answer=SiteEntryOut, installation=True, problems=(404,)),
            Route("PUT", path, self._kept(self.put, kind), f"Change a {one}, or add one", ADMINS,
                  body=SiteEntryIn, answer=SiteEntryOut, installation=True, problems=(404, 409)),
            Route("DELETE", path, self._kept(self.delete, kind), f"Remove a {one}", ADMINS,
                  query=BaseQuery, installation=True, problems=(404, 409, 422)),
        ]  # fmt: skip

    def _kept(
        self, handler: Callable[[SiteKind, Ask], Awaitable[Any]], kind: SiteKind
    ) -> Callable[[Ask], Awaitable[Any]]:
        async def handle(ask: Ask) -> Any:
            return await handler(kind, ask)

        return handle

    async def site(self, ask: Ask) -> SiteOut:
        del ask
        found = self.office.standing()
        at = None if found.published_at is None else rfc3339(found.published_at)
        return SiteOut(
            found.version, at, found.published_by, found.problems, list(found.flows), list(found.forms)
        )

    async def entries(self, kind: SiteKind, ask: Ask) -> Listing[SiteEntryOut]:
        del ask
        return Listing([_out(entry) for entry in await self.office.entries(kind)])

    async def entry(self, kind: SiteKind, ask: Ask) -> SiteEntryOut:
        return _out(await self.office.entry(kind, ask.path["name"]))

    async def put(self, kind: SiteKind, ask: Ask) -> SiteEntryOut:
        wanted: SiteEntryIn = ask.body
        name, by = ask.path["name"], ask.principal.name
        return _out(await self.office.put(kind, name, wanted.value, by=by, base=wanted.base))

    async def delete(self, kind: SiteKind, ask: Ask) -> None:
        await self.office.delete(kind, ask.path["name"], by=ask.principal.name, base=ask.query.base)


def _out(entry: SiteEntry) -> SiteEntryOut:
    used = [UseOut(use.kind, use.name, use.firm) for use in entry.uses]
    return SiteEntryOut(entry.name, entry.version, entry.value, entry.effective, used)
