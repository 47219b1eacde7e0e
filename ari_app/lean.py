"""Leaves out what a library imports beside what we use of it: a restart waits for every import."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(module: str) -> Iterator[None]:
    """Within, importing `module` gives an empty one, unless it is loaded already; afterwards the real one."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = types.ModuleType(module)
    try:
        yield
    finally:
        del sys.modules[module]
