"""Reading back: filters, paging, resumption, gaps."""

from __future__ import annotations

import pytest

from ari_app.model.call import FinalState
from ari_app.model.facts import DigitPressed, RoutingDecided
from ari_app.model.ids import CallId, ClientId, QueueId, RecordingId
from ari_app.model.recording import Recording, RecordingLeg, RecordingStatus
from ari_app.ports import CallFilter, CursorRefused, RecordingFilter, Stamped
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from tests.unit.storage.records import a_call

ACME, BETA = ClientId("acme"), ClientId("beta")


async def test_live_calls_come_back_oldest_first_with_their_state(
    database: Database, journal: SqlJournal
) -> None:
    journal.put_call(a_call(2), b"two")
    journal.put_call(a_call(1), b"one")
    journal.put_call(a_call(3, final_state=FinalState.ABANDONED), None)
    journal.put_call(a_call(4), None)
    await journal.flush()
    live = await CallArchive(database).live()
    assert [(call.record.id, call.state) for call in live] == [("c1", b"one"), ("c2", b"two"), ("c4", None)]


async def test_pages_hold_on_to_their_place_while_calls_come_in(
    database: Database, journal: SqlJournal
) -> None:
    archive = CallArchive(database)
    for n in range(10):
        journal.put_call(a_call(n, started_at=1000.0 + n // 4), None)
    await journal.flush()
    first = await archive.calls(CallFilter(), limit=4)
    journal.put_call(a_call(99), None)
    await journal.flush()
    second = await archive.calls(CallFilter(), cursor=first.next, limit=4)
    third = await archive.calls(CallFilter(), cursor=second.next, limit=4)
    seen = [call.id for page in (first, second, third) for call in page.items]
    assert seen == [f"c{n}" for n in reversed(range(10))]
    assert third.next is None


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WzEsMl0", "é", "A" * 400])
async def test_strange_cursors_are_refused(database: Database, cursor: str) -> None:
    with pytest.raises(CursorRefused):
        await CallArchive(database).calls(CallFilter(), cursor=cursor)


async def test_facts_are_read_by_call_kind_and_cursor(database: Database, journal: SqlJournal) -> None:
    facts = [
        Stamped(1.0, DigitPressed("1"), CallId("a")),
        Stamped(1.5, DigitPressed("2"), CallId("b")),
        Stamped(2.0, RoutingDecided({"candidates": [], "step": 0}), CallId("a")),
    ]
    journal.put_facts(facts)
    await journal.flush()
    archive = CallArchive(database)
    one, two = await archive.facts_of(CallId("a"))
    assert (one.kind, one.body, one.at) == ("DigitPressed", {"digit": "1"}, 1.0)
    assert two.body == {"explanation": {"candidates": [], "step": 0}}
    assert await archive.facts_of(CallId("a"), kinds={"RoutingDecided"}) == [two]
    assert await archive.facts_of(CallId("a"), after=one.seq) == [two]
    assert [fact.call for fact in await archive.facts_after(one.seq)] == ["b", "a"]
    assert await archive.last_seq() == two.seq


async def test_M1_recordings_gaps_and_unfinished_ones(database: Database, journal: SqlJournal) -> None:
    ended = {"connected_at": 1001.0, "ended_at": 1010.0, "queue": QueueId("support"), "client": ACME}
    ended["recording_id"] = RecordingId("r")
    statuses = [RecordingStatus.COMPLETE, RecordingStatus.REPAIRED, RecordingStatus.TRUNCATED]
    for n, status in enumerate([*statuses, RecordingStatus.RECORDING]):
        journal.put_call(a_call(n, **ended), None)
        legs = (RecordingLeg("1005", 0.0, 4.5),)  # type: ignore[arg-type]
        journal.put_recording(
            Recording(RecordingId(f"r{n}"), CallId(f"c{n}"), status, 1000.0 + n, client=ACME, legs=legs)
        )
    journal.put_call(a_call(8, **ended | {"queue": QueueId("sales")}), None)
    journal.put_call(a_call(9, **ended | {"recording_id": None}), None)
    await journal.flush()
    archive = CallArchive(database)
    gaps = await archive.gaps(ended_before=2000.0)
    assert [call.id for call in gaps] == ["c8", "c3", "c2"]
    pending = {CallId("c8"), CallId("c2")}
    assert [call.id for call in await archive.gaps(pending, ended_before=2000.0)] == ["c3"]
    assert await archive.gaps(ended_before=2000.0, client=BETA) == []
    page = await archive.recordings(RecordingFilter(call=CallId("c1")))
    assert page.items[0].legs == (RecordingLeg("1005", 0.0, 4.5),)  # type: ignore[arg-type]
    found = await archive.recordings(RecordingFilter(queue=QueueId("support"), client=ACME), limit=3)
    assert [recording.id for recording in found.items] == ["r3", "r2", "r1"]
    rest = await archive.recordings(RecordingFilter(client=ACME), cursor=found.next, limit=3)
    assert [recording.id for recording in rest.items] == ["r0"]
