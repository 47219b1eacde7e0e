"""`make demo` as a stranger runs it: what it writes, what it restarts, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo.api import Api
from pbx.patience import PATIENCE_S
from tests.support.free_ports import free_base


def read(state: Path) -> dict[str, Any]:
    return dict(json.loads((state / "demo.json").read_text(encoding="utf-8")))


def has_another_pid(state: Path, part: str, pid: int) -> bool:
    return bool(read(state)["pids"][part] != pid)


def until(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    """A running demo: the process, its state folder, what it prints."""
    state, said = tmp_path / "state", tmp_path / "said"
    settings = {**os.environ, "RAMAL_STATE": str(state), "RAMAL_PORT_BASE": free_base(beside=1)}
    with said.open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-m", "demo"], env=settings, stdout=sink, stderr=sink)
    try:
        until(
            lambda: process.poll() is not None or "Ctrl-C ends it" in said.read_text(encoding="utf-8"),
            100,
            said.read_text(encoding="utf-8"),
        )
        assert process.poll() is None, said.read_text(encoding="utf-8")
        yield process, state, said
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def test_X1_demo_serves_a_real_call_tells_where_things_are_and_restarts_what_dies(
    demo: tuple[subprocess.Popen[bytes], Path, Path],
) -> None:
    process, state, said = demo
    assert "answered, routed, bridged, recorded with sound on both channels" in said.read_text(
        encoding="utf-8"
    )
    before = read(state)
    assert (state.stat().st_mode & 0o777) == 0o700
    robots = {operator["extension"]: operator["robot"] for operator in before["operators"]}
    assert robots == {str(n): n in {1005, 1006} for n in range(1001, 1008)}
    assert all(len(operator["password"]) >= 20 for operator in before["operators"])
    assert before["numbers"] == {"main": "5000", "echo": "600"}
    assert before["codes"]["sign_in"] == "*11"
    assert before["pbx_mode"] in {"docker", "native", "root"}
    api = Api(before["api"], before["token"])
    assert {queue["id"] for queue in api.get("/queues")["items"]} >= {"sales", "support", "orders"}
    for part in ("application", "pbx"):
        pid = read(state)["pids"][part]
        os.kill(pid, signal.SIGKILL)
        until(partial(has_another_pid, state, part, pid), PATIENCE_S, f"{part} was not restarted")
        until(lambda: api.not_ready() is None, PATIENCE_S, f"not ready after {part} was killed")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0
    assert not (state / "demo.json").exists()
