"""One suite for every place where recordings can be kept: a local folder, and a real S3 server (M7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.model.ids import CallId
from ari_app.model.recording import RecordingStatus
from ari_app.recordings.steps import NotYet
from ari_app.recordings.vault import StoreUnreachable, Vault, open_vault
from tests.support.free_ports import free_port
from tests.support.recordings import Kit, job_of, tones
from tests.support.s3 import BUCKET, options, s3_server


@pytest.fixture(scope="module")
def s3_port() -> Iterator[int]:
    port = free_port()
    with s3_server(port):
        yield port


@pytest.fixture(params=["folder", "s3", "s3 with prefix"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    if request.param == "folder":
        return open_vault(str(tmp_path / "store"), tmp_path, {})
    port = request.getfixturevalue("s3_port")
    name = f"{BUCKET}/{tmp_path.name}" if request.param == "s3 with prefix" else BUCKET
    return open_vault(f"s3://{name}", tmp_path, options(port))


async def test_M7_what_was_put_is_read_whole_and_in_part_listed_and_deleted(
    vault: Vault, tmp_path: Path
) -> None:
    source, content = tmp_path / "source", bytes(range(256)) * 4000
    source.write_bytes(content)
    key = f"acme/2026/01/02/{tmp_path.name}.sealed"
    await vault.put(key, source)
    await vault.put(f"{key}.json", b"{}")
    assert await vault.size(key) == len(content)
    assert await vault.get(key) == content
    for start, stop in ((0, 1), (65_552, 131_104), (len(content) - 3, len(content)), (7, 7)):
        assert vault.fetch(key, start, stop) == content[start:stop]
    listed = dict([pair async for pair in vault.keys("acme/2026/01/02")])
    assert listed[key] == len(content)
    assert listed[f"{key}.json"] == 2
    assert [pair async for pair in vault.keys("acme/2025")] == []
    await vault.put(key, b"other")
    assert await vault.get(key) == b"other"
    await vault.delete(key)
    await vault.delete(key)
    assert await vault.size(key) is None
    assert await vault.get(key) is None


async def test_M7_a_recording_goes_all_the_way_into_the_store_and_is_heard_from_there(
    kit: Kit, vault: Vault
) -> None:
    stored = Kit(kit.folder, database=kit.database, journal=kit.journal, clock=kit.clock, vault=vault)
    audio = tones(40.0)  # several pieces
    made = await stored.given_stored("call-1", audio)
    assert made.status is RecordingStatus.COMPLETE
    whole = await stored.heard(made)
    assert whole[44:] == audio
    assert await stored.heard(made, 300_001, 700_003) == whole[300_001:700_003]
    assert await stored.inspection.verify(made) == ""
    left = {path.name for path in kit.folder.rglob("*") if path.is_file()}
    assert left == set(), "nothing stays in the spool"
    found = await stored.inspection.look(3)
    assert (found.files, found.failed, found.orphans) == (2, (), ())
    await stored.keeping.delete(made.id, why="test", by="test")
    assert await vault.size(made.file) is None
    assert [key async for key, _ in vault.keys("default/2023/11/14")] == []


async def test_M7_what_is_kept_is_there_with_its_manifest_and_what_a_crash_left_of_one_is_in_no_listing(
    vault: Vault, tmp_path: Path
) -> None:
    part, day = tmp_path / "call.part", f"acme/2026/01/03/{tmp_path.name}"
    part.write_bytes(b"sealed")
    audio, told = f"{day}/call.flac.sealed", f"{day}/call.json"
    await vault.keep(audio, part, (told, b"{}"))
    assert (await vault.get(audio), await vault.get(told)) == (b"sealed", b"{}")
    if vault.local is not None:
        assert not part.exists()
        (vault.local / f"{told}#1").write_bytes(b"{")
        with pytest.raises(StoreUnreachable):
            await vault.keep(f"{told}/call.flac.sealed", part, (told, b"{}"))
    assert {key async for key, _ in vault.keys(day)} == {audio, told}
    for key in (audio, told):
        await vault.delete(key)
    assert vault.local is None or not [path for path in vault.local.rglob("*") if path.is_file()]


async def test_M7_a_piece_that_is_fetched_beyond_the_end_or_of_nothing_is_told(vault: Vault) -> None:
    with pytest.raises(StoreUnreachable):
        vault.fetch("acme/none", 0, 10)


async def test_M5_store_away_keeps_the_raw_file_until_it_is_back(kit: Kit) -> None:
    port = free_port()
    store = open_vault(f"s3://{BUCKET}", kit.folder, options(port))
    away = Kit(kit.folder, database=kit.database, journal=kit.journal, clock=kit.clock, vault=store)
    raw, job = away.given_raw("call-1", tones(2.0)), job_of("call-1", 2.0)
    with pytest.raises(NotYet) as told:
        await away.recorder.steps.make(job)
    assert told.value.kind == "store_away"
    assert raw.exists()
    assert await away.store.find(CallId("call-1")) is None  # type: ignore[arg-type]
    with s3_server(port):
        made = await away.recorder.steps.make(job)
        assert made is not None
        assert made.status is RecordingStatus.COMPLETE
        assert (await away.heard(made))[44:] == tones(2.0)
    assert not raw.exists()
