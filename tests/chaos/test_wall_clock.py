"""Somebody sets the machine's wall clock by hours, forwards and back, while calls are in every phase (X2)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.chaos.phases import calls_in_every_phase
from tests.support.words import Words

HERE = Path(__file__).parent
TWO_HOURS_S = 7200.0
APART_S = 1.0
"""Who writes a fact reads the clock first, and another may write in between."""


class Wall:
    """The wall clock of the application's process."""

    def __init__(self, words: Words, file: Path) -> None:
        self._words = words
        self._file = file
        self._file.write_text("0", encoding="ascii")

    def is_off_by(self, seconds: float) -> None:
        """Set it, and wait until the application has noticed."""
        part = self._file.with_suffix(".part")
        part.write_text(str(seconds), encoding="ascii")
        part.replace(self._file)
        seen = self._words.api.wait("/clock", lambda clock: abs(clock["differs_s"] - seconds) < 60)
        assert seen["trusted"] == (seconds == 0), seen


@pytest.fixture
def wall(words: Words, tmp_path: Path) -> Iterator[Wall]:
    """An application whose wall clock tests can set; afterwards it is as before."""
    centre, file = words.centre, tmp_path / "off-by"
    made = Wall(words, file)
    centre.stop_application()
    paths = [str(HERE / "wall"), *filter(None, [os.environ.get("PYTHONPATH")])]
    centre.extra = {"PYTHONPATH": os.pathsep.join(paths), "RAMAL_TEST_WALL_OFF_BY": str(file)}
    centre.start_application()
    centre.await_ready()
    try:
        yield made
    finally:
        centre.extra = {}
        centre.stop_application()
        centre.start_application()
        centre.await_ready()


def test_X2_wall_clock_set_by_two_hours_and_back_with_calls_in_every_phase(words: Words, wall: Wall) -> None:
    began = time.time()
    phases = calls_in_every_phase(words, rings_s=12)
    wall.is_off_by(TWO_HOURS_S)
    phases.then_talking_goes_on()
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    wall.is_off_by(TWO_HOURS_S)  # a restart does not take it for true
    wall.is_off_by(-TWO_HOURS_S)
    phases.then_all_goes_on()
    for ident in (phases.talking_id, phases.ringing_id, phases.waiting_id, phases.menu_id):
        times = [datetime.fromisoformat(fact["at"]).timestamp() for fact in words.facts(ident)]
        assert all(later > one - APART_S for one, later in pairwise(times))
        assert began - 1 <= times[0] <= times[-1] <= time.time() + 1
    wall.is_off_by(0)
