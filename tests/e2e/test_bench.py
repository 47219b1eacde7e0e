"""The bench of calls from outside: one short run measures what `make bench` measures, on both sides (X14)."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.calls.sipp import may_send_raw
from demo.plan import REPOSITORY
from pbx.patience import PATIENCE_S
from tests.support.free_ports import free_base

SIPP = "/usr/bin/sipp"
DIGIT = "digit → operator's INVITE"


def run_bench(state: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "benchmarks.calls", "--smallest", "--state", str(state)]
    settings = {**os.environ, "RAMAL_PORT_BASE": free_base(beside=2)}
    return subprocess.run(
        argv,
        cwd=REPOSITORY,
        env=settings,
        text=True,
        capture_output=True,
        timeout=8 * PATIENCE_S,
        check=False,
    )


def test_X14_the_bench_measures_ramal_and_queue_side_by_side_on_one_pbx(tmp_path: Path) -> None:
    done = run_bench(tmp_path / "bench")
    if not may_send_raw(SIPP):  # keys and voices go through a raw socket
        assert done.returncode == 1
        assert "setcap cap_net_raw+ep" in done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    rounds: dict[str, dict[str, Any]] = {one["side"]: one for one in result["plain"]}
    assert rounds.keys() == {"ramal", "queue"}
    for one in rounds.values():
        assert one["served"] >= 1, done.stdout
        assert one["pbx_ms"] > 0
        assert one["digit_p50_ms"] <= one["digit_p95_ms"]
        assert one["answer_p50_ms"] > 0
    assert rounds["ramal"]["app_ms"] > 0
    assert rounds["queue"]["app_ms"] == 0
    ours, theirs = result["passed_per_s"][0]
    assert min(ours, theirs) > 0
    figures = {figure["name"]: figure["spread"]["median"] for figure in result["figures"]}
    assert all(map(math.isfinite, figures.values())), figures
    assert {
        "CPU per call, 4 operators",
        "app share of the CPU",
        f"{DIGIT}, p50",
        f"{DIGIT}, p95",
        "calls per second passed",
    } <= figures.keys()
    assert all(f"| {name} |" in done.stdout for name in figures), done.stdout
