"""What a start imports: callers of an application that died wait for every bit of it."""

from __future__ import annotations

import subprocess
import sys

ONLY_SOME_NEED_IT = ("alembic", "openpyxl", "xlsxwriter", "rich", "typer", "prompt_toolkit", "pygments")
SERVE = """
import sys
from ari_app.lean import without
with without("rich"):
    import structlog
import ari_app.__main__, ari_app.app.entry, ari_app.app.serve
print(*sys.modules)
"""


def test_X2_a_start_imports_nothing_that_only_some_requests_need() -> None:
    loaded = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=True)
    modules = set(loaded.stdout.split())
    assert "ari_app.app.serve" in modules
    assert modules.isdisjoint(ONLY_SOME_NEED_IT)
