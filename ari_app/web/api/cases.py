"""`/cases`: what customers are owed, by protocol and by number (C17, P11); forms after calls (P5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ari_app.flow.forms import Form, wrongs
from ari_app.flow.site import Site
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
Answer = Annotated[str, Meta(max_length=2000)] | float | bool | None
Answers = Annotated[dict[Key, Answer], Meta(max_length=100)]
Number = Annotated[str, Meta(pattern=r"^\+?[0-9]{3,15}\Z")]


class CaseStore(Protocol):
    """Cases and dispositions in the store."""

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

    async def add_case(self, case: Case) -> None: ...

    async def change_case(
        self, case: Case, *, state: CaseState, owner: str | None, note: str, now: float
    ) -> Case: ...

    async def put_disposition(self, row: Mapping[str, Any]) -> None: ...

    async def disposition(self, call: CallId) -> dict[str, Any] | None: ...


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


class FieldOut(msgspec.Struct, frozen=True):
    """A field of a form."""

    name: str
    label: str
    type: str
    required: bool
    choices: list[str]


class FormOut(msgspec.Struct, frozen=True):
    """A form and the queues after whose calls it is filled in; `required_by`: before the next call."""

    id: str
    name: str
    opens: CaseKind | None
    fields: list[FieldOut]
    queues: list[str]
    required_by: list[str]


class FormIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the operator wrote down; `form` when it is not the one of the call's queue."""

    answers: Answers
    form: Key | None = None


class DispositionOut(msgspec.Struct, frozen=True):
    """What was written down after a call, and the protocol number of the case that it opened."""

    call_id: str
    operator: str
    queue: str
    form: str
    answers: dict[str, Any]
    protocol: str | None
    at: Time


@dataclass(frozen=True, slots=True)
class CasesApi:
    """Cases and forms. `written` tells the dispatcher that an operator owes nothing for a call any more."""

    store: CaseStore
    desk: CaseDesk
    calls: Calls
    site: Callable[[], Site]
    written: Callable[[CallId], None]

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
            Route("GET", "/forms", self.forms, "The forms that operators fill in after calls", STAFF_AND_SELF,
                  answer=Listing[FormOut]),
            Route("GET", "/calls/{id}/disposition", self.disposition, "What was written down after a call",
                  STAFF_AND_SELF, answer=DispositionOut, problems=(404,)),
            Route("POST", "/calls/{id}/disposition", self.write, "Write down what came of a call",
                  LEADERS_AND_SELF, body=FormIn, answer=DispositionOut, status=201,
                  problems=(404, 409)),
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

    # --- forms ------------------------------------------------------------------------------------------

    async def forms(self, ask: Ask) -> Listing[FormOut]:
        del ask
        site = self.site()
        return Listing([_form_out(site, name, form) for name, form in site.forms.items()])

    async def disposition(self, ask: Ask) -> DispositionOut:
        record = await self._call(ask, ask.path["id"])
        found = await self.store.disposition(record.id)
        if found is None:
            raise NotFound(f"nothing was written down for call {record.id}")
        return _disposition_out(found)

    async def write(self, ask: Ask) -> DispositionOut:
        record = await self._call(ask, ask.path["id"])
        site, wanted = self.site(), ask.body
        queue = site.queues.get(record.queue or "")
        name = wanted.form or (queue.form if queue is not None else None)
        form = site.forms.get(name or "")
        if form is None or name is None:
            raise HttpRefusal(422, f"form: {name!r} is none" if name else "form: the queue names none")
        wrong = wrongs(form, wanted.answers)
        if wrong:
            told = "; ".join(f"{item['path']} {item['message']}" for item in wrong)
            raise HttpRefusal(422, told, errors=list(wrong))
        if await self.store.disposition(record.id) is not None:
            self.written(record.id)
            raise HttpRefusal(409, f"call {record.id} has its disposition already")
        protocol = record.protocol
        if form.opens is not None:
            protocol = self.desk.open(
                form.opens,
                caller=record.caller,
                client=record.client,
                call=record.id,
                queue=record.queue,
                form=wanted.answers,
            ).protocol
        row = {
            "call_id": record.id,
            "client_id": record.client,
            "operator": ask.principal.operator or ask.principal.name,
            "queue": record.queue or "",
            "form": name,
            "answers": msgspec.json.encode(wanted.answers).decode(),
            "protocol": protocol,
            "at": ask.now,
        }
        await self.store.put_disposition(row)
        self.written(record.id)
        return _disposition_out(row)

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


def _form_out(site: Site, name: str, form: Form) -> FormOut:
    queues = {key: queue for key, queue in site.queues.items() if queue.form == name}
    return FormOut(
        id=name,
        name=form.name,
        opens=form.opens,
        fields=[
            FieldOut(key, field.label, field.type, field.required, list(field.choices))
            for key, field in form.fields.items()
        ],
        queues=list(queues),
        required_by=[key for key, queue in queues.items() if queue.form_required],
    )


def _disposition_out(row: Mapping[str, Any]) -> DispositionOut:
    same = ("call_id", "operator", "queue", "form", "protocol")
    return DispositionOut(
        **{name: row[name] for name in same},
        answers=msgspec.json.decode(row["answers"]),
        at=rfc3339(row["at"]),
    )
