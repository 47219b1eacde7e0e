"""`python -m benchmarks.recordings.drifting`: whether a recording's two channels stay together.

Real calls on a real PBX, one after the other, between two phones whose clocks differ as the pair says.
Ends by itself after `--minutes` of each talk, 60 at most. Writes RESULTS-DRIFT.md beside.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import io
import os
import shutil
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ari_app.softphone.sip import Account
from benchmarks.recordings.drift import Drift, Line, compare, talk
from benchmarks.recordings.phones import MarkedVoice
from demo import plan as plans
from demo.centre import Centre

Pair = Callable[[], tuple[MarkedVoice, MarkedVoice]]
GAPS = [(5.0 + 10 * number, 6.5 + 10 * number) for number in range(400)]
PAIRS: dict[str, tuple[float, Pair]] = {
    "both clocks right": (0.0, lambda: (MarkedVoice(), MarkedVoice())),
    "caller 50 ppm fast, sends nothing while he is silent": (
        50.0,
        lambda: (MarkedVoice(50.0, GAPS), MarkedVoice()),
    ),
    "operator 50 ppm fast": (50.0, lambda: (MarkedVoice(), MarkedVoice(50.0))),
    "caller 2000 ppm fast": (2000.0, lambda: (MarkedVoice(2000.0), MarkedVoice())),
}
"""By name: by how many millionths the clocks differ, and the phones."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of each talk (0.5 to 60)")
    parser.add_argument("--pair", type=int, choices=range(len(PAIRS)), help="only this one")
    asked = parser.parse_args()
    minutes = min(60.0, max(0.5, asked.minutes))
    wanted = list(PAIRS) if asked.pair is None else [list(PAIRS)[asked.pair]]
    with tempfile.TemporaryDirectory() as state:
        base = os.environ.get("RAMAL_PORT_BASE", "12000")
        plan = plans.make({"RAMAL_STATE": state, "RAMAL_PORT_BASE": base})
        centre = Centre(dataclasses.replace(plan, own_flows=True))
        shutil.copytree(plans.REPOSITORY / "callflows", centre.plan.flows)
        try:
            centre.prepare()
            centre.start_pbx()
            centre.start_application()
            centre.await_ready()
            found = {name: measured(centre, PAIRS[name][1], minutes * 60) for name in wanted}
        finally:
            centre.stop()
    lines = [row(name, drift, PAIRS[name][0] * drift.at_s[-1] / 1000) for name, drift in found.items()]
    table = "\n".join([HEAD, *lines])
    print(table)
    (Path(__file__).parent / "RESULTS-DRIFT.md").write_text(f"{TITLE}{table}\n", encoding="utf-8")


TITLE = "# Do a recording's channels stay together?\n\n"
HEAD = (
    "| phones | minutes | bursts found, lost | clocks apart | median offset: first, last third | 90 % |\n"
    "|---|---|---|---|---|---|"
)


def row(name: str, drift: Drift, apart_ms: float) -> str:
    """One talk as a line of the table; offsets are in milliseconds."""
    thirds = np.array_split(drift.offset_ms, 3)
    first, last = np.median(thirds[0]), np.median(thirds[-1])
    low, high = np.percentile(drift.offset_ms, [5, 95])
    found = f"{sum(drift.bursts)}, {sum(drift.lost)}"
    middle = f"{first:.0f}, {last:.0f} ms | {low:.0f} to {high:.0f} ms |"
    return f"| {name} | {drift.at_s[-1] / 60:.1f} | {found} | {apart_ms:.0f} ms | {middle}"


def measured(centre: Centre, pair: Pair, seconds: float) -> Drift:
    """One talk on this centre."""
    extension = f"12{int(time.time()) % 100:02}"
    made = centre.api.post(
        "/operators", {"extension": extension, "name": "Desk", "skills": {"support": 2}, "wrap_up_s": 0.2}
    )
    centre.api.put(f"/operators/{extension}/state", {"state": "available"})
    port = centre.plan.ports.sip
    line = Line(
        Account("127.0.0.1", port, "caller1", centre.plan.keys.callers["caller1"]),
        Account("127.0.0.1", port, extension, made["password"]),
    )
    known = {item["id"] for item in centre.api.get("/calls?limit=200")["items"]}
    caller, operator = asyncio.run(talk(line, *pair(), seconds))
    (call,) = {item["id"] for item in centre.api.get("/calls?limit=200")["items"]} - known
    centre.api.wait(f"/recordings?call_id={call}", lambda page: bool(page["items"]), 120)
    audio = centre.api.raw("GET", f"/recordings/{call}/audio")
    centre.api.delete(f"/operators/{extension}")
    return compare(samples(audio), caller, operator)


def samples(data: bytes) -> Any:
    """A recording as it is heard, -1 … 1, shape (frames, 2)."""
    with wave.open(io.BytesIO(data)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return sound.reshape(-1, 2).astype(np.float64) / 32768


if __name__ == "__main__":
    main()
