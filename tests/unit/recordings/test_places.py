"""Which store a recording lies in is written with it; another store or key file loses and hides nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ari_app.model.ids import RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.ports import AudioDamaged
from ari_app.recordings import manifest
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.vault import open_vault
from tests.fakes.clock import HandClock
from tests.support.recordings import Kit, tones


async def alarms(kit: Kit) -> list[str]:
    assert await kit.journal.flush()
    facts = await kit.archive.facts_after(0, kinds={"RecordingAlarm"})
    return [fact.body["kind"] for fact in facts]


async def row(kit: Kit, ident: str) -> Recording:
    found = await kit.store.find(RecordingId(ident))
    assert found is not None
    return found


def other(kit: Kit, place: Path) -> Kit:
    """The same installation with another store by configuration."""
    return Kit(
        kit.folder,
        database=kit.database,
        journal=kit.journal,
        clock=kit.clock,
        vault=open_vault(str(place), kit.folder, {}),
    )


@pytest.mark.parametrize(
    ("place", "endpoint", "name"),
    [
        ("s3://talks", "", "s3://talks"),
        ("s3://talks/acme/", "", "s3://talks/acme"),
        ("s3://talks/a", "http://127.0.0.1:9000", "s3://talks/a?endpoint=http://127.0.0.1:9000"),
        ("s3://talks", "https://me:secret@store.example", "s3://talks?endpoint=https://store.example"),
        ("/mnt/talks", "", "file:///mnt/talks"),
        ("", "", "file:///spool"),
    ],
)
def test_M1_the_store_is_named_without_its_secrets(
    tmp_path: Path, place: str, endpoint: str, name: str
) -> None:
    where = place.replace("/mnt", str(tmp_path)) if place.startswith("/") else place
    found = open_vault(where, tmp_path / "spool", {"endpoint": endpoint, "region": "x"}).name
    assert found.replace(str(tmp_path) + "/spool", "/spool").replace(str(tmp_path), "/mnt") == name


async def test_M1_row_and_manifest_name_store_and_key(kit: Kit) -> None:
    made = await kit.given_stored("call-1")
    assert (made.store, made.file) == (kit.folder.as_uri(), manifest.audio_key(made))
    told = msgspec.json.decode((kit.folder / manifest.manifest_key(made)).read_bytes())
    assert (told["store"], told["file"]) == (made.store, made.file)
    assert await row(kit, "call-1") == made


async def test_M1_recordings_of_before_get_the_name_of_the_store_they_are_found_in(kit: Kit) -> None:
    made = [await kit.given_stored(f"call-{number}") for number in range(3)]
    (kit.folder / made[2].file).unlink()
    async with kit.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE recordings SET store = ''")
    assert await kit.places.settle() == 2
    assert [(await row(kit, one.id)).store for one in made] == [kit.folder.as_uri()] * 2 + [""]
    assert await kit.places.settle() == 0
    found = await kit.inspection.look(3)
    assert found.failed == ("call-2",), "a file that is gone is lost, whoever named its store"


async def test_M5_another_store_fails_no_recording_and_what_was_copied_has_its_new_place(
    kit: Kit, tmp_path: Path
) -> None:
    copied, left = await kit.given_stored("copied"), await kit.given_stored("left")
    place = tmp_path / "other"
    for key in (copied.file, manifest.manifest_key(copied)):
        (place / key).parent.mkdir(parents=True, exist_ok=True)
        (place / key).write_bytes((kit.folder / key).read_bytes())
    moved = other(kit, place)
    assert await moved.places.settle() == 1
    assert await alarms(kit) == ["elsewhere"]
    assert (await row(kit, "copied")).store == place.as_uri()
    assert manifest.decode((place / manifest.manifest_key(copied)).read_bytes()) == await row(kit, "copied")
    assert (await moved.heard(await row(kit, "copied")))[44:] == tones(3.0)
    assert (await moved.inspection.look(3)).failed == ()
    with pytest.raises(AudioDamaged, match=f"lies in {kit.folder.as_uri()}"):
        await moved.audio.describe(left)
    assert "lies in" in await moved.inspection.verify(left)
    assert (await row(kit, "left")).status is RecordingStatus.COMPLETE
    assert (await kit.heard(left))[44:] == tones(3.0), "named right again, it is heard"


async def test_M6_what_is_deleted_while_it_lies_in_another_store_cannot_be_opened_and_is_told(
    kit: Kit, tmp_path: Path
) -> None:
    made = await kit.given_stored("call-1", keep_days=1)
    moved = other(kit, tmp_path / "other")
    clock = kit.clock
    assert isinstance(clock, HandClock)
    clock.advance(2 * 86_400.0)
    assert await moved.keeping.sweep() == 1
    assert await moved.keeping.sweep() == 0
    assert await alarms(kit) == ["left_elsewhere"]
    tombstone = await row(kit, "call-1")
    assert (tombstone.status, tombstone.sealed_key) == (RecordingStatus.DELETED, "")
    assert (kit.folder / made.file).exists()
    assert await kit.keeping.sweep() == 1, "the store is back: the deletion is finished"
    assert not (kit.folder / made.file).exists()


async def test_M7_another_key_file_is_told_at_the_start(kit: Kit) -> None:
    await kit.given_stored("call-1")
    assert await kit.places.check_keys() == 0
    path = kit.folder.parent / "recordings.key"
    path.unlink()
    kit.places._keys = KeyRing(path)
    assert await kit.places.check_keys() == 1
    assert await alarms(kit) == ["no_key"]


async def test_M5_a_file_that_was_put_back_is_what_it_was_before(kit: Kit) -> None:
    made = {name: await kit.given_stored(name) for name in ("whole", "bare")}
    content = {name: (kit.folder / one.file).read_bytes() for name, one in made.items()}
    for one in made.values():
        (kit.folder / one.file).write_bytes(b"?")
    assert set((await kit.inspection.look(3)).failed) == {"whole", "bare"}
    for name, one in made.items():
        (kit.folder / one.file).write_bytes(content[name])
    (kit.folder / manifest.manifest_key(made["bare"])).unlink()
    for name in made:
        assert await kit.inspection.verify(await row(kit, name)) == ""
    assert await row(kit, "whole") == made["whole"]
    assert (await row(kit, "bare")).status is RecordingStatus.REPAIRED
