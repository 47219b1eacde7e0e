"""Turns the model's structs into rows and back; shared by the writer and the readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from ari_app.model.call import CallRecord
from ari_app.model.recording import Recording
from ari_app.ports import Stamped, StoredFact

T = TypeVar("T")
_encode = msgspec.json.Encoder(enc_hook=repr).encode
_CALL_FIELDS = tuple(name for name in CallRecord.__struct_fields__ if name != "client")
_RECORDING_FIELDS = tuple(
    n for n in Recording.__struct_fields__ if n not in {"client", "call", "legs", "pauses"}
)

_RENAMED = {"client": "client_id", "call": "call_id", "callback": "callback_id"}
_JSON = frozenset({"form", "request"})


def storable(value: Any) -> Any:
    """Text that both engines take: PostgreSQL refuses NUL, UTF-8 has no lone surrogates."""
    if isinstance(value, str) and ("\x00" in value or not value.isascii()):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    return value


def call_row(record: CallRecord) -> dict[str, Any]:
    """The `calls` row of a record."""
    row = {name: storable(getattr(record, name)) for name in _CALL_FIELDS}
    row["client_id"] = record.client
    return row


def call_of(row: Mapping[str, Any]) -> CallRecord:
    """The record of a `calls` row."""
    fields = {name: row[name] for name in _CALL_FIELDS}
    return msgspec.convert(
        {"from": fields.pop("caller"), "to": fields.pop("called"), "client": row["client_id"], **fields},
        CallRecord,
    )


def fact_row(stamped: Stamped) -> dict[str, Any]:
    """The `facts` row of a fact; what JSON cannot say is kept as its representation, never refused."""
    kind = type(stamped.fact).__name__
    try:
        body = _encode(stamped.fact).decode()
    except (TypeError, ValueError, RecursionError) as error:
        body = _encode({"fact": kind, "unreadable": str(error)}).decode()
    return {
        "client_id": stamped.client,
        "at": stamped.at,
        "call_id": stamped.call,
        "kind": kind,
        "body": body,
    }


def fact_of(row: Mapping[str, Any]) -> StoredFact:
    """The fact of a `facts` row."""
    body = msgspec.json.decode(row["body"])
    body.pop("fact", None)
    return StoredFact(row["seq"], row["at"], row["client_id"], row["call_id"], row["kind"], body)


def recording_row(recording: Recording) -> dict[str, Any]:
    """The `recordings` row of a recording."""
    row = {name: getattr(recording, name) for name in recording.__struct_fields__}
    row["client_id"] = row.pop("client")
    row["call_id"] = row.pop("call")
    row["legs"] = _encode(recording.legs).decode()
    row["pauses"] = _encode(recording.pauses).decode()
    return row


def leg_rows(recording: Recording) -> list[dict[str, Any]]:
    """The `recording_legs` rows of a recording: who is to be heard in it."""
    return [
        {"recording_id": recording.id, "operator": operator, "client_id": recording.client}
        for operator in sorted({leg.operator for leg in recording.legs})
    ]


def recording_of(row: Mapping[str, Any]) -> Recording:
    """The recording of a `recordings` row."""
    fields = {name: row[name] for name in _RECORDING_FIELDS}
    fields["client"] = row["client_id"]
    fields["call"] = row["call_id"]
    fields["legs"] = msgspec.json.decode(row["legs"])
    fields["pauses"] = msgspec.json.decode(row["pauses"])
    return msgspec.convert(fields, Recording)


def upsert(table: Table, dialect: str) -> Insert:
    """Insert, or replace all other columns of the row with the same primary key."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](table)
    key = [column.name for column in table.primary_key]
    others = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in key}
    statement: Insert = insert.on_conflict_do_update(index_elements=key, set_=others)
    return statement


def row_of(record: msgspec.Struct) -> dict[str, Any]:
    """A record as a row; what is structured goes as JSON text."""
    row: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        text = msgspec.json.encode(value).decode() if name in _JSON else storable(value)
        row[_RENAMED.get(name, name)] = text
    return row


def fields_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The record's fields of a row, for `msgspec.convert`."""
    back = {column: name for name, column in _RENAMED.items()}
    return {
        back.get(str(column), str(column)): msgspec.json.decode(value) if column in _JSON else value
        for column, value in row.items()
    }


def insert_once(table: Table, dialect: str) -> Any:
    """Insert; a row with the same key stays as it is."""
    make: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
    return make(table).on_conflict_do_nothing()


def upsert_adding(table: Table, dialect: str, counted: tuple[str, ...]) -> Any:
    """Insert, or add these columns to the row with the same primary key."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](table)
    key = [column.name for column in table.primary_key]
    added = {name: table.c[name] + insert.excluded[name] for name in counted}
    return insert.on_conflict_do_update(index_elements=key, set_=added)


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with equal keys, given as the driver takes them: for thousands at a time.

    SQLAlchemy's own handling of parameters takes as long as SQLite's inserting.
    """
    names = list(rows[0])
    compiled = table.insert().compile(dialect=connection.dialect, column_keys=names)
    order = compiled.positiontup or names
    connection.exec_driver_sql(str(compiled), [tuple(row[name] for name in order) for row in rows])
