"""Published flow versions on disk: content-addressed texts and, per flow, a log of who published when.

`<folder>/<flow>/<version>.yaml` never changes once written; `<folder>/<flow>/log.json` is replaced as a
whole. A crash at any instant leaves the old log or the new one.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from ari_app.flow.kinds import NAME_PATTERN
from ari_app.flow.parse import version_of
from ari_app.model.ids import FlowId, FlowVersion

_NAME = re.compile(NAME_PATTERN)
_VERSION = re.compile(r"[0-9a-f]{16}\Z")
LOG_LIMIT = 1000


class Publication(msgspec.Struct, frozen=True):
    """One line of a flow's log: from `at` on this version was live."""

    version: FlowVersion
    at: float
    by: str
    action: Literal["publish", "rollback", "file", "retire"]
    """`retire`: from `at` on none was live; the version is the one that was."""


class Log(msgspec.Struct, frozen=True):
    """A flow's log, oldest first; `seen` is the version last found in the flow's own file."""

    publications: tuple[Publication, ...] = ()
    seen: str = ""

    @property
    def current(self) -> FlowVersion | None:
        """The live version; None: never published, or retired."""
        last = self.publications[-1] if self.publications else None
        return None if last is None or last.action == "retire" else last.version


Stamp = tuple[int, int, int]


def stamp_of(path: str | Path) -> Stamp:
    """What changes when a file is written: time, size, inode. Raises `OSError`."""
    status = os.stat(path)  # noqa: PTH116 - every second for each file; a `Path` costs more than the question
    return status.st_mtime_ns, status.st_size, status.st_ino


def names_in(folder: str | Path) -> list[str]:
    """What lies in a folder, sorted; nothing where it cannot be read."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted, every second
    except OSError:
        return []


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old content or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


class FlowStore:
    """The folder of published versions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def flows(self) -> Iterator[FlowId]:
        """The flows that were ever published."""
        if self._folder.is_dir():
            for entry in sorted(self._folder.iterdir()):
                if _NAME.match(entry.name) and (entry / "log.json").is_file():
                    yield FlowId(entry.name)

    def log(self, flow: FlowId) -> Log:
        """The flow's log; empty when there is none (or it is damaged: the texts are kept all the same)."""
        if not _NAME.match(flow):
            return Log()
        try:
            return msgspec.json.decode((self._folder / flow / "log.json").read_bytes(), type=Log)
        except (OSError, msgspec.DecodeError):
            return Log()

    def stamps(self) -> dict[FlowId, Stamp]:
        """When each flow's log was last written: cheap to ask every second."""
        found: dict[FlowId, Stamp] = {}
        for name in names_in(self._folder):
            if _NAME.match(name):
                with contextlib.suppress(OSError):
                    found[FlowId(name)] = stamp_of(f"{self._folder}/{name}/log.json")
        return found

    def text(self, flow: FlowId, version: FlowVersion) -> str | None:
        """A version's text; None when it is not there or was tampered with."""
        if not _NAME.match(flow) or not _VERSION.match(version):
            return None
        try:
            text = (self._folder / flow / f"{version}.yaml").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        return text if version_of(text) == version else None

    def add(self, flow: FlowId, text: str, publication: Publication, seen: str | None = None) -> None:
        """Write a version and make it the current one."""
        path = self._folder / flow / f"{publication.version}.yaml"
        if self.text(flow, publication.version) is None:
            write_atomically(path, text.encode("utf-8"))
        log = self.log(flow)
        publications = (*log.publications, publication)[-LOG_LIMIT:]
        self._write(flow, Log(publications, log.seen if seen is None else seen))

    def retire(self, flow: FlowId, publication: Publication, *, forget_file: bool) -> None:
        """Nothing is live from now on; `forget_file`: the same file, put back, counts as an edit."""
        log = self.log(flow)
        publications = (*log.publications, publication)[-LOG_LIMIT:]
        self._write(flow, Log(publications, "" if forget_file else log.seen))

    def _write(self, flow: FlowId, log: Log) -> None:
        write_atomically(self._folder / flow / "log.json", msgspec.json.encode(log))
