"""One application per state folder: a second one is refused before it can take the PBX from the first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyServed(Exception):  # noqa: N818 - told to a person
    """Another process serves from this folder; the text names it."""


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the folder's lock; the system releases it with the process, however that ends.

    Raises `AlreadyServed`. Two applications that took each other's place by turns would end every call's
    supervision each time.
    """
    with (state / "application.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            who = file.read().strip() or "unknown"
            raise AlreadyServed(
                f"process {who} serves from {state} already: stop it, or give RAMAL_STATE another folder"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
