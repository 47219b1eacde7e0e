"""Everything that is kept about one person's number, to be handed out or erased (M9: LGPD, GDPR).

What a centre must keep is how many calls it had and how they went; who called and what he said goes.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import delete, or_, select, update

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId, ClientId
from ari_app.model.person import Person
from ari_app.model.work import WorkItem
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import call_of, fact_of, fields_of, recording_of

ERASED = "erased"
_KEPT_FACTS = (
    "CallAnswered", "CallQueued", "CallDequeued", "RoutingDecided", "OfferMade", "OfferEnded",
    "CallConnected", "TalkEnded", "CallEnded", "CallResumed", "RecordingStored", "RecordingDeleted",
    "FlowEntered", "FlowEnded", "NodeEntered", "NodeLeft", "ConsentTold",
)  # fmt: skip
"""They tell how a call went, nothing of the person."""
_C = schema.calls.c
_I = schema.work_items.c
_P = schema.cases.c
_B = schema.callbacks.c


def spellings(number: str) -> list[str]:
    """A number with and without its plus."""
    bare = number.removeprefix("+")
    return [bare, f"+{bare}"]


class PersonStore:
    """`client` given: what that client has of the person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _rows(self, query: Any) -> list[dict[str, Any]]:
        async with self._database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def find(self, number: str, client: ClientId | None = None) -> Person:
        """All there is."""
        names = spellings(number)

        def of(table: Any, *columns: Any) -> Any:
            query = select(table).where(or_(*(column.in_(names) for column in columns)))
            return query if client is None else query.where(table.c.client_id == client)

        calls = [call_of(row) for row in await self._rows(of(schema.calls, _C.caller, _C.called))]
        mine = [call.id for call in calls]
        return Person(
            number=number,
            calls=tuple(calls),
            recordings=tuple(await self._of_calls(schema.recordings, mine, recording_of)),
            items=tuple(
                msgspec.convert(fields_of(row), WorkItem)
                for row in await self._rows(of(schema.work_items, _I.caller))
            ),
            cases=tuple(fields_of(row) for row in await self._rows(of(schema.cases, _P.caller))),
            callbacks=tuple(fields_of(row) for row in await self._rows(of(schema.callbacks, _B.number))),
            dispositions=tuple(await self._of_calls(schema.dispositions, mine, dict)),
            facts=tuple(await self._of_calls(schema.facts, mine, fact_of)),
        )

    async def _of_calls(self, table: Any, calls: list[CallId], made: Any) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(calls), 500):
            query = select(table).where(table.c.call_id.in_(calls[start : start + 500]))
            found += [made(row) for row in await self._rows(query)]
        return found

    async def erase(self, person: Person, kept: Collection[CallId]) -> None:
        """Make calls, cases and callbacks nobody's, and drop the rest; calls in `kept` stay as they are."""
        calls = [call for call in person.calls if call.id not in kept]
        names = spellings(person.number)
        statements: list[Any] = []
        for call in calls:
            statements += _call_statements(call, names)
        statements += [
            delete(schema.work_items).where(_I.id == item.id)
            for item in person.items
            if item.call not in kept
        ]
        for case in person.cases:
            if case["call"] not in kept:
                gone = {"caller": ERASED, "note": "", "form": "{}"}
                statements.append(update(schema.cases).where(_P.protocol == case["protocol"]).values(gone))
        for promise in person.callbacks:
            if promise["call"] not in kept:
                statements.append(
                    update(schema.callbacks).where(_B.id == promise["id"]).values(number=ERASED)
                )
        async with self._database.durable.begin() as connection:
            for statement in statements:
                await connection.execute(statement)


def _call_statements(call: CallRecord, names: list[str]) -> list[Any]:
    facts, forms = schema.facts.c, schema.dispositions
    gone: dict[str, Any] = {"digits": ""}
    gone |= {"caller": ERASED} if call.caller in names else {}
    gone |= {"called": ERASED} if call.called in names else {}
    return [
        update(schema.calls).where(_C.id == call.id).values(gone),
        delete(schema.facts).where(facts.call_id == call.id, facts.kind.not_in(_KEPT_FACTS)),
        update(forms).where(forms.c.call_id == call.id).values(answers="{}"),
    ]
