"""Where Debian's packages come from: this machine's own mirror, else the one Debian's tools name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pbx.backend import PbxError, output

SCRIPT = Path("/usr/share/debootstrap/scripts/sid")


def debian_mirror() -> str:
    """Address of a Debian archive: `RAMAL_DEBIAN_MIRROR`, the machine's own sources, debootstrap's default.

    Raises PbxError that says what to do where none is known (on Ubuntu without debootstrap, say).
    """
    if named := os.environ.get("RAMAL_DEBIAN_MIRROR"):
        return named
    listed = output(["apt-get", "indextargets", "--format", "$(REPO_URI)"]) or ""
    for address in dict.fromkeys(listed.split()):
        if re.search(r"/debian/?$", address):
            return address.rstrip("/")
    found = re.search(r"^default_mirror (\S+)", SCRIPT.read_text() if SCRIPT.exists() else "", re.MULTILINE)
    if found:
        return found[1]
    raise PbxError("no Debian mirror is known here: apt-get install debootstrap, or set RAMAL_DEBIAN_MIRROR")
