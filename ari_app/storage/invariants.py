"""DESIGN's invariants as queries: what must be true of the store after anything that happened.

Each check gives sentences about what is wrong, naming the call, attempt or recording; none: all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from ari_app.storage import campaign_schema as outbound
from ari_app.storage import schema

RECORDED_S = 60.0
"""A recording is in the store this long after the end of its call."""
ATTEMPT_S = 900.0
"""No attempt is open for longer: the longest ring and a day's longest talk are told apart by the call."""
TOLERANCE_S = 2.0
SHORT_S = 1.0

Check = Callable[[Connection, float, float], Iterator[str]]


def broken(connection: Connection, since: float, now: float, recordings: Path | None = None) -> list[str]:
    """Everything that is wrong with what happened since; `recordings` is the folder to look for files in."""
    checks: tuple[Check, ...] = (_final_states, _beginnings, _recorded, _attempts, _do_not_call)
    found = [fault for check in checks for fault in check(connection, since, now)]
    if recordings is not None:
        found += _files(connection, since, recordings)
    return found


def open_calls(connection: Connection) -> dict[str, str]:
    """Calls without a final state: id → the caller's channel."""
    query = select(schema.calls.c.id, schema.calls.c.channel).where(schema.calls.c.final_state.is_(None))
    return {row.id: row.channel for row in connection.execute(query)}


def open_attempts(connection: Connection) -> set[str]:
    """Attempts that are being dialled; their ids are their channels'."""
    trials, attempts = schema.callback_attempts, outbound.campaign_attempts
    queries = (
        select(trials.c.id).where(trials.c.ended_at.is_(None)),
        select(attempts.c.id).where(attempts.c.result.is_(None)),
    )
    return {ident for query in queries for ident in connection.scalars(query)}


def _final_states(connection: Connection, since: float, now: float) -> Iterator[str]:
    """Calls started = calls with exactly one final state, told exactly once; the live ones have none."""
    del now
    calls, facts = schema.calls, schema.facts
    ends = func.count(facts.c.seq)
    told = and_(facts.c.call_id == calls.c.id, facts.c.kind == "CallEnded")
    query = (
        select(calls.c.id, calls.c.final_state, ends.label("ends"))
        .select_from(calls.outerjoin(facts, told))
        .where(calls.c.started_at >= since)
        .group_by(calls.c.id, calls.c.final_state)
        .having(
            or_(
                and_(calls.c.final_state.is_(None), ends != 0),
                and_(calls.c.final_state.is_not(None), ends != 1),
            )
        )
    )
    for row in connection.execute(query):
        yield f"call {row.id}: final state {row.final_state}, ended {row.ends} times"


def _beginnings(connection: Connection, since: float, now: float) -> Iterator[str]:
    """What began is a call, once."""
    del now
    calls, facts = schema.calls, schema.facts
    query = (
        select(
            facts.c.call_id, func.count(facts.c.seq).label("starts"), func.count(calls.c.id).label("calls")
        )
        .select_from(facts.outerjoin(calls, calls.c.id == facts.c.call_id))
        .where(facts.c.at >= since, facts.c.kind == "CallStarted")
        .group_by(facts.c.call_id)
    )
    for row in connection.execute(query):
        if row.starts != 1 or row.calls != 1:
            yield f"call {row.call_id}: begun {row.starts} times, stored {row.calls} times"


def _recorded(connection: Connection, since: float, now: float) -> Iterator[str]:
    """A recorded talk has a recording, as long as its legs, or one that says that it is not."""
    calls, recordings = schema.calls, schema.recordings
    query = (
        select(
            calls.c.id,
            recordings.c.id.label("kept"),
            recordings.c.status,
            recordings.c.duration_s,
            recordings.c.legs,
        )
        .select_from(calls.outerjoin(recordings, recordings.c.call_id == calls.c.id))
        .where(
            calls.c.started_at >= since,
            calls.c.ended_at < now - RECORDED_S,
            calls.c.recording_id.is_not(None),
            calls.c.talk_s > SHORT_S,
        )
    )
    for row in connection.execute(query).mappings():
        yield from _judged(row)


def _judged(row: RowMapping) -> Iterator[str]:
    if row["kept"] is None:
        yield f"call {row['id']}: talked under recording, and there is none"
    elif row["status"] == "complete":
        legs = msgspec.json.decode(row["legs"])
        talked = sum(leg["end_s"] - leg["start_s"] for leg in legs)
        if row["duration_s"] < talked - TOLERANCE_S - 0.02 * talked:
            yield f"recording {row['kept']} is `complete`: {row['duration_s']:.1f} s of {talked:.1f} s"


def _files(connection: Connection, since: float, folder: Path) -> Iterator[str]:
    """The audio of a complete recording that nobody deleted is there, where this folder is its store."""
    recordings = schema.recordings
    query = select(recordings.c.id, recordings.c.file).where(
        recordings.c.started_at >= since,
        recordings.c.status == "complete",
        recordings.c.deleted_at.is_(None),
        recordings.c.store.in_(("", folder.absolute().as_uri())),
    )
    for row in connection.execute(query):
        if row.file and not (folder / row.file).is_file():
            yield f"recording {row.id}: {row.file} is missing"


def _attempts(connection: Connection, since: float, now: float) -> Iterator[str]:
    """One dialling for each number of an attempt, and none that stays open."""
    for table, owner in (
        (schema.callback_attempts, schema.callback_attempts.c.callback_id),
        (outbound.campaign_attempts, outbound.campaign_attempts.c.contact_id),
    ):
        times = func.count(table.c.id)
        query = select(owner, table.c.number, times.label("times")).where(table.c.started_at >= since)
        for row in connection.execute(query.group_by(owner, table.c.number).having(times > 1)):
            yield f"{table.name}: attempt {row.number} of {row[0]} was dialled {row.times} times"
        ended = select(schema.calls.c.id).where(schema.calls.c.final_state.is_(None))
        stuck = select(table.c.id).where(
            table.c.ended_at.is_(None),
            table.c.started_at >= since,
            table.c.started_at < now - ATTEMPT_S,
            table.c.id.not_in(ended),
        )
        for ident in connection.scalars(stuck):
            yield f"{table.name}: {ident} was dialled and never ended"


def _do_not_call(connection: Connection, since: float, now: float) -> Iterator[str]:
    """Nobody was dialled who had asked before not to be."""
    del now
    attempts, listed = outbound.campaign_attempts, outbound.dnc_numbers
    query = select(attempts.c.id).join(
        listed,
        and_(
            listed.c.number == attempts.c.phone,
            or_(listed.c.client_id == attempts.c.client_id, listed.c.client_id == "*"),
            listed.c.added_at < attempts.c.started_at,
        ),
    )
    for ident in connection.scalars(query.where(attempts.c.started_at >= since)):
        yield f"campaign_attempts: {ident} dialled a number of the do-not-call list"
