"""Single queues, skills, calendars, numbers and pauses, changed in the site's text and published with it.

Two admins who change different entries do not meet; of two who change the same, the second is told. The text
keeps its comments and order, because only the words that change are written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from ari_app.calls.flow_shelf import SITE_ID, FlowShelf
from ari_app.flow.admission import SITE
from ari_app.flow.problems import Mark, Problem
from ari_app.flow.site_edit import (
    FIRST_SITE,
    Entry,
    SiteKind,
    entries,
    named_well,
    path_at,
    version_of_entry,
    with_entry,
)
from ari_app.flow.site_uses import Use, uses
from ari_app.flow.yaml_edit import EditError
from ari_app.model.campaign import Campaign
from ari_app.model.operator import Operator
from ari_app.ports import (
    AlreadyExists,
    FlowRefused,
    IllegalTransition,
    NotFound,
    Overtaken,
    SiteEntry,
    SiteStanding,
)

AGAIN = 5
"""So often a change is made anew because another part of the site was published meanwhile."""
_ONE = {"queues": "queue", "skills": "skill", "calendars": "calendar", "numbers": "number", "pauses": "pause"}


async def no_campaigns() -> list[Campaign]:
    """Where nothing is dialled."""
    return []


class SiteDesk:
    """Implements `ports.SiteOffice` over the shelf that serves the calls."""

    def __init__(
        self,
        shelf: FlowShelf,
        operators: Callable[[], Iterable[Operator]] = tuple,
        campaigns: Callable[[], Awaitable[Iterable[Campaign]]] = no_campaigns,
    ) -> None:
        """`operators`, `campaigns`: those that may use a queue or a skill."""
        self._shelf = shelf
        self._operators = operators
        self._campaigns = campaigns

    def standing(self) -> SiteStanding:
        live = next((entry for entry in self._shelf.versions(SITE_ID) or () if entry["current"]), None)
        return SiteStanding(
            version=None if live is None else live["version"],
            published_at=None if live is None else live["published_at"],
            published_by=None if live is None else live["published_by"],
            problems=[problem.as_dict() for problem in self._shelf.problems if problem.file == SITE],
            flows=sorted(self._shelf.book.current),
            forms=list(self._shelf.book.site.forms),
        )

    async def entries(self, kind: SiteKind) -> list[SiteEntry]:
        campaigns = list(await self._campaigns())
        return [
            self._view(kind, name, entry, campaigns) for name, entry in entries(self._text(), kind).items()
        ]

    async def entry(self, kind: SiteKind, name: str) -> SiteEntry:
        found = entries(self._text(), kind).get(name)
        if found is None:
            raise NotFound(f"{_ONE[kind]} {name[:60]} does not exist")
        return self._view(kind, name, found, await self._campaigns())

    async def put(
        self, kind: SiteKind, name: str, value: dict[str, Any], *, by: str, base: str | None
    ) -> SiteEntry:
        wanted = _without_nulls(value)
        if base is None and not named_well(kind, name):
            raise _refused("name", f"`{name[:60]}` cannot be the name of a {_ONE[kind]}", "$.name")
        await self._change(kind, name, wanted, by, base)
        return await self.entry(kind, name)

    async def delete(self, kind: SiteKind, name: str, *, by: str, base: str) -> None:
        there = await self.entry(kind, name)
        busy = [use.name for use in there.uses if use.kind == "campaign" and use.firm]
        if busy:
            raise IllegalTransition(f"{_ONE[kind]} {name} is in use: campaign {', '.join(busy)}")
        await self._change(kind, name, None, by, base)

    async def _change(
        self, kind: SiteKind, name: str, wanted: Entry | None, by: str, base: str | None
    ) -> None:
        for attempt in range(AGAIN):
            text, version = self._text(), self._version()
            self._must_be(kind, name, entries(text, kind).get(name), base)
            try:
                changed = await asyncio.to_thread(with_entry, text, kind, name, wanted)
            except EditError as error:
                raise _refused("edit", str(error), "$.value") from error
            if changed == text:
                return
            try:
                await self._shelf.publish(SITE_ID, changed, by=by, base=version)
            except FlowRefused as refused:
                raise FlowRefused(_placed(refused.problems, changed, kind, name)) from refused
            except Overtaken:
                if attempt == AGAIN - 1:
                    raise
            else:
                return

    def _must_be(self, kind: SiteKind, name: str, there: Entry | None, base: str | None) -> None:
        what = f"{_ONE[kind]} {name[:60]}"
        if base is None and there is not None:
            raise AlreadyExists(f"{what} exists already")
        if base is not None and there is None:
            raise Overtaken(f"{what} was removed meanwhile")
        if there is not None and version_of_entry(there) != base:
            raise Overtaken(f"{what} was changed meanwhile by {self.standing().published_by}")

    def _text(self) -> str:
        return self._shelf.source(SITE_ID, None) or FIRST_SITE

    def _version(self) -> str | None:
        return self.standing().version

    def _view(self, kind: SiteKind, name: str, entry: Entry, campaigns: Iterable[Campaign]) -> SiteEntry:
        known = getattr(self._shelf.book.site, kind).get(name)
        whole = entry if known is None or isinstance(known, str) else msgspec.to_builtins(known)
        found = [*uses(self._shelf.book, kind, name), *self._others(kind, name, campaigns)]
        return SiteEntry(name, version_of_entry(entry), entry, whole, found)

    def _others(self, kind: SiteKind, name: str, campaigns: Iterable[Campaign]) -> list[Use]:
        """Those outside the flows and the site file."""
        found = [
            Use("operator", operator.id, firm=False)
            for operator in self._operators()
            if (kind == "queues" and name in (operator.queues or ()))
            or (kind == "skills" and name in operator.skills)
        ]
        found += [
            Use("campaign", campaign.name, firm=kind == "queues" and campaign.status in {"running", "paused"})
            for campaign in campaigns
            if campaign.status != "finished"
            and (
                (kind == "queues" and campaign.queue == name)
                or (kind == "skills" and name in campaign.skills)
            )
        ]
        return found


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def _placed(problems: list[dict[str, Any]], text: str, kind: SiteKind, name: str) -> list[dict[str, Any]]:
    """The problems, those within the entry with the path that leads to it in what was sent."""
    found = []
    for problem in problems:
        path = path_at(text, Mark(problem["line"], problem["column"])) if problem["file"] == SITE else ()
        own = path[:2] == (kind, name)
        found.append({**problem, "path": ".".join(("$.value", *path[2:]))} if own else problem)
    return found


def _refused(code: str, message: str, path: str) -> FlowRefused:
    problem = Problem("error", code, message, SITE).as_dict()
    return FlowRefused([{**problem, "path": path}])
