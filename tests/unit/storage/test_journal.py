"""The journal: nothing lost, order kept, whatever the database does."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ari_app.model.call import FinalState
from ari_app.model.facts import RoutingDecided, VariableSet
from ari_app.model.ids import CallId
from ari_app.ports import Stamped
from ari_app.storage import schema
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal, open_journal
from tests.fakes.clock import SystemClock
from tests.unit.storage.records import a_call, digits, digits_of


async def test_what_was_put_is_read_back(database: Database, journal: SqlJournal) -> None:
    record = a_call(1, digits="2", wait_s=1.5, queue="support", final_state=FinalState.ANSWERED)
    journal.put_call(record, None)
    journal.put_facts(digits("c1", 0, 3))
    assert await journal.flush()
    archive = CallArchive(database)
    assert await archive.call(CallId("c1")) == record
    assert await digits_of(database, "c1") == [0, 1, 2]
    assert journal.backlog == 0
    assert journal.healthy


async def test_puts_of_one_call_become_one_row_with_the_last_values(
    database: Database, journal: SqlJournal
) -> None:
    for n in range(50):
        journal.put_call(a_call(1, digits="1" * n), b"state %d" % n)
    await journal.flush()
    (live,) = await CallArchive(database).live()
    assert live.record.digits == "1" * 49
    assert live.state == b"state 49"


async def test_state_goes_when_the_call_has_nothing_to_resume(
    database: Database, journal: SqlJournal
) -> None:
    journal.put_call(a_call(1), b"waiting")
    await journal.flush()
    journal.put_call(a_call(1, final_state=FinalState.ABANDONED), None)
    await journal.flush()
    assert await CallArchive(database).live() == []
    async with database.engine.connect() as connection:
        assert (await connection.execute(select(schema.call_states))).all() == []


async def test_an_entry_the_database_refuses_is_left_out_and_all_others_kept(
    database: Database, journal: SqlJournal
) -> None:
    poison = a_call(2, started_at=None)  # the column refuses it
    for n in range(20):
        journal.put_facts(digits("c1", n, n + 1))
        if n == 7:
            journal.put_call(poison, None)
    journal.put_call(a_call(3), None)
    assert await journal.flush()
    assert await digits_of(database, "c1") == list(range(20))
    assert await CallArchive(database).call(CallId("c2")) is None
    assert await CallArchive(database).call(CallId("c3")) is not None
    assert journal.healthy


@pytest.mark.parametrize("text_", ["a\x00b", "caf\udce9", "\ud83d", "ção ☎"])
async def test_hostile_text_from_the_network_is_stored(
    database: Database, journal: SqlJournal, text_: str
) -> None:
    journal.put_call(a_call(1, caller=text_), None)
    journal.put_facts([Stamped(1.0, VariableSet("v", text_), CallId("c1"))])
    journal.put_facts([Stamped(1.0, RoutingDecided({"odd": object(), "nan": float("nan")}), CallId("c1"))])
    assert await journal.flush()
    call = await CallArchive(database).call(CallId("c1"))
    assert call is not None
    assert "\x00" not in call.caller
    assert len(await CallArchive(database).facts_of(CallId("c1"))) == 2


async def test_closing_writes_what_is_left(database: Database) -> None:
    async with open_journal(database, SystemClock()) as journal:
        journal.put_facts(digits("c1", 0, 5000))
    assert await digits_of(database, "c1") == list(range(5000))


async def test_a_commit_whose_answer_was_lost_is_not_written_twice(
    database: Database, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = journal._commit
    answers_lost = 0

    async def commit_and_lose_the_answer(*args: object, **kwargs: object) -> None:
        nonlocal answers_lost
        await commit(*args, **kwargs)  # type: ignore[arg-type]
        if answers_lost < 2:
            answers_lost += 1
            raise ConnectionError("lost after commit")

    monkeypatch.setattr(journal, "_commit", commit_and_lose_the_answer)
    journal.put_facts(digits("c1", 0, 5))
    assert await journal.flush()
    assert answers_lost == 2
    assert await digits_of(database, "c1") == list(range(5))
