"""Run the Asterisk that is installed on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pbx.backend import OLDEST, Command, Mode, PbxError, Progress, check_version, output, parse_version

MODULE_DIRS = (
    "/usr/lib/x86_64-linux-gnu/asterisk/modules",
    "/usr/lib/aarch64-linux-gnu/asterisk/modules",
    "/usr/lib64/asterisk/modules",
    "/usr/lib/asterisk/modules",
    "/usr/local/lib/asterisk/modules",
)
DOCUMENTATION_DIRS = ("/usr/share/asterisk/documentation", "/var/lib/asterisk/documentation")


def find_asterisk() -> str | None:
    """Path of the installed Asterisk; /usr/sbin is looked at too, as it is not on everyone's PATH."""
    return shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")


class Native:
    """An installed `asterisk`, started with our own configuration; the system's service is not touched."""

    mode: Mode = "native"

    @staticmethod
    def why_not() -> str | None:
        """Say why it cannot be used, or None."""
        binary = find_asterisk()
        wanted = ".".join(map(str, OLDEST))
        if binary is None:
            return f"no asterisk is installed ({wanted} or newer would do)"
        line = (output([binary, "-V"]) or "").strip()
        if parse_version(line) < OLDEST:
            return (
                f"{binary} is {line or 'silent about its version'}, and {wanted} is the oldest that will do"
            )
        return None

    @cached_property
    def module_dir(self) -> str:
        return _first_folder(MODULE_DIRS, "chan_pjsip.so")

    @cached_property
    def documentation_dir(self) -> str:
        return _first_folder(DOCUMENTATION_DIRS, "core-en_US.xml")

    def prepare(self, progress: Progress = print) -> None:
        check_version(self.version())
        progress(f"{self.version()} is installed; modules in {self.module_dir}")

    def version(self) -> str:
        return (output([find_asterisk() or "asterisk", "-V"]) or "").strip()

    def command(self, conf_dir: Path, _writable: Sequence[Path], /) -> Command:
        return Command((find_asterisk() or "asterisk", "-C", str(conf_dir / "asterisk.conf"), "-f"))


def _first_folder(candidates: Sequence[str], holding: str) -> str:
    for folder in candidates:
        if (Path(folder) / holding).exists():
            return folder
    raise PbxError(f"asterisk is installed, but none of {', '.join(candidates)} holds {holding}")
