"""A small disk of its own for a test: a tmpfs in a mount namespace that needs no rights of root."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILLER = "filler"


class SmallDisk:
    """`path` names it for processes that are started behind `inside`; `seen` for this process."""

    def __init__(self, path: Path, holder: int) -> None:
        self.path = path
        self.seen = Path(f"/proc/{holder}/root{path}")
        self.inside = ["nsenter", "--user", "--mount", "--preserve-credentials", f"--target={holder}", "--"]

    def fill(self) -> None:
        """Not a byte is left."""
        with (self.seen / FILLER).open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                return

    def free(self) -> None:
        (self.seen / FILLER).unlink()

    def files(self) -> dict[str, bytes]:
        """All files with their contents, but for the filler."""
        found = (path for path in self.seen.rglob("*") if path.is_file() and path.name != FILLER)
        return {str(path.relative_to(self.seen)): path.read_bytes() for path in found}


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[SmallDisk]:
    """Of `size` (`16m`), mounted at an empty folder until the end."""
    script = f"mount -t tmpfs -o size={size} none '{path}' && echo mounted && exec sleep infinity"
    argv = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "mounted\n", "a mount namespace is needed (user_namespaces(7))"
            yield SmallDisk(path, holder.pid)
        finally:
            holder.kill()
