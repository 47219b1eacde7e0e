"""Recordings over HTTP: manifest, audio by ranges, gaps, audit."""

from __future__ import annotations

from tests.api.house import House


async def test_audio_is_sent_whole_and_by_ranges(house: House) -> None:
    await house.given_call("c1")
    audio = await house.given_recording("r1", "c1")
    token = await house.token("supervisor")
    whole = await house.ask("GET", "/recordings/r1/audio", token)
    assert (whole.status, whole.body) == (200, audio)
    assert whole.headers["Content-Type"] == "audio/wav"
    for asked, start, stop in [("0-3", 0, 4), ("100-", 100, None), ("-10", len(audio) - 10, None)]:
        part = await house.ask("GET", "/recordings/r1/audio", token, headers={"Range": f"bytes={asked}"})
        assert part.status == 206
        assert part.body == audio[start:stop]
        last = (stop or len(audio)) - 1
        assert part.headers["Content-Range"] == f"bytes {start}-{last}/{len(audio)}"
    beyond = await house.ask("GET", "/recordings/r1/audio", token, headers={"Range": "bytes=999999-"})
    assert beyond.status == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(audio)}"
    stale = {"Range": "bytes=0-3", "If-Range": '"other"'}
    assert (await house.ask("GET", "/recordings/r1/audio", token, headers=stale)).status == 200


async def test_M8_every_access_to_a_recording_is_audited(house: House) -> None:
    await house.given_call("c1")
    await house.given_recording("r1", "c1")
    token = await house.token("auditor")
    await house.ask("GET", "/recordings/r1", token)
    await house.ask("GET", "/recordings/r1/audio", token, headers={"Range": "bytes=0-1"})
    await house.ask("GET", "/recordings/none/audio", token)
    rows = [row.entry for row in await house.audit.entries()]
    assert [(e.who, e.action, e.target, e.status) for e in rows] == [
        ("token:auditor", "get_recordings_audio", "none", 404),
        ("token:auditor", "get_recordings_audio", "r1", 206),
        ("token:auditor", "get_recordings_one", "r1", 200),
    ]


async def test_recordings_are_found_by_their_call(house: House) -> None:
    await house.given_call("c1", queue="support", operator="1005")
    await house.given_call("c2", caller="+5521")
    await house.given_recording("r1", "c1")
    await house.given_recording("r2", "c2")
    token = await house.token("admin")
    for query, expected in [
        ("", ["r2", "r1"]),
        ("call_id=c1", ["r1"]),
        ("from=%2B5521", ["r2"]),
        ("queue=support", ["r1"]),
        ("operator=1005", ["r1"]),
    ]:
        items = (await house.ask("GET", f"/recordings?{query}", token)).json["items"]
        assert [item["id"] for item in items] == expected, query
    assert items[0]["started_at"] == "2023-11-14T22:13:21.000Z"


async def test_M1_gaps_are_answered_calls_without_a_whole_recording(house: House) -> None:
    now = house.clock.now()
    await house.given_call("with", connected_at=now - 60, ended_at=now - 50)
    await house.given_recording("r1", "with")
    await house.given_call("without", connected_at=now - 60, ended_at=now - 50, recording_id="without")
    await house.given_call("just-ended", connected_at=now - 60, ended_at=now - 1, recording_id="x")
    await house.given_call("not-answered", ended_at=now - 50)
    gaps = (await house.ask("GET", "/recordings/gaps", await house.token("auditor"))).json
    assert [call["id"] for call in gaps["items"]] == ["without"]


async def test_a_manifest_that_leads_out_of_the_folder_has_no_audio(house: House) -> None:
    await house.given_call("c1")
    await house.given_recording("r1", "c1")
    (house.folder.parent / "secret.wav").write_bytes(b"secret")
    (house.folder / "r1.wav").unlink()
    (house.folder / "r1.wav").symlink_to(house.folder.parent / "secret.wav")
    assert (await house.ask("GET", "/recordings/r1/audio", await house.token("admin"))).status == 404
