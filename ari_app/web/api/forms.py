"""`/forms`: what operators write down after calls, checked by the site's forms (P5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from ari_app.flow.forms import Form, wrongs
from ari_app.flow.site import Site
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.work import CaseKind
from ari_app.ports import NotFound
from ari_app.web.api.calls import may_see
from ari_app.web.api.cases import CaseDesk
from ari_app.web.api.inputs import Key
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.stores import Calls
from ari_app.web.views import Listing, Time, rfc3339

Answer = Annotated[str, Meta(max_length=2000)] | float | bool | None
Answers = Annotated[dict[Key, Answer], Meta(max_length=100)]


class Dispositions(Protocol):
    """What was written down, in the store."""

    async def put_disposition(self, row: Mapping[str, Any]) -> None: ...

    async def disposition(self, call: CallId) -> dict[str, Any] | None: ...


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
class FormsApi:
    """Forms and dispositions. `written` tells the dispatcher that nothing is owed for a call any more."""

    store: Dispositions
    desk: CaseDesk
    calls: Calls
    site: Callable[[], Site]
    written: Callable[[CallId], None]

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/forms", self.forms, "The forms that operators fill in after calls", STAFF_AND_SELF,
                  answer=Listing[FormOut]),
            Route("GET", "/calls/{id}/disposition", self.disposition, "What was written down after a call",
                  STAFF_AND_SELF, answer=DispositionOut, problems=(404,)),
            Route("POST", "/calls/{id}/disposition", self.write, "Write down what came of a call",
                  LEADERS_AND_SELF, body=FormIn, answer=DispositionOut, status=201,
                  problems=(404, 409)),
        ]  # fmt: skip

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
