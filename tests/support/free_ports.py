"""Blocks of ports for the systems under test, none of which anybody listens on."""

from __future__ import annotations

import itertools
import os
import socket
from dataclasses import astuple

from pbx.instance import Ports
from pbx.telco_instance import TelcoPorts

FIRST, LAST, BLOCK = 28_000, 4_000, 1_000
"""Blocks are looked for downwards, below the ports that systems give out themselves."""
BESIDE = 4
"""How many blocks a process may use at the same time."""
SPARE = 900
"""From here on a block has ports that no PBX uses."""
_given = itertools.count()


def free_base(beside: int = 0) -> str:
    """A base for `RAMAL_PORT_BASE`; `beside` tells blocks that are in use at the same time apart.

    `RAMAL_TEST_PORT_BASE` names the first one where several runs share a machine; it is then taken unseen.
    Processes of one run (`pytest -n 3`) have blocks of their own.
    """
    assert 0 <= beside < BESIDE
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = BLOCK * (BESIDE * process + beside)
    named = os.environ.get("RAMAL_TEST_PORT_BASE")
    if named is not None:
        return str(int(named) - own)
    for base in range(FIRST - own, LAST, -BLOCK * BESIDE * processes):
        if all(map(_is_free, {base, *astuple(Ports.block(base)), *astuple(TelcoPorts.block(base + 500))})):
            return str(base)
    raise AssertionError("no block of ports is free")


def free_port() -> int:
    """One port that stays free until it is used: the system gives none of these to whoever asks for any."""
    first = int(free_base(beside=1)) + SPARE
    for _ in range(BLOCK - SPARE):
        port = first + next(_given) % (BLOCK - SPARE)
        if _is_free(port):
            return port
    raise AssertionError("no port is free")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
