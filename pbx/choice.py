"""Decide how Asterisk runs on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pbx.backend import Backend, PbxError, Progress
from pbx.docker import Docker
from pbx.native import Native
from pbx.root import PrivateRoot


def choose(state_dir: Path, progress: Progress = print) -> Backend:
    """Pick the backend: `RAMAL_PBX` if set, else docker, native, root in this order; the choice is printed.

    Raises PbxError that says what to install where none can work.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    state_dir.chmod(0o700)  # recordings and passwords live below it
    wanted = os.environ.get("RAMAL_PBX", "")
    makers: dict[str, Callable[[], Backend]] = {
        "docker": lambda: Docker(state_dir),
        "native": Native,
        "root": lambda: PrivateRoot(state_dir),
    }
    if wanted and wanted not in makers:
        raise PbxError(f"RAMAL_PBX is {wanted!r}; it may be docker, native or root")
    refusals: list[str] = []
    usable: dict[str, Callable[[], str | None]] = {
        "docker": Docker.why_not,
        "native": Native.why_not,
        "root": PrivateRoot.why_not,
    }
    for mode in [wanted] if wanted else list(makers):
        reason = usable[mode]()
        if reason is None:
            progress(f"PBX: {mode} ({'asked for by RAMAL_PBX' if wanted else _because(mode, refusals)})")
            return makers[mode]()
        refusals.append(f"{mode}: {reason}")
    raise PbxError("Asterisk cannot run here.\n  " + "\n  ".join(refusals))


def _because(mode: str, refusals: list[str]) -> str:
    return "; ".join(refusals) if refusals else f"first choice, and {mode} answers"
