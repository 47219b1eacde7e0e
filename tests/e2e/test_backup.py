"""A backup taken under a live call is a whole call centre elsewhere (X12)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from demo.plan import REPOSITORY
from pbx.telco_phones import Behaviour
from tests.support.words import Words


def ramal(words: Words, state: Path | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with the centre's settings, or with those of another place."""
    environment = {**os.environ, **words.centre.plan.environment()}
    if state is not None:
        moved = {"STATE": "", "RECORDINGS": "recordings", "CALLFLOWS": "callflows", "PROMPTS": "prompts"}
        environment |= {f"RAMAL_{name}": str(state / tail) for name, tail in moved.items()}
        environment["RAMAL_DATABASE"] = str(state / "ramal.db")
    return subprocess.run(
        [sys.executable, "-m", "ari_app", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.mark.timeout(280)
def test_X12_a_backup_under_a_live_call_is_restored_elsewhere_and_a_damaged_one_changes_nothing(
    words: Words, tmp_path: Path
) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, 850.0)
    file, other = tmp_path / "monday.tar.gz", tmp_path / "other"
    taken = ramal(words, None, "backup", str(file))
    assert taken.returncode == 0, taken.stdout
    assert file.stat().st_mode & 0o077 == 0
    words.when_they_talk(call, 850.0)
    running = ramal(words, None, "restore", str(file))
    assert (running.returncode, "serves from" in running.stdout) == (1, True)
    done = ramal(words, other, "restore", str(file))
    assert done.returncode == 0, done.stdout
    with sqlite3.connect(other / "ramal.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT final_state FROM calls WHERE id = ?", (ident,)).fetchone() == (None,)
        assert copy.execute("SELECT 1 FROM operators WHERE id = '1106'").fetchone() == (1,)
    mine = words.centre.plan
    for name in ("secret.key", "recordings.key"):
        assert (other / name).read_bytes() == (mine.state / name).read_bytes()
    assert (other / "callflows" / "main.yaml").read_text() == (mine.flows / "main.yaml").read_text()
    again = ramal(words, other, "restore", str(file))
    assert (again.returncode, "before-restore-" in again.stdout) == (0, True)
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(file.read_bytes()[:-2000])
    before = (other / "ramal.db").read_bytes()
    refused = ramal(words, other, "restore", str(damaged))
    assert (refused.returncode, "not a whole one" in refused.stdout) == (1, True), refused.stdout
    assert (other / "ramal.db").read_bytes() == before
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"
