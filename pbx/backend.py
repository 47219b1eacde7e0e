"""What every way of running Asterisk offers, and the version that is let in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Mode = Literal["docker", "native", "root"]
Progress = Callable[[str], None]

OLDEST = (22, 10)
"""Oldest Asterisk that is let in: 22.9.0 dead-locked under an all-ARI load (asterisk issue 1962)."""

PACKAGES = ("asterisk", "asterisk-modules")
"""Debian packages that hold all that modules.conf names. Sounds and music are Ramal's own."""

SUITE = "forky"
"""Debian release whose Asterisk is new enough."""


class PbxError(Exception):
    """The PBX cannot be had or does not run; the text tells a person what to do."""


@dataclass(frozen=True, slots=True)
class Command:
    """How to start one Asterisk in the foreground; `container` is its name where an engine holds it."""

    argv: tuple[str, ...]
    container: str | None = None


class Backend(Protocol):
    """One way to run Asterisk. All paths in a configuration mean the same inside and outside."""

    @property
    def mode(self) -> Mode: ...

    @property
    def module_dir(self) -> str:
        """Folder of Asterisk's modules, as Asterisk sees it."""
        ...

    @property
    def documentation_dir(self) -> str:
        """Folder of the XML documentation, as Asterisk sees it. Modules refuse to load without it."""
        ...

    def prepare(self, progress: Progress = print) -> None:
        """Make Asterisk available, once; later calls return at once. Raises PbxError."""
        ...

    def version(self) -> str:
        """Version line of the Asterisk that would run, e.g. `Asterisk 22.10.1`."""
        ...

    def command(self, conf_dir: Path, writable: Sequence[Path], /) -> Command:
        """Command that runs Asterisk in the foreground; it may write below the folders of `writable`."""
        ...


def parse_version(line: str) -> tuple[int, int]:
    """Give (major, minor) of `asterisk -V`'s answer; (0, 0) where there is none."""
    found = re.search(r"Asterisk (?:certified/)?(\d+)\.(\d+)", line)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def check_version(line: str) -> None:
    """Refuse an Asterisk older than OLDEST."""
    if parse_version(line) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise PbxError(f"this is {line.strip() or 'no Asterisk'}, but Ramal needs Asterisk {wanted} or newer")


def output(argv: Sequence[str], timeout_s: float = 20.0, env: Mapping[str, str] | None = None) -> str | None:
    """Standard output of a short command, or None where it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(env) if env is not None else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
