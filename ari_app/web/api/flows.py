"""`/flows`: versions, source, differences, check, publish, roll back."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ari_app.ports import FlowOffice, NotFound
from ari_app.web.api.inputs import Key, Text
from ari_app.web.route import ADMINS, STAFF, Ask, Route
from ari_app.web.views import Listing, with_times

_LIMIT = 1024 * 1024
FlowText = Annotated[str, Meta(max_length=512 * 1024)]


class SourceQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version; none: the live one."""

    version: Text | None = None


class DiffQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"old": "from", "new": "to"}):
    """Two versions; `to` missing: the live one."""

    old: Text
    new: Text | None = None


class PublishIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The flow's whole YAML text. `base`: the version it began from; when another is live by now, 409."""

    source: FlowText
    base: Text | None = None


class RollbackIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version wanted; none: the one before the live one."""

    version: Text | None = None


class CheckIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to check under a name; nothing is changed."""

    source: FlowText
    name: Key = "flow"


class SourceOut(msgspec.Struct, frozen=True):
    """A version's YAML text. `version` null: the flow was never published."""

    id: str
    version: str | None
    source: str


class DiffOut(msgspec.Struct, frozen=True):
    """A unified difference; empty: they are the same."""

    id: str
    diff: str


class CheckOut(msgspec.Struct, frozen=True):
    """`ok` when there is no problem of severity `error`."""

    ok: bool
    problems: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FlowsApi:
    """Call flows. They belong to the installation, so a principal bound to one client is refused."""

    office: FlowOffice

    def routes(self) -> list[Route]:
        return [
            self._get("/flows", self.flows, "Flows", Listing[dict[str, Any]]),
            Route(
                "POST",
                "/flows/check",
                self.check,
                "Check a flow's text",
                STAFF,
                body=CheckIn,
                answer=CheckOut,
                installation=True,
                limit_bytes=_LIMIT,
            ),
            self._get(
                "/flows/{id}/versions", self.versions, "Versions, newest first", Listing[dict[str, Any]]
            ),
            self._get("/flows/{id}/source", self.source, "A version's text", SourceOut, SourceQuery),
            self._get("/flows/{id}/diff", self.diff, "What changed between versions", DiffOut, DiffQuery),
            Route(
                "POST",
                "/flows/{id}/publish",
                self.publish,
                "Make a text the live version",
                ADMINS,
                body=PublishIn,
                answer=dict[str, Any],
                installation=True,
                limit_bytes=_LIMIT,
                problems=(404, 409),
            ),
            Route(
                "POST",
                "/flows/{id}/rollback",
                self.rollback,
                "Make an earlier version live",
                ADMINS,
                body=RollbackIn,
                body_optional=True,
                answer=dict[str, Any],
                installation=True,
                problems=(404, 409),
            ),
            Route(
                "POST",
                "/flows/{id}/retire",
                self.retire,
                "Take a flow that nothing leads to out of service",
                ADMINS,
                installation=True,
                problems=(404, 409),
            ),
        ]

    def _get(self, path: str, handler: Any, summary: str, answer: Any, query: Any = None) -> Route:
        return Route(
            "GET",
            path,
            handler,
            summary,
            STAFF,
            query=query,
            answer=answer,
            installation=True,
            problems=(404,) if "{" in path else (),
        )

    async def flows(self, ask: Ask) -> Listing[dict[str, Any]]:  # noqa: ARG002 - a handler takes an Ask
        return Listing(with_times(self.office.flows()))

    async def versions(self, ask: Ask) -> Listing[dict[str, Any]]:
        found = self.office.versions(ask.path["id"])
        if found is None:
            raise NotFound(f"flow {ask.path['id']} does not exist")
        return Listing(with_times(found))

    async def source(self, ask: Ask) -> SourceOut:
        flow, version = ask.path["id"], ask.query.version
        text = self._source(flow, version)
        if version is None:
            version = next((known["version"] for known in self.office.versions(flow) or []), None)
        return SourceOut(flow, version, text)

    async def diff(self, ask: Ask) -> DiffOut:
        query: DiffQuery = ask.query
        flow = ask.path["id"]
        old, new = self._source(flow, query.old), self._source(flow, query.new)
        lines = difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), query.old, query.new or "live"
        )
        return DiffOut(flow, "".join(lines))

    async def check(self, ask: Ask) -> CheckOut:
        body: CheckIn = ask.body
        problems = self.office.check(body.name, body.source)
        return CheckOut(not any(problem.get("severity") == "error" for problem in problems), problems)

    async def publish(self, ask: Ask) -> Any:
        body: PublishIn = ask.body
        done = await self.office.publish(ask.path["id"], body.source, by=ask.principal.name, base=body.base)
        return with_times(done)

    async def rollback(self, ask: Ask) -> Any:
        body: RollbackIn = ask.body
        return with_times(await self.office.rollback(ask.path["id"], body.version, by=ask.principal.name))

    async def retire(self, ask: Ask) -> None:
        await self.office.retire(ask.path["id"], by=ask.principal.name)

    def _source(self, flow: str, version: str | None) -> str:
        text = self.office.source(flow, version)
        if text is None:
            raise NotFound(
                f"flow {flow} has no version {version}" if version else f"flow {flow} does not exist"
            )
        return text
