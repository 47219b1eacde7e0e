"""Stored recordings over HTTP: damage, links, holds, deletion, notes, listening lists, search."""

from __future__ import annotations

import msgspec.structs

from ari_app.model.ids import CallId, ClientId, OperatorId, RecordingId
from ari_app.model.recording import Recording, RecordingLeg, RecordingStatus, Tape
from ari_app.model.transcript import Transcript, Word
from ari_app.storage.transcripts import TranscriptStore
from tests.api.house import ACME, BETA, House
from tests.support.recordings import tones


async def test_M8_an_encrypted_recording_is_heard_as_wav_by_ranges_and_as_stored(house: House) -> None:
    made = await house.kit.given_stored("c1", tones(5.0), client=ACME)
    token = await house.token("auditor", ACME)
    whole = await house.ask("GET", "/recordings/c1/audio", token)
    assert whole.headers["Content-Type"] == "audio/wav"
    assert whole.body[44:] == tones(5.0)
    part = await house.ask("GET", "/recordings/c1/audio", token, headers={"Range": "bytes=70001-100000"})
    assert (part.status, part.body) == (206, whole.body[70001:100001])
    beyond = await house.ask("GET", "/recordings/c1/audio", token, headers={"Range": "bytes=99999999-"})
    assert beyond.status == 416
    flac = await house.ask("GET", "/recordings/c1/audio?format=stored", token)
    assert (flac.headers["Content-Type"], flac.body[:4]) == ("audio/flac", b"fLaC")
    same = await house.ask("GET", "/recordings/c1/audio", token, headers={"Accept": "audio/flac"})
    assert same.body == flac.body
    peaks = (await house.ask("GET", "/recordings/c1/peaks", token)).json
    assert (peaks["slices"], set(peaks["caller"])) == (50, {62})
    manifest = (await house.ask("GET", "/recordings/c1", token)).json
    assert (manifest["encrypted"], manifest["sha256"]) == (True, made.sha256)


async def test_M7_a_changed_swapped_cut_or_foreign_file_is_told_and_never_heard(house: House) -> None:
    token = await house.token("admin")
    one = await house.kit.given_stored("c1", client=ACME)
    two = await house.kit.given_stored("c2", client=ACME)
    first, second = house.folder / one.file, house.folder / two.file
    good, other = first.read_bytes(), second.read_bytes()
    for wrong in (other, good[:-1], good[:100] + b"\xff" + good[101:], b""):
        first.write_bytes(wrong)
        heard = await house.ask("GET", "/recordings/c1/audio", token)
        assert (heard.status, heard.json["code"]) == (409, "conflict")
        check = (await house.ask("POST", "/recordings/c1/verify", token)).json
        assert (check["ok"], bool(check["detail"])) == (False, True)
    assert (await house.ask("GET", "/recordings/c1", token)).json["status"] == "failed"
    first.unlink()
    assert (await house.ask("GET", "/recordings/c1/audio", token)).status == 404
    assert (await house.ask("POST", "/recordings/c2/verify", token)).json == {"ok": True, "detail": ""}
    house.kit.keys._keys = {"k0": b"x" * 32}
    assert (await house.ask("GET", "/recordings/c2/audio", token)).status == 409


async def test_M8_ids_that_climb_out_of_the_folder_find_nothing(house: House) -> None:
    token = await house.token("admin")
    for ident in ("..%2F..%2Fetc%2Fpasswd", "%2e%2e", "a%00b", "x" * 300, "%2Fetc%2Fpasswd"):
        for tail in ("", "/audio", "/peaks", "/notes"):
            assert (await house.ask("GET", f"/recordings/{ident}{tail}", token)).status == 404
    row = Recording(
        RecordingId("evil"), CallId("c1"), RecordingStatus.COMPLETE, 1.0, client=ACME, file="../ramal.db"
    )
    house.journal.put_recording(row)
    await house.journal.flush()
    assert (await house.ask("GET", "/recordings/evil/audio", token)).status == 404


async def test_M8_a_link_opens_one_recording_until_it_expires_and_is_audited(house: House) -> None:
    await house.kit.given_stored("c1", client=ACME)
    token = await house.token("supervisor")
    link = (await house.ask("POST", "/recordings/c1/link", token, json={"lasts_s": 60})).json
    path = link["url"].removeprefix("/api/v1")
    assert (await house.ask("GET", path)).body[44:] == tones(3.0)
    forged = path[:-3] + ("AAA" if not path.endswith("AAA") else "BBB")
    assert (await house.ask("GET", forged)).status == 404
    house.clock.advance(61)
    assert (await house.ask("GET", path)).status == 404
    rows = [row.entry for row in await house.audit.entries()]
    heard = [(e.who, e.target) for e in rows if e.action == "get_audio-links_one"]
    assert heard == [("link of token:supervisor", "c1")]


async def test_M6_a_hold_keeps_and_a_deletion_is_real_and_logged(house: House) -> None:
    made = await house.kit.given_stored("c1", client=ACME)
    token = await house.token("admin")
    await house.ask("PUT", "/recordings/c1/hold", token, json={"reason": "case 12"})
    refused = await house.ask("DELETE", "/recordings/c1", token)
    assert (refused.status, "case 12" in refused.json["detail"]) == (409, True)
    await house.ask("PUT", "/recordings/c1/hold", token, json={"reason": None})
    assert (await house.ask("DELETE", "/recordings/c1?reason=asked", token)).status == 204
    assert not (house.folder / made.file).exists()
    tombstone = (await house.ask("GET", "/recordings/c1", token)).json
    assert (tombstone["status"], tombstone["deleted_why"], tombstone["file"]) == ("deleted", "asked", "")
    assert (await house.ask("GET", "/recordings/c1/audio", token)).status == 404
    assert (await house.ask("GET", "/recordings", token)).json["items"] == []
    assert len((await house.ask("GET", "/recordings?status=deleted", token)).json["items"]) == 1
    assert (await house.ask("GET", "/recordings/c1/peaks", token)).status == 404
    assert house.kit.deleted == [("c1", "asked", "token:admin")]
    assert await house.audit.first_broken() is None


async def test_M8_notes_stand_at_their_second(house: House) -> None:
    await house.kit.given_stored("c1", client=ACME)
    token = await house.token("supervisor")
    for at_s, text in ((2.5, "late"), (0.5, "early")):
        note = {"at_s": at_s, "text": text}
        assert (await house.ask("POST", "/recordings/c1/notes", token, json=note)).status == 201
    notes = (await house.ask("GET", "/recordings/c1/notes", token)).json["items"]
    assert [(note["at_s"], note["text"]) for note in notes] == [(0.5, "early"), (2.5, "late")]
    assert (await house.ask("DELETE", f"/recordings/c1/notes/{notes[0]['id']}", token)).status == 204
    assert (await house.ask("DELETE", f"/recordings/c1/notes/{notes[0]['id']}", token)).status == 404
    foreign = await house.token("supervisor", BETA)
    assert (await house.ask("GET", "/recordings/c1/notes", foreign)).status == 404


async def test_S5_a_listening_list_has_an_order_and_opens_to_operators_only_what_is_shared(
    house: House,
) -> None:
    for call in ("c1", "c2", "c3"):
        await house.kit.given_stored(call, client=ACME)
    token = await house.token("supervisor", ACME)
    items = [
        {"recording_id": "c2", "note": "greeting", "from_s": 1.0, "until_s": 2.0},
        {"recording_id": "c1"},
    ]
    body = {"name": "Good openings", "items": items}
    made = (await house.ask("POST", "/listening-lists", token, json=body)).json
    path = f"/listening-lists/{made['id']}"
    operator = await house.token("operator", ACME, "1001")
    assert (await house.ask("GET", path, operator)).status == 404
    change = {"shared": True, "items": [items[1], items[0]]}
    changed = (await house.ask("PATCH", path, token, json=change)).json
    assert [(i["number"], i["recording_id"]) for i in changed["items"]] == [(1, "c1"), (2, "c2")]
    assert [one["id"] for one in (await house.ask("GET", "/listening-lists", operator)).json["items"]]
    assert (await house.ask("GET", f"{path}/items/2/audio", operator)).body[44:] == tones(3.0)
    assert (await house.ask("GET", "/recordings/c2/audio", operator)).status == 403
    for number in ("0", "3", "-1", "x", "9" * 30):
        assert (await house.ask("GET", f"{path}/items/{number}/audio", operator)).status == 404
    unknown = {"name": "x", "items": [{"recording_id": "none"}]}
    assert (await house.ask("POST", "/listening-lists", token, json=unknown)).status == 422
    foreign = await house.token("supervisor", BETA)
    assert (await house.ask("POST", "/listening-lists", foreign, json=body)).status == 422
    assert (await house.ask("GET", path, foreign)).status == 404
    assert (await house.ask("DELETE", path, token)).status == 204


async def test_M8_ten_thousand_recordings_are_searched_page_by_page(house: House) -> None:
    for number in range(10_000):
        client = ACME if number % 2 else ClientId("default")
        call = await_less_call(house, number, client)
        leg = RecordingLeg(OperatorId("1005" if number % 10 == 0 else "1001"), 0.0, 1.0)
        house.journal.put_recording(
            Recording(
                RecordingId(call), CallId(call), RecordingStatus.COMPLETE, 1e9 + number, client, legs=(leg,)
            )
        )
    assert await house.journal.flush(60.0)
    token = await house.token("auditor")
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await house.ask("GET", f"/recordings?limit=500{cursor}", token)).json
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 10_000
    assert seen[0] == "r9999"
    for query, count in [("operator=1005", 500), ("from=%2B55119", 50), ("since=2001-09-09T01:46:50Z", 500)]:
        items = (await house.ask("GET", f"/recordings?limit=500&{query}", token)).json["items"]
        assert len(items) == count, query
    bound = await house.token("auditor", ACME)
    items = (await house.ask("GET", "/recordings?limit=500", bound)).json["items"]
    assert {item["client"] for item in items} == {"acme"}


def await_less_call(house: House, number: int, client: ClientId) -> str:
    """Put a call without waiting for the store."""
    from tests.support.recordings import record_of  # noqa: PLC0415

    caller = "+55119" if number % 200 == 0 else "+55118"
    record = record_of(f"r{number}", 1.0, client=client, caller=caller)
    house.journal.put_call(msgspec.structs.replace(record, operator=None), None)
    return f"r{number}"


async def test_M10_words_are_searched_whatever_their_accents_and_die_with_the_recording(
    house: House,
) -> None:
    await house.kit.given_stored("c1", client=ACME)
    store = TranscriptStore(house.database)
    words = (Word("caller", 0.5, 1.0, "Olá"), Word("operator", 1.0, 1.5, "reclamação"))
    await store.put(ACME, Transcript(RecordingId("c1"), "test", words, 1.0))
    token = await house.token("auditor")

    async def found(text: str) -> list[str]:
        page = await house.ask("GET", "/recordings", token, params={"text": text})
        return [item["id"] for item in page.json["items"]]

    assert await found("reclamacao ola") == ["c1"]
    for text in ("nada", '"', "a OR b", "*", "recl* NOT x", "'; DROP TABLE calls --"):
        assert await found(text) == []
    answer = (await house.ask("GET", "/recordings/c1/transcript", token)).json
    assert [word["text"] for word in answer["words"]] == ["Olá", "reclamação"]
    await house.kit.keeping.delete(RecordingId("c1"), why="test", by="test")
    assert await store.get(RecordingId("c1")) is None
    async with house.database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM transcript_search")).all()
    assert rows == []


async def test_M3_an_operator_acts_on_the_recordings_of_his_own_calls_only(house: House) -> None:
    for call, operator in (("c1", "1001"), ("c2", "1002")):
        await house.given_call(call, operator=operator)
        house.kit.live.tapes[CallId(call)] = Tape(running=True, kept=True)
    token = await house.token("operator", ACME, "1001")
    paused = await house.ask("POST", "/calls/c1/recording/pause", token, json={"max_s": 30})
    assert (paused.status, paused.json["state"]) == (200, "recording")
    assert (await house.ask("POST", "/calls/c2/recording/pause", token)).status == 404
    assert (await house.ask("POST", "/calls/c1/recording/withdraw", token)).status == 403
    assert house.kit.live.acts == [("c1", "pause", "token:operator")]
    assert (await house.ask("POST", "/calls/none/recording/pause", token)).status == 404
