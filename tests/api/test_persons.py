"""Everything about one person, handed out and erased (M9)."""

from __future__ import annotations

import io
import zipfile

import msgspec

from ari_app.model.facts import CallEnded, CallStarted, DigitPressed
from ari_app.model.ids import CallId, Protocol, QueueId, RecordingId, WorkItemId
from ari_app.model.work import Case, WorkItem
from ari_app.ports import Stamped
from ari_app.storage.work import WorkStore
from tests.api.house import ACME, BETA, House
from tests.support.recordings import tones

NUMBER = "+5511988887777"


async def given_person(house: House) -> None:
    """A recorded call, a message and a case of one number, and a call of another."""
    await house.kit.given_stored("c1", client=ACME, digits="2468")
    await house.kit.given_stored("other", client=ACME, caller="+5521")
    facts = [CallStarted(NUMBER, "5000", "inbound"), DigitPressed("2"), CallEnded("answered", 16)]
    house.journal.put_facts([Stamped(1.0, fact, CallId("c1"), ACME) for fact in facts])
    house.journal.put_case(Case(Protocol("202611230001"), "order", NUMBER, 1.0, 2.0, client=ACME, note="a"))
    store = WorkStore(house.database)
    item = WorkItem(WorkItemId("m1"), "voicemail", QueueId("q"), CallId("c1"), NUMBER, "5000", 1.0, ACME)
    await store.add_item(item)
    (house.folder / "message.wav").write_bytes(b"RIFF-of-a-message")
    await store.audio_stored(item.id, "message.wav", 2.0, "ab" * 32)
    await house.journal.flush()


async def test_M9_everything_about_a_number_is_one_archive_with_its_audio(house: House) -> None:
    await given_person(house)
    token = await house.token("admin", ACME)
    answer = await house.ask("POST", "/persons/export", token, json={"number": NUMBER.removeprefix("+")})
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"person.json", "recordings/c1.wav", "messages/m1.wav"}
        assert archive.read("recordings/c1.wav")[44:] == tones(3.0)
        assert archive.read("messages/m1.wav") == b"RIFF-of-a-message"
        told = msgspec.json.decode(archive.read("person.json"))
    assert [call["id"] for call in told["calls"]] == ["c1"]
    assert len(told["facts"]) >= 3
    assert [case["protocol"] for case in told["cases"]] == ["202611230001"]
    foreign = await house.ask(
        "POST", "/persons/export", await house.token("admin", BETA), json={"number": NUMBER}
    )
    with zipfile.ZipFile(io.BytesIO(foreign.body)) as archive:
        assert archive.namelist() == ["person.json"]
    assert not list(house.folder.rglob("*.zip"))


async def test_M9_an_erased_person_is_nowhere_and_the_counts_stay(house: House) -> None:
    await given_person(house)
    token = await house.token("admin", ACME)
    body = {"number": NUMBER, "reason": "request 7"}
    erased = (await house.ask("POST", "/persons/erase", token, json=body)).json
    assert (erased["calls"], erased["recordings"], erased["messages"], erased["kept"]) == (1, 1, 1, [])
    call = (await house.ask("GET", "/calls/c1", token)).json
    assert (call["from"], call["digits"], call["final_state"]) == ("erased", "", "answered")
    assert (await house.ask("GET", "/recordings/c1/audio", token)).status == 404
    assert not (house.folder / "message.wav").exists()
    kinds = {fact.kind for fact in await house.kit.archive.facts_of(CallId("c1"))}
    assert "CallEnded" in kinds
    assert not kinds & {"CallStarted", "DigitPressed"}
    case = (await house.ask("GET", "/cases/202611230001", token)).json
    assert (case["from"], case["note"]) == ("erased", "")
    assert (await house.ask("GET", "/recordings/other/audio", token)).status == 200
    for table in ("calls", "facts", "cases", "work_items", "recordings", "callbacks"):
        async with house.database.engine.connect() as connection:
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()
        assert NUMBER not in repr(rows), table


async def test_M9_a_legal_hold_keeps_a_call_out_of_an_erasure_and_a_live_call_stops_it(house: House) -> None:
    await given_person(house)
    await house.kit.store.set_hold(RecordingId("c1"), "case 12")
    token = await house.token("admin", ACME)
    body = {"number": NUMBER, "reason": "request 7"}
    erased = (await house.ask("POST", "/persons/erase", token, json=body)).json
    assert (erased["calls"], erased["kept"]) == (0, ["c1"])
    assert (await house.ask("GET", "/recordings/c1/audio", token)).status == 200
    await house.given_call("live", final_state=None)
    assert (await house.ask("POST", "/persons/erase", token, json=body)).status == 409
    wrong = {"number": "'; DROP", "reason": "x"}
    assert (await house.ask("POST", "/persons/erase", token, json=wrong)).status == 422
