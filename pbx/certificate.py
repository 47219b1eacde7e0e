"""Make the self-signed certificate of the PBX's TLS ports, which a real one may replace."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
from pathlib import Path

from pbx.backend import PbxError

DAYS = 825
"""Longest validity that browsers accept of a certificate an admin installs by hand."""


def make_certificate(folder: Path, host: str) -> None:
    """Write `pbx.crt`, `pbx.key` and both together as `pbx.pem`, unless they are there already."""
    certificate, key, both = (folder / f"pbx.{end}" for end in ("crt", "key", "pem"))
    if both.exists():
        return
    tool = shutil.which("openssl")
    if tool is None:
        raise PbxError("openssl is missing: it makes the PBX's certificate (apt-get install openssl)")
    names = ["DNS:localhost", "IP:127.0.0.1"]
    try:
        names.append(f"IP:{ipaddress.ip_address(host)}")
    except ValueError:
        names.append(f"DNS:{host}")
    subject = f"subjectAltName={','.join(dict.fromkeys(names))}"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", str(DAYS)]
    argv = [tool, "req", "-x509", *curve, "-subj", f"/CN={host}", "-addext", subject]
    argv += ["-keyout", str(key), "-out", str(certificate)]
    made = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        raise PbxError(f"openssl cannot make the PBX's certificate: {made.stderr.strip()[-300:]}")
    both.touch(mode=0o600)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
