"""The time for records: it goes on evenly whatever becomes of the wall clock, over restarts too."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from ari_app.cli.doctor import clock_faults
from ari_app.clock import FORGIVEN_S, SystemClock

HOURS = 7200.0


class Wall:
    """The machine's wall clock, which somebody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by_s = 0.0
        real = time.time
        monkeypatch.setattr("ari_app.clock.time.time", lambda: real() + self.by_s)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


@pytest.mark.parametrize("by_s", [HOURS, -HOURS])
def test_X2_a_wall_clock_that_jumps_moves_no_record_and_is_not_trusted(
    wall: Wall, tmp_path: Path, by_s: float
) -> None:
    file = tmp_path / "clock.json"
    clock = SystemClock(file)
    real, before = time.monotonic(), clock.now()  # in this order: between them the machine may stand still
    wall.by_s = by_s
    clock.follow()
    assert 0.0 <= clock.now() - before <= time.monotonic() - real + 0.01
    assert not clock.trusted
    again = SystemClock(file)  # the application is started anew
    assert 0.0 <= again.now() - before <= time.monotonic() - real + 0.01
    assert not again.trusted


def test_X2_a_person_confirms_the_wall_clock_and_that_outlasts_a_restart(wall: Wall, tmp_path: Path) -> None:
    clock = SystemClock(tmp_path / "clock.json")
    wall.by_s = HOURS
    clock.confirm()
    assert clock.trusted
    assert SystemClock(tmp_path / "clock.json").differs_s() == pytest.approx(0.0, abs=60.0)


def test_X2_a_small_correction_is_followed_without_running_backwards(wall: Wall) -> None:
    clock = SystemClock()
    wall.by_s = -1.0
    seen = []
    for _ in range(25):
        clock.follow()
        seen.append(clock.differs_s())
    assert clock.trusted
    assert abs(seen[-1]) < 0.1
    assert all(-0.01 < after - before < FORGIVEN_S / 20 for before, after in itertools.pairwise(seen))


def test_X2_an_anchor_of_another_boot_or_that_is_broken_counts_for_nothing(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    for text in ('{"boot": "another", "zero": 5.0}', "{", ""):
        file.write_text(text, encoding="utf-8")
        assert SystemClock(file).trusted


def test_X2_the_doctor_tells_of_a_wall_clock_that_was_set() -> None:
    seen = {"now": "2026-01-01T10:00:00Z", "wall": "2026-01-01T12:00:00Z", "trusted": True}
    assert clock_faults(seen) == []
    (fault,) = clock_faults(seen | {"trusted": False})
    assert "12:00:00" in fault
