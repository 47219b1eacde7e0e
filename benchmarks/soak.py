"""Many real calls for a long time, and whether anything grows: `python -m benchmarks.soak --minutes 60` (X6).

Calls come at a steady rate from the simulated network, press a digit, talk and hang up; robots answer. Every
few seconds memory, open files, threads and channels of both processes are read. Afterwards nothing may be
left, and what grew between the first and the last third of the run is told.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.soak_plot import plot, tell
from demo import plan as plans
from demo.centre import Centre
from pbx import PbxError
from pbx.patience import PATIENCE_S
from pbx.telco import Telco
from pbx.telco_phones import Behaviour

HERE = Path(__file__).parent
SAMPLE_S = 2.0
GROWTH_MB = 40.0
"""Resident memory may grow by this much between the first and the last third: caches fill."""
GROWTH_FILES = 8
OF_A_CHANNEL = 5
"""So many files, threads and tasks more are no leak for each channel more: a busy machine's calls pile up."""
FIGURES = ("app_mb", "app_files", "app_threads", "app_tasks", "pbx_mb", "pbx_files", "pbx_threads",
           "channels", "bridges")  # fmt: skip
OPERATORS = tuple(str(number) for number in range(1101, 1111))


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at both processes; memory in MB."""

    at_s: float
    app_mb: float
    app_files: int
    app_threads: int
    app_tasks: int
    pbx_mb: float
    pbx_files: int
    pbx_threads: int
    channels: int
    bridges: int


@dataclass(slots=True)
class Tally:
    """What became of the calls; of those that failed, why."""

    placed: int = 0
    served: int = 0
    failed: int = 0
    faults: list[str] = field(default_factory=list)


def look(centre: Centre, began: float) -> Sample:
    """Read /proc of both processes."""
    assert centre.application is not None
    assert centre.pbx is not None
    app_mb, app_files, app_threads = _process(centre.application.pid)
    pbx_mb, pbx_files, pbx_threads = _process(centre.pbx.pid)
    bridges = sum(" bridge" in line or "simple_" in line or "softmix" in line for line in _bridges(centre))
    return Sample(
        at_s=time.monotonic() - began,
        app_mb=app_mb,
        app_files=app_files,
        app_threads=app_threads,
        app_tasks=_tasks(centre),
        pbx_mb=pbx_mb,
        pbx_files=pbx_files,
        pbx_threads=pbx_threads,
        channels=len(centre.pbx.channels()),
        bridges=bridges,
    )


def _bridges(centre: Centre) -> list[str]:
    """Asterisk's bridges, a line each."""
    assert centre.pbx is not None
    return centre.pbx.cli("bridge show all").splitlines()[1:]


def _tasks(centre: Centre) -> int:
    """Tasks of the application's event loop, as its metrics tell."""
    with urllib.request.urlopen(f"{centre.plan.console_url}/metrics", timeout=PATIENCE_S) as answer:  # noqa: S310 - ours
        found = re.search(r"^ramal_tasks ([\d.]+)$", answer.read().decode(), re.MULTILINE)
    return int(float(found[1])) if found else -1


def _process(pid: int) -> tuple[float, int, int]:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return int(fields["VmRSS"].split()[0]) / 1024, files, int(fields["Threads"])


def one_call(telco: Telco, number: int, tally: Tally) -> None:
    """A caller who is served, or not; who is not hangs up too, or would keep an operator for ever."""
    try:
        with ExitStack() as at_last:
            call = telco.call("5000", caller=f"caller{number % 4 + 1}", say="tone:440")
            at_last.callback(call.hangup)
            call.wait_answered()
            call.press("2")
            call.hears(850, poll_s=0.25)
        call.wait_ended()
        tally.served += 1
    except PbxError as error:
        tally.failed += 1
        tally.faults.append(f"call {number}: {error}")


def run(centre: Centre, minutes: float, per_minute: float) -> tuple[list[Sample], Tally]:
    """Place calls at a steady rate, each in a thread of its own, and look now and then."""
    assert centre.telco is not None
    began, tally, samples = time.monotonic(), Tally(), list[Sample]()
    in_all = round(minutes * per_minute)
    callers: list[threading.Thread] = []
    next_call, next_look = began, began
    while time.monotonic() < began + minutes * 60 or tally.placed < in_all:
        if time.monotonic() >= next_call and tally.placed < in_all:
            caller = threading.Thread(target=one_call, args=(centre.telco, tally.placed, tally))
            caller.start()
            callers = [other for other in callers if other.is_alive()] + [caller]
            tally.placed += 1
            next_call += 60 / per_minute
        if time.monotonic() >= next_look:
            samples.append(look(centre, began))
            next_look += SAMPLE_S
        time.sleep(0.02)
    for caller in callers:
        caller.join(3 * PATIENCE_S)
    return samples, tally


def growth(samples: list[Sample]) -> dict[str, float]:
    """Median of the last third minus median of the first, by figure."""
    third = max(1, len(samples) // 3)
    grown = {}
    for name in FIGURES:
        first = statistics.median(getattr(sample, name) for sample in samples[:third])
        last = statistics.median(getattr(sample, name) for sample in samples[-third:])
        grown[name] = last - first
    return grown


def verdict(centre: Centre, grown: dict[str, float], tally: Tally) -> list[str]:
    """What is wrong; empty when nothing leaked and all were served."""
    wrong = []
    if tally.failed:
        wrong.append(f"{tally.failed} of {tally.placed} calls were not served")
    for name, most in (("app_mb", GROWTH_MB), ("pbx_mb", GROWTH_MB), ("app_files", GROWTH_FILES),
                       ("pbx_files", GROWTH_FILES), ("app_threads", 4), ("app_tasks", 12),
                       ("pbx_threads", 8)):  # fmt: skip
        calls = 0.0 if name.endswith("_mb") else OF_A_CHANNEL * max(0.0, grown["channels"])
        if grown[name] > most + calls:
            wrong.append(f"{name} grew by {grown[name]:.1f}")
    deadline = time.monotonic() + PATIENCE_S
    assert centre.pbx is not None
    while (left := [*centre.pbx.channels(), *_bridges(centre)]) or centre.api.get("/calls?live=true")[
        "items"
    ]:
        if time.monotonic() > deadline:
            wrong.append(f"left over: {left} {centre.api.get('/calls?live=true')['items']}")
            break
        time.sleep(0.1)
    return wrong


def soak(centre: Centre, minutes: float, per_minute: float) -> tuple[dict[str, Any], list[str]]:
    """Seat the robots, run, judge; gives the figures and what is wrong."""
    assert centre.telco is not None
    for extension in OPERATORS:
        body = {"extension": extension, "name": extension, "skills": {"support": 2}, "wrap_up_s": 1}
        made = centre.api.post("/operators", body)
        centre.telco.robot(extension, made["password"], Behaviour(say="tone:850", after_s=0.2))
        centre.api.put(f"/operators/{extension}/state", {"state": "available"})
    try:
        samples, tally = run(centre, minutes, per_minute)
        grown = growth(samples)
        figures: dict[str, Any] = {
            "tally": asdict(tally),
            "growth": grown,
            "samples": [asdict(s) for s in samples],
        }
        return figures, verdict(centre, grown, tally)
    finally:
        for extension in OPERATORS:
            centre.api.delete(f"/operators/{extension}")


def main() -> int:
    """Exit status 0 when nothing grew and everybody was served."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--per-minute", type=float, default=100.0)
    parser.add_argument("--port-base", default="30000")
    parser.add_argument("--write", action="store_true", help="renew SOAK.md and SOAK.svg")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        centre = Centre(plans.make({"RAMAL_STATE": folder, "RAMAL_PORT_BASE": asked.port_base}))
        try:
            centre.prepare()
            centre.start_pbx()
            centre.start_telco()
            centre.start_application()
            centre.await_ready()
            figures, wrong = soak(centre, asked.minutes, asked.per_minute)
        finally:
            centre.stop()
    target = plans.REPOSITORY / ".ramal" / "soak.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures), encoding="utf-8")
    target.with_suffix(".svg").write_text(plot(figures["samples"]), encoding="utf-8")
    if asked.write:
        (HERE / "SOAK.svg").write_text(plot(figures["samples"]), encoding="utf-8")
        (HERE / "SOAK.md").write_text(tell(figures, asked.minutes, asked.per_minute), encoding="utf-8")
    print(f"{figures['tally']}; growth {figures['growth']}; samples in {target}")
    for fault in wrong:
        print(f"WRONG: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
