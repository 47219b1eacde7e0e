"""Python reads this at its start: the wall clock of this process is off by what a file says, in seconds.

On `PYTHONPATH` of a whole application it does what setting the machine's clock would, for that process alone.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_file = Path(os.environ["RAMAL_TEST_WALL_OFF_BY"])
_time = time.time


def _off_by() -> float:
    return float(_file.read_text(encoding="ascii") or 0)


time.time = lambda: _time() + _off_by()
