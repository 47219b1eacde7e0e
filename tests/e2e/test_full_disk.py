"""The state folder's disk is full when the application starts: it says so and touches nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.plan import REPOSITORY
from pbx.patience import PATIENCE_S
from tests.e2e.test_start_up import await_health, environment, last_words
from tests.support.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path, "16m") as made:
        yield made


def start(disk: SmallDisk, settings: dict[str, str]) -> subprocess.Popen[str]:
    argv = [*disk.inside, sys.executable, "-m", "ari_app", "serve"]
    here = {**settings, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(argv, env=here, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def then_refused(disk: SmallDisk, settings: dict[str, str]) -> None:
    status, said = last_words(start(disk, settings))
    assert status == 1
    assert f"{settings['RAMAL_STATE']} cannot be written to: No space left on device" in said
    assert "4 MB" in said
    assert "Traceback" not in said


def then_serves(disk: SmallDisk, settings: dict[str, str]) -> None:
    process = start(disk, settings)
    try:
        checks = await_health(f"http://127.0.0.1:{settings['RAMAL_HTTP_PORT']}", PATIENCE_S)["checks"]
        assert {check["name"]: check["ok"] for check in checks}["database"]
    finally:
        process.terminate()
        status, said = last_words(process)
    assert status == 0, said


def test_X5_a_full_disk_at_the_start_is_said_and_nothing_is_half_done(disk: SmallDisk) -> None:
    settings = environment(disk.path / "state")
    disk.fill()
    then_refused(disk, settings)
    assert disk.files() == {}
    disk.free()
    then_serves(disk, settings)
    before = disk.files()
    assert len(before["state/secret.key"]) == 32
    disk.fill()
    then_refused(disk, settings)
    assert disk.files() == before
    disk.free()
    then_serves(disk, settings)
    after = disk.files()
    for key in ("state/secret.key", "state/recordings.key"):
        assert after[key] == before[key]


def test_X5_a_key_file_that_was_cut_short_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"")
    settings = environment(tmp_path)
    argv = [sys.executable, "-m", "ari_app", "serve"]
    process = subprocess.Popen(
        argv, env=settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    status, said = last_words(process)
    assert status == 1
    assert f"{tmp_path / 'secret.key'} holds 0 bytes" in said
    assert "Traceback" not in said
