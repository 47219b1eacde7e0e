"""A real campaign against the simulated telephone network: robots talk, the network answers as networks do.

    python -m benchmarks.campaign --operators 20 --calls 2000 --mode predictive

Tells occupancy, drops, times from answer to operator, double dials and leaks, beside how this was measured;
with `--keep` it is written to `RESULTS-CAMPAIGN.md`. Two real Asterisks and the application, on this machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import shutil
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from demo import plan as plans
from demo.api import Api
from demo.centre import Centre
from demo.outbound import TARIFFS, given_campaign, outside
from pbx.telco import Telco
from pbx.telco_phones import Behaviour

RESULTS = Path(__file__).with_name("RESULTS-CAMPAIGN.md")
MIX = "0000099111222248"
"""What a contact does, by the network's ranges: answers, late, not, busy, a machine, hangs up at once."""
WRAP_S = 5.0
"""Of the queue `sales` in the site file."""
QUIET_S = 60.0
"""How long calls may last on after the campaign was stopped."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operators", type=int, default=20)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--mode", default="predictive")
    parser.add_argument("--talk-s", type=float, default=12.0)
    parser.add_argument("--longest-s", type=float, default=480.0, help="the campaign is stopped then")
    parser.add_argument("--port-base", default="22000")
    parser.add_argument("--log", type=Path, help="where the application's log is kept")
    parser.add_argument("--keep", action="store_true", help=f"write {RESULTS.name}")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as state:
        plan = plans.make({"RAMAL_STATE": state, "RAMAL_PORT_BASE": given.port_base})
        centre = Centre(dataclasses.replace(plan, own_flows=True))
        shutil.copytree(plans.REPOSITORY / "callflows", centre.plan.flows)
        with (centre.plan.flows / "site.yaml").open("a") as site:
            site.write(TARIFFS)
        try:
            centre.prepare()
            centre.start_pbx()
            centre.start_telco()
            centre.start_application()
            centre.await_ready()
            text = run(centre, given)
        finally:
            centre.stop()
            if given.log is not None:
                given.log.write_bytes((Path(state) / "application.log").read_bytes())
    print(text)
    if given.keep:
        RESULTS.write_text(text)


def run(centre: Centre, given: argparse.Namespace) -> str:
    """Dial them all, or until time is over; the report."""
    api, telco = centre.api, centre.telco
    assert telco is not None
    for number in range(given.operators):
        seat(api, telco, str(1110 + number), given.talk_s)
    numbers = [outside(f"{n // 1000}{MIX[n % len(MIX)]}{n % 1000:03}") for n in range(given.calls)]
    random.Random(1).shuffle(numbers)  # on no list do people answer, or not, in a pattern
    fields = {"mode": given.mode, "trunk_concurrency": 200, "calls_per_s": 50, "record": False}
    campaign = given_campaign(api, numbers, timeout_s=60, **fields)
    application = psutil.Process(centre.application.pid) if centre.application else None
    began, used = time.time(), cpu_s(application)
    api.raw("POST", f"/campaigns/{campaign}/start")
    while time.time() < began + given.longest_s:
        time.sleep(2.0)
        stats = api.get(f"/campaigns/{campaign}/stats")
        print(f"{time.time() - began:4.0f} s: {told(stats)}", flush=True)
        if sum(stats["results"].values()) >= given.calls and not stats["results"].get("dialing"):
            break
    worked_s, used = time.time() - began, cpu_s(application) - used
    last = api.get(f"/campaigns/{campaign}/stats")
    if last["status"] == "running":
        api.raw("POST", f"/campaigns/{campaign}/stop")
    api.wait(f"/campaigns/{campaign}/stats", lambda found: not found["results"].get("dialing"), QUIET_S)
    attempts = all_attempts(api, campaign)
    lines = report(telco, attempts, given, worked_s)
    lines.append(f"| application's processor time per call | {1000 * used / max(1, len(attempts)):.1f} ms |")
    lines.append(f"| left over: channels, live calls | {', '.join(map(str, leaks(centre)))} |")
    return "\n".join([*HEAD, *lines, ""])


HEAD = [
    "# A campaign on real calls: results",
    "",
    """Written by `python -m benchmarks.campaign --keep`. Ramal's Asterisk dials; a second Asterisk is the
telephone network and the operators' phones; all of it, and the application, on one machine. Of 16 contacts
five answer after a second, two after six seconds, one is a machine, one hangs up as it answers, four are
busy, three ring out. Operators wrap up for 5 s; nobody is listened to for machines; progressive before the
hundredth live answer, as always.""",
    "",
    "| | |",
    "|---|---|",
]


def seat(api: Api, telco: Telco, extension: str, talk_s: float) -> None:
    """An operator whose phone answers by itself."""
    body = {"extension": extension, "name": f"Robot {extension}", "skills": {"sales": 3}}
    made = api.post("/operators", body)
    telco.robot(extension, made["password"], Behaviour(after_s=0.1, say="tone:850", hang_up_s=talk_s))
    api.put(f"/operators/{extension}/state", {"state": "available"})
    api.wait(f"/operators/{extension}", lambda found: found["state"] == "available", 20)


def told(stats: dict[str, Any]) -> str:
    """One line of the live figures."""
    live = stats["live"] or {}
    names = ("operators", "operators_free", "ringing", "waiting", "talking", "held_by", "rule")
    return ", ".join(f"{name} {live.get(name)}" for name in names) + f", {stats['results']}"


def cpu_s(process: psutil.Process | None) -> float:
    """Processor seconds of a process."""
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)


def at(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def all_attempts(api: Api, campaign: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = api.get(f"/campaigns/{campaign}/attempts?limit=200{cursor}")
        found += page["items"]
        if not page["next"]:
            return found
        cursor = f"&cursor={page['next']}"


def leaks(centre: Centre) -> tuple[int, int]:
    """Channels of the PBX and live calls of the application once everything should be over."""
    assert centre.pbx is not None
    deadline = time.monotonic() + 30
    while True:
        left = len(centre.pbx.channels()), len(centre.api.get("/calls?live=true")["items"])
        if left == (0, 0) or time.monotonic() > deadline:
            return left
        time.sleep(0.5)


def report(
    telco: Telco, attempts: list[dict[str, Any]], given: argparse.Namespace, worked_s: float
) -> list[str]:
    """The rows of the table."""
    results = Counter(str(attempt["result"]) for attempt in attempts)
    talked = [attempt for attempt in attempts if attempt["connected_at"]]
    busy_s = sum(at(a["ended_at"]) - at(a["connected_at"]) + WRAP_S for a in talked)
    waits = [at(a["connected_at"]) - at(a["answered_at"]) for a in talked]
    live = len(talked) + results["abandoned"]
    offered = telco.ami.find(lambda event: event.get("UserEvent") == "TelcoOffered", 0)
    dialled = Counter(event["Number"] for event in offered if event["Number"].startswith("+"))
    placed = Counter(attempt["phone"] for attempt in attempts)
    twice = [number for number, count in dialled.items() if count > placed[number]]
    rows = {
        "operators, mode, calls": f"{given.operators}, {given.mode}, {len(attempts)} in {worked_s:.0f} s",
        "talk": f"{given.talk_s:g} s",
        "results": ", ".join(f"{name} {count}" for name, count in results.most_common()),
        "occupancy": f"{100 * busy_s / (worked_s * given.operators):.1f} %",
        "dropped": f"{results['abandoned']} of {live} live answers "
        f"({100 * results['abandoned'] / max(1, live):.2f} %)",
        "numbers dialled more often than attempts were written": str(len(twice)),
        "attempts that never reached the network": str(sum(placed.values()) - dialled.total()),
    }
    if waits:
        middle, late = np.median(waits), np.percentile(waits, 99)
        rows["answer to operator"] = f"median {middle:.2f} s, 99 % {late:.2f} s"
    return [f"| {name} | {value} |" for name, value in rows.items()]


if __name__ == "__main__":
    main()
