"""`/cases`: what customers are owed, by protocol and by number (C17, P11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ari_app.model.call import CallRecord
from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, QueueId
from ari_app.model.work import Case, CaseKind, CaseState
from ari_app.ports import NotFound, Page
from ari_app.web.api.calls import may_see
from ari_app.web.api.inputs import Key, Moment, Paged, Text, epoch
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.stores import Calls
from ari_app.web.views import Listing, Time, optional_time, rfc3339

Remark = Annotated[str, Meta(max_length=2000)]
Number = Annotated[str, Meta(pattern=r"^\+?[0-9]{3,15}\Z")]


class CaseStore(Protocol):
    """Cases in the store."""

    async def cases(  # noqa: PLR0913 - a filter each
        self,
        *,
        client: ClientId | None = None,
        kind: str | None = None,
        state: str | None = None,
        owner: str | None = None,
        caller: str | None = None,
        call: CallId | None = None,
        queue: QueueId | None = None,
        due_before: float | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Case]: ...

    async def case(self, protocol: str) -> Case | None: ...

    async def change_case(
        self, case: Case, *, state: CaseState, owner: str | None, note: str, now: float
    ) -> Case: ...


class CaseDesk(Protocol):
    """Who gives out protocol numbers."""

    def open(
        self,
        kind: CaseKind,
        *,
        caller: str,
        client: ClientId = DEFAULT_CLIENT,
        call: CallId | None = None,
        queue: QueueId | None = None,
        note: str = "",
        form: dict[str, Any] | None = None,
    ) -> Case: ...


class CaseOut(msgspec.Struct, frozen=True, rename={"caller": "from"}):
    """Something a customer wants answered by `deadline_at`."""

    protocol: str
    client: str
    kind: CaseKind
    caller: str
    call_id: str | None
    queue: str | None
    state: CaseState
    owner: str | None
    opened_at: Time
    deadline_at: Time
    changed_at: Time | None
    form: dict[str, Any]
    note: str
    overdue: bool


def case_out(case: Case, now: float) -> CaseOut:
    """A case as the API shows it."""
    same = ("protocol", "client", "kind", "caller", "queue", "state", "owner", "form", "note")
    return CaseOut(
        **{name: getattr(case, name) for name in same},
        call_id=case.call,
        opened_at=rfc3339(case.opened_at),
        deadline_at=rfc3339(case.deadline_at),
        changed_at=optional_time(case.changed_at or None),
        overdue=case.state != "closed" and now > case.deadline_at,
    )


class CaseQuery(Paged, frozen=True, forbid_unknown_fields=True, rename={"caller": "from"}, kw_only=True):
    """What a list of cases is narrowed to; `from` is a customer's number: his history."""

    caller: Text | None = None
    kind: CaseKind | None = None
    state: CaseState | None = None
    owner: Text | None = None
    queue: Key | None = None
    call_id: Text | None = None
    due_before: Moment | None = None


class CaseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"caller": "from"}):
    """A new case; `call_id`: of this call, whose number it then has."""

    kind: CaseKind
    caller: Number | None = None
    call_id: Text | None = None
    queue: Key | None = None
    note: Remark = ""


class CaseChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; the rest stays."""

    state: CaseState | UnsetType = UNSET
    owner: Text | UnsetType | None = UNSET
    note: Remark | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class CasesApi:
    """Cases."""

    store: CaseStore
    desk: CaseDesk
    calls: Calls

    def routes(self) -> list[Route]:
        case = "/cases/{protocol}"
        return [
            Route("GET", "/cases", self.cases, "Cases, newest first", STAFF_AND_SELF, query=CaseQuery,
                  answer=Listing[CaseOut]),
            Route("POST", "/cases", self.open, "Open a case under a new protocol number", LEADERS_AND_SELF,
                  body=CaseIn, answer=CaseOut, status=201, problems=(404,)),
            Route("GET", case, self.case, "The case of a protocol number", STAFF_AND_SELF, answer=CaseOut,
                  problems=(404,)),
            Route("PATCH", case, self.change, "Take a case, answer it, close it", LEADERS_AND_SELF,
                  body=CaseChange, answer=CaseOut, problems=(404, 409)),
        ]  # fmt: skip

    # --- cases ------------------------------------------------------------------------------------------

    async def cases(self, ask: Ask) -> Listing[CaseOut]:
        query: CaseQuery = ask.query
        page = await self.store.cases(
            client=ask.principal.client,
            kind=query.kind,
            state=query.state,
            owner=query.owner,
            caller=query.caller,
            call=None if query.call_id is None else CallId(query.call_id),
            queue=None if query.queue is None else QueueId(query.queue),
            due_before=epoch(query.due_before),
            cursor=query.cursor,
            limit=query.limit,
        )
        return Listing([case_out(case, ask.now) for case in page.items], page.next)

    async def case(self, ask: Ask) -> CaseOut:
        return case_out(await self._visible(ask), ask.now)

    async def open(self, ask: Ask) -> CaseOut:
        wanted: CaseIn = ask.body
        record = None if wanted.call_id is None else await self._call(ask, wanted.call_id)
        caller = wanted.caller or (record.caller if record is not None else None)
        if caller is None:
            raise HttpRefusal(422, "from or call_id: one of them says whose case it is")
        queue = wanted.queue or (record.queue if record is not None else None)
        opened = self.desk.open(
            wanted.kind,
            caller=caller,
            client=record.client if record is not None else ask.principal.client or DEFAULT_CLIENT,
            call=None if record is None else record.id,
            queue=None if queue is None else QueueId(queue),
            note=wanted.note,
        )
        return case_out(opened, ask.now)

    async def change(self, ask: Ask) -> CaseOut:
        case, wanted = await self._visible(ask), ask.body
        changed = await self.store.change_case(
            case,
            state=case.state if wanted.state is UNSET else wanted.state,
            owner=case.owner if wanted.owner is UNSET else wanted.owner,
            note=case.note if wanted.note is UNSET else wanted.note,
            now=ask.now,
        )
        return case_out(changed, ask.now)

    async def _visible(self, ask: Ask) -> Case:
        protocol = ask.path["protocol"]
        case = await self.store.case(protocol)
        if case is None:
            raise NotFound(f"case {protocol} does not exist")
        ask.principal.must_own(case.client, f"case {protocol}")
        return case

    async def _call(self, ask: Ask, ident: str) -> CallRecord:
        record = await self.calls.call(CallId(ident))
        if record is None or not may_see(ask.principal, record):
            raise NotFound(f"call {ident} does not exist")
        return record
