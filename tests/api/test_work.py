"""Work items over the API: who sees what, taking once, audio with ranges, surveys."""

from __future__ import annotations

import msgspec

from ari_app.model.call import FinalState
from ari_app.model.facts import SurveyAnswered
from ari_app.model.ids import CallId, OperatorId, QueueId, WorkItemId
from ari_app.model.operator import Operator
from ari_app.model.work import WorkItem
from ari_app.ports import Stamped
from ari_app.storage.work import WorkStore
from tests.api.house import ACME, BETA, House

AT = 1_700_000_000.0


async def given_item(house: House, ident: str, queue: str = "support", client: str = ACME) -> bytes:
    store = WorkStore(house.database)
    item = WorkItem(
        WorkItemId(ident),
        "voicemail",
        QueueId(queue),
        CallId("c1"),
        "+5511",
        "5000",
        AT,
        client=client,  # type: ignore[arg-type]
    )
    await store.add_item(item)
    await store.add_item(msgspec.structs.replace(item, queue=QueueId("never")))
    audio = b"RIFF" + bytes(range(256)) * 4
    (house.folder / f"{ident}.wav").write_bytes(audio)
    await store.audio_stored(item.id, f"{ident}.wav", 2.5, "cd" * 32)
    return audio


async def given_operator(house: House, extension: str, *queues: str) -> str:
    owned = tuple(QueueId(queue) for queue in queues) or None
    await house.desk.create(Operator(OperatorId(extension), "x", {}, owned, client=ACME), by="test")
    return await house.token("operator", ACME, extension)


async def test_C14_items_are_listed_for_those_who_serve_their_queue(house: House) -> None:
    await given_item(house, "w1", "support")
    await given_item(house, "w2", "sales")
    mine = await given_operator(house, "1001", "sales")
    everything = await given_operator(house, "1002")
    stranger = await house.token("supervisor", BETA)
    for token, expected in ((mine, ["w2"]), (everything, ["w2", "w1"]), (stranger, [])):
        answer = await house.ask("GET", "/work-items", token)
        assert [item["id"] for item in answer.json["items"]] == expected
    assert (await house.ask("GET", "/work-items/w1", mine)).status == 404
    assert (await house.ask("GET", "/work-items/w1/audio", stranger)).status == 404


async def test_C14_a_message_is_taken_by_one_operator(house: House) -> None:
    await given_item(house, "w1")
    first, second = await given_operator(house, "1001"), await given_operator(house, "1002")
    taken = await house.ask("PATCH", "/work-items/w1", first, json={"state": "taken"})
    assert (taken.status, taken.json["owner"]) == (200, "1001")
    assert (await house.ask("PATCH", "/work-items/w1", second, json={"state": "taken"})).status == 409
    other = {"state": "taken", "owner": "1002"}
    assert (await house.ask("PATCH", "/work-items/w1", first, json=other)).status == 403
    leader = await house.token("supervisor", ACME)
    assert (await house.ask("PATCH", "/work-items/w1", leader, json=other)).json["owner"] == "1002"
    done = await house.ask("PATCH", "/work-items/w1", second, json={"state": "done", "note": "ok"})
    assert (done.json["state"], done.json["note"], done.json["owner"]) == ("done", "ok", "1002")


async def test_C14_audio_is_served_in_ranges_and_audited(house: House) -> None:
    audio = await given_item(house, "w1")
    token = await house.token("supervisor")
    whole = await house.ask("GET", "/work-items/w1/audio", token)
    assert (whole.status, whole.body) == (200, audio)
    part = await house.ask("GET", "/work-items/w1/audio", token, headers={"Range": "bytes=4-7"})
    assert (part.status, part.body) == (206, audio[4:8])
    acts = [(row.entry.action, row.entry.target) for row in await house.audit.entries()]
    assert acts.count(("get_work-items_audio", "w1")) == 2


async def test_C15_survey_answers_are_stored_with_the_call(house: House) -> None:
    await house.given_call("c1", operator="1001", final_state=FinalState.ANSWERED)
    facts = [SurveyAnswered("csat", "5"), SurveyAnswered("solved", "1")]
    house.journal.put_facts([Stamped(AT, fact, CallId("c1"), ACME) for fact in facts])
    assert await house.journal.flush()
    answer = await house.ask("GET", "/calls/c1/survey", await house.token("supervisor"))
    assert [(a["question"], a["answer"]) for a in answer.json["answers"]] == [("csat", "5"), ("solved", "1")]
    assert answer.json["comments"] == []
    assert (await house.ask("GET", "/calls/c1/survey", await house.token("supervisor", BETA))).status == 404
