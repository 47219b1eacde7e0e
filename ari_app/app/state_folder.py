"""The folders at a start: usable, with room to begin in, and the installation's key in one of them."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ari_app.calls.flow_store import write_atomically
from ari_app.recordings.keys import KeyFileUnusable
from ari_app.storage.secrets import KEY_BYTES

ROOM_BYTES = 4_000_000
"""What a start may write before it serves, several times over: schema, its write-ahead log, flows."""
KEY_FILE = "secret.key"


class CannotServe(Exception):  # noqa: N818 - told to a person
    """The application cannot start; the text says why and what to do."""


def prepare(state: Path, others: Iterable[Path]) -> None:
    """Make the folders, and see that the state folder has room before anything is written there.

    Raises `CannotServe`. A start that runs out of space on its way would leave half a schema's worth of
    files to whoever comes to help.
    """
    for folder in (state, *others):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotServe(f"the folder {folder} cannot be used: {error.strerror}") from error
    try:
        with tempfile.TemporaryFile(dir=state) as room:  # without a name: gone with us, however that ends
            os.posix_fallocate(room.fileno(), 0, ROOM_BYTES)
    except OSError as error:
        raise CannotServe(
            f"the state folder {state} cannot be written to: {error.strerror}. "
            f"A start needs {ROOM_BYTES // 1_000_000} MB there; nothing was begun"
        ) from error


def installation_key(state: Path) -> bytes:
    """Made on the first start; who has it can read the phones' passwords. Raises `CannotServe`."""
    path = state / KEY_FILE
    if not path.exists():
        write_atomically(path, secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise CannotServe(
            f"the key file {path} holds {len(key)} bytes, not {KEY_BYTES}: put the one of your backup there"
        )
    return key


@contextmanager
def told_to_a_person() -> Iterator[None]:
    """What goes wrong with files while the application is built is the administrator's matter."""
    try:
        yield
    except (OSError, KeyFileUnusable) as error:
        raise CannotServe(str(error)) from error
