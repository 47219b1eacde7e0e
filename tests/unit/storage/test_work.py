"""Messages, cases and callbacks on both engines: written once, changed by the first, begun once."""

from __future__ import annotations

import msgspec
import pytest

from ari_app.model.ids import CallbackId, CallId, Protocol, QueueId, SkillId, WorkItemId
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.model.work import Attempt, Callback, Case, WorkItem
from ari_app.ports import AlreadyExists, IllegalTransition
from ari_app.storage.callbacks import CallbackStore
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from ari_app.storage.work import WorkStore
from tests.unit.storage.records import a_call

ITEM = WorkItem(
    WorkItemId("w1"), "voicemail", QueueId("support"), CallId("c1"), "+5511", "5000", 10.0, source="c1~m3"
)
CASE = Case(Protocol("20260302000001"), "complaint", "+5511", 10.0, 20.0, form={"a": [1, "ü\u2028"]})
PROMISE = Callback(
    CallbackId("cb1"),
    CallId("c1"),
    "5511987654321",
    "5000",
    QueueRequest(QueueId("support"), needs=(SkillNeed(SkillId("support"), 2),)),
    entered_at=5.0,
    booked_at=10.0,
    next_at=10.0,
)


async def test_C14_item_comes_back_as_written_and_is_changed_by_the_first(database: Database) -> None:
    store = WorkStore(database)
    await store.add_item(ITEM)
    await store.add_item(msgspec.structs.replace(ITEM, caller="never"))
    assert await store.pending_items() == [ITEM]
    taken = await store.change_item(ITEM, "taken", owner="1001", note="nul\x00", now=11.0)
    with pytest.raises(IllegalTransition):
        await store.change_item(ITEM, "taken", owner="1002", note="", now=11.0)
    await store.audio_stored(ITEM.id, "messages/w1.wav", 2.5, "ab")
    found = await store.item(ITEM.id)
    assert found is not None
    assert (found.state, found.owner, found.note, found.audio) == ("taken", "1001", "nul", "stored")
    assert taken.owner == "1001"
    await store.drop_item(ITEM.id)  # somebody works on it: it stays
    assert await store.item(ITEM.id) is not None


async def test_C17_cases_go_through_the_journal_once_and_tell_the_last_number(
    database: Database, journal: SqlJournal
) -> None:
    store = WorkStore(database)
    assert await store.last_protocol() is None
    journal.put_case(CASE)
    journal.put_case(msgspec.structs.replace(CASE, caller="never"))
    journal.put_call(a_call(1, protocol=Protocol("20260303000007")), None)
    assert await journal.flush()
    assert await store.case(CASE.protocol) == CASE
    assert await store.last_protocol() == "20260303000007"
    await store.change_case(CASE, state="closed", owner="1001", note="", now=30.0)
    with pytest.raises(IllegalTransition):
        await store.change_case(CASE, state="open", owner="1002", note="", now=31.0)


async def test_C13_an_attempt_is_begun_once_and_promise_and_attempt_go_together(database: Database) -> None:
    store = CallbackStore(database)
    await store.add_callback(PROMISE)
    attempt = Attempt(CallId("cb1-1"), PROMISE.id, 1, 12.0)
    dialling = msgspec.structs.replace(PROMISE, state="dialling", attempts=1)
    await store.begin_attempt(dialling, attempt)
    for again in (attempt, msgspec.structs.replace(attempt, id=CallId("another"))):
        with pytest.raises(AlreadyExists):
            await store.begin_attempt(msgspec.structs.replace(dialling, attempts=2), again)
    assert (await store.open_callbacks(), await store.open_attempts()) == ([dialling], [attempt])
    ended = msgspec.structs.replace(attempt, ended_at=15.0, outcome="busy")
    done = msgspec.structs.replace(dialling, state="done")
    await store.end_attempt(done, ended)
    assert (await store.open_callbacks(), await store.open_attempts()) == ([], [])
    assert await store.attempts(PROMISE.id) == [ended]
    assert await store.callback(PROMISE.id) == done
