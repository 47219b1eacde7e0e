"""`/campaigns/{id}/contacts`, `/imports`, `/export`: lists in, one by one and out again (O1, O9)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta

from ari_app.campaigns.ports import CampaignBook, ImportBook
from ari_app.model.campaign import Campaign, Contact, ContactState
from ari_app.model.contact_import import ContactImport, ImportOptions, Role
from ari_app.model.ids import CampaignId, ContactId, ImportId, OperatorId
from ari_app.ports import NotFound, Page
from ari_app.web.api.campaigns import Attempts, visible
from ari_app.web.api.inputs import Extension, Moment, Paged, Text
from ari_app.web.campaign_views import ContactOut, ImportOut, contact_out, import_out
from ari_app.web.export import CSV, XLSX, Rows, send_csv, send_report, send_xlsx
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, LEADERS_AND_SELF, READERS, STAFF, Ask, Route
from ari_app.web.views import Listing, rfc3339

UPLOAD_MOST = 1024**3
TAKES = (CSV, XLSX, "application/octet-stream")
PAGE = 500


class Contacts(Protocol):
    """Contacts in the store."""

    async def contacts(
        self,
        campaign: CampaignId,
        *,
        state: str | None = None,
        number: str | None = None,
        person: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Contact]: ...

    async def contact(self, ident: ContactId) -> Contact | None: ...

    async def schedule(
        self, ident: ContactId, at: float, owner: OperatorId | None, *, reason: str, now: float
    ) -> Contact: ...


class Imports(Protocol):
    """Who has lists imported."""

    async def take(
        self,
        campaign: Campaign,
        name: str,
        pieces: AsyncIterator[bytes],
        options: ImportOptions,
        *,
        begin: bool,
        by: str,
    ) -> ContactImport: ...

    async def begin(self, ident: ImportId, options: ImportOptions) -> ContactImport: ...

    async def cancel(self, ident: ImportId) -> ContactImport: ...

    async def report(self, ident: ImportId) -> Path: ...


class ContactQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a list of contacts is narrowed to."""

    state: ContactState | None = None
    number: Text | None = None
    person: Annotated[str, Meta(max_length=120)] | None = None


class UploadQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How an uploaded list is to be read; `mapping` is a JSON object of column names and roles.

    `begin` false: only look at it; `POST …/imports/{import}/start` then imports it.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)] = "list.csv"
    begin: bool = True
    mapping: Annotated[str, Meta(max_length=20_000)] | None = None
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] = "BR"
    area_code: Annotated[str, Meta(pattern=r"^[0-9]{1,5}\Z")] | None = None
    zone: Text | None = None
    header: bool | None = None
    across: Literal["warn", "reject"] = "warn"


class CallbackIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promised call: when, and by which operator alone (null: by any)."""

    at: Moment
    operator: Extension | None = None


class ExportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is exported, and as what."""

    what: Literal["contacts", "attempts"] = "contacts"
    format: Literal["csv", "xlsx"] = "csv"


@dataclass(frozen=True, slots=True)
class ContactsApi:
    """Contacts of campaigns, and the imports they come from."""

    book: CampaignBook
    store: Contacts
    attempts_of: Attempts
    imports_of: ImportBook
    office: Imports

    def routes(self) -> list[Route]:
        one = "/campaigns/{id}"
        job = one + "/imports/{import}"
        return [
            Route("GET", f"{one}/contacts", self.contacts, "Contacts, in the order of their making", READERS,
                  query=ContactQuery, answer=Listing[ContactOut], problems=(404,)),
            Route("POST", f"{one}/contacts", self.upload, "Import a list (CSV, XLSX); watch it at …/imports",
                  LEADERS, query=UploadQuery, takes=TAKES, limit_bytes=UPLOAD_MOST, answer=ImportOut,
                  status=202, problems=(404, 409), timeout_s=3600.0),
            Route("GET", one + "/contacts/{contact}", self.contact, "One contact", READERS,
                  answer=ContactOut, problems=(404,)),
            Route("PUT", one + "/contacts/{contact}/callback", self.schedule, "Promise a contact a call",
                  LEADERS_AND_SELF, body=CallbackIn, answer=ContactOut, problems=(404, 409)),
            Route("GET", f"{one}/imports", self.imports, "Imports, newest first", READERS, query=Paged,
                  answer=Listing[ImportOut], problems=(404,)),
            Route("GET", job, self.one_import, "An import: preview, progress, counts", READERS,
                  answer=ImportOut, problems=(404,)),
            Route("POST", f"{job}/start", self.start_import, "Import a list that was only looked at", LEADERS,
                  body=ImportOptions, answer=ImportOut, problems=(404, 409)),
            Route("DELETE", job, self.cancel_import, "End an import; what was taken stays", LEADERS,
                  answer=ImportOut, problems=(404, 409)),
            Route("GET", f"{job}/report", self.report, "Each row that was rejected or has a warning", READERS,
                  media_type=CSV, problems=(404,), audited=True, timeout_s=None),
            Route("GET", f"{one}/export", self.export, "All contacts or attempts, as CSV or XLSX", STAFF,
                  query=ExportQuery, media_type=CSV, problems=(404, 422), audited=True, timeout_s=None),
        ]  # fmt: skip

    # --- contacts ---------------------------------------------------------------------------------------

    async def contacts(self, ask: Ask) -> Listing[ContactOut]:
        campaign, query = await visible(self.book, ask), ask.query
        page = await self.store.contacts(
            campaign.id,
            state=query.state,
            number=query.number,
            person=query.person,
            cursor=query.cursor,
            limit=query.limit,
        )
        return Listing([contact_out(contact) for contact in page.items], page.next)

    async def contact(self, ask: Ask) -> ContactOut:
        return contact_out(await self._contact(ask))

    async def schedule(self, ask: Ask) -> ContactOut:
        contact, wanted = await self._contact(ask), ask.body
        owner = None if wanted.operator is None else OperatorId(wanted.operator)
        principal = ask.principal
        if principal.role == "operator" and owner not in {None, principal.operator}:
            raise HttpRefusal(403, "An operator promises calls of its own or of all, not of another.")
        at = max(wanted.at.timestamp(), ask.now)
        kept = await self.store.schedule(contact.id, at, owner, reason="callback", now=ask.now)
        return contact_out(kept)

    async def _contact(self, ask: Ask) -> Contact:
        campaign, text = await visible(self.book, ask), ask.path["contact"]
        known = text.isascii() and text.isdigit() and len(text) < 16
        contact = await self.store.contact(ContactId(int(text))) if known else None
        if contact is None or contact.campaign != campaign.id:
            raise NotFound(f"contact {text} does not exist")
        return contact

    # --- imports ----------------------------------------------------------------------------------------

    async def upload(self, ask: Ask) -> ImportOut:
        campaign, query = await visible(self.book, ask), ask.query
        options = ImportOptions(
            mapping=_mapping(query.mapping),
            region=query.region,
            area_code=query.area_code,
            zone=query.zone,
            header=query.header,
            across=query.across,
        )
        job = await self.office.take(
            campaign, query.name, ask.pieces(), options, begin=query.begin, by=ask.principal.name
        )
        return import_out(job)

    async def imports(self, ask: Ask) -> Listing[ImportOut]:
        campaign, query = await visible(self.book, ask), ask.query
        page = await self.imports_of.imports(campaign.id, cursor=query.cursor, limit=query.limit)
        return Listing([import_out(job) for job in page.items], page.next)

    async def one_import(self, ask: Ask) -> ImportOut:
        return import_out(await self._import(ask))

    async def start_import(self, ask: Ask) -> ImportOut:
        job = await self._import(ask)
        return import_out(await self.office.begin(job.id, ask.body))

    async def cancel_import(self, ask: Ask) -> ImportOut:
        job = await self._import(ask)
        return import_out(await self.office.cancel(job.id))

    async def report(self, ask: Ask) -> web.StreamResponse:
        job = await self._import(ask)
        return await send_report(ask, await self.office.report(job.id), f"import-{job.id[:8]}")

    async def _import(self, ask: Ask) -> ContactImport:
        campaign, ident = await visible(self.book, ask), ask.path["import"]
        job = await self.imports_of.contact_import(ImportId(ident))
        if job is None or job.campaign != campaign.id:
            raise NotFound(f"import {ident} does not exist")
        return job

    # --- export -----------------------------------------------------------------------------------------

    async def export(self, ask: Ask) -> web.StreamResponse:
        campaign, query = await visible(self.book, ask), ask.query
        rows = self._contact_rows(campaign) if query.what == "contacts" else self._attempt_rows(campaign)
        send = send_csv if query.format == "csv" else send_xlsx
        return await send(ask, f"{query.what}-{campaign.id}", rows)

    async def _contact_rows(self, campaign: Campaign) -> Rows:
        cursor: str | None = None
        columns: list[str] | None = None
        while True:
            page = await self.store.contacts(campaign.id, cursor=cursor, limit=PAGE)
            rows: list[Sequence[object]] = []
            if columns is None:  # of the first page; what later contacts have beside them comes as one cell
                columns = list(dict.fromkeys(name for contact in page.items for name in contact.data))
                rows.append([*_CONTACT, *columns, "other data"])
            rows += [_contact_row(contact, columns) for contact in page.items]
            yield rows
            cursor = page.next
            if cursor is None:
                return

    async def _attempt_rows(self, campaign: Campaign) -> Rows:
        cursor: str | None = None
        first = True
        while True:
            page = await self.attempts_of.attempts(campaign.id, cursor=cursor, limit=PAGE)
            rows: list[Sequence[object]] = [_ATTEMPT] if first else []
            first = False
            for attempt in page.items:
                row = (getattr(attempt, name) for name in _ATTEMPT)
                rows.append([_shown(name, value) for name, value in zip(_ATTEMPT, row, strict=True)])
            yield rows
            cursor = page.next
            if cursor is None:
                return


_CONTACT = ("id", "person", "name", "phones", "state", "reason", "next_at", "attempts", "owner", "line")
_ATTEMPT = (
    *("id", "contact", "number", "phone", "caller_id", "result", "reason", "operator", "started_at"),
    *("answered_at", "connected_at", "ended_at", "cause", "verdict", "verdict_s", "drop_ms"),
)


def _contact_row(contact: Contact, columns: Sequence[str]) -> list[object]:
    fixed = {**msgspec.structs.asdict(contact), "phones": " / ".join(p.number for p in contact.phones)}
    other = {name: value for name, value in contact.data.items() if name not in columns}
    more = msgspec.json.encode(other).decode() if other else ""
    return [*(_shown(name, fixed[name]) for name in _CONTACT), *(contact.data.get(c, "") for c in columns),
            more]  # fmt: skip


def _shown(name: str, value: object) -> object:
    return rfc3339(value) if name.endswith("_at") and isinstance(value, int | float) else value


def _mapping(text: str | None) -> dict[str, Role] | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Role])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise HttpRefusal(400, f"mapping: {error}") from error
