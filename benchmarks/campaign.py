"""A real campaign against the simulated telephone network: robots talk, the network answers as networks do.

    python -m benchmarks.campaign --operators 20 --calls 2000 --mode predictive

Prints occupancy, drops, times from answer to operator, double dials and leaks. Two real Asterisks.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections import Counter
from datetime import datetime

import numpy as np

from demo import plan as plans
from demo.centre import Centre
from pbx.telco_phones import Behaviour
from tests.support.campaigns import given_campaign, outside, when
from tests.support.words import Words

MIX = "0000099111222248"
"""What a contact does, by the network's ranges: answers, late, not, busy, a machine, hangs up at once."""
TALK_S = 12.0


def at(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def all_attempts(words: Words, campaign: str) -> list[dict[str, object]]:
    found, cursor = [], ""
    while True:
        page = words.api.get(f"/campaigns/{campaign}/attempts?limit=200{cursor}")
        found += page["items"]
        if not page["next"]:
            return found
        cursor = f"&cursor={page['next']}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operators", type=int, default=20)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--mode", default="predictive")
    parser.add_argument("--longest-s", type=float, default=3600.0)
    parser.add_argument("--port-base", default="22000")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as state:
        plan = plans.make({"RAMAL_STATE": state, "RAMAL_PORT_BASE": arguments.port_base})
        centre = Centre(dataclasses.replace(plan))
        try:
            centre.prepare()
            centre.start_pbx()
            centre.start_telco()
            centre.start_application()
            centre.await_ready()
            run(Words(centre), arguments)
        finally:
            centre.stop()


def run(words: Words, arguments: argparse.Namespace) -> None:
    for number in range(arguments.operators):
        behaviour = Behaviour(after_s=0.1, say="tone:850", hang_up_s=TALK_S)
        words.given_operator(str(1110 + number), {"sales": 3}, behaviour, wrap_up_s=2.0)
    numbers = [outside(f"{n // 1000}{MIX[n % len(MIX)]}{n % 1000:03}") for n in range(arguments.calls)]
    fields = {"mode": arguments.mode, "trunk_concurrency": 200, "calls_per_s": 50, "record": False}
    campaign = given_campaign(words, sorted(set(numbers)), **fields)
    began = time.time()
    when(words, campaign, "start")
    while time.time() < began + arguments.longest_s:
        time.sleep(2.0)
        if words.api.get(f"/campaigns/{campaign}/stats")["due"] == 0:
            break
    worked_s = time.time() - began
    when(words, campaign, "stop")
    words.api.wait(f"/campaigns/{campaign}/stats", lambda stats: not stats["results"].get("dialing"), 90)
    report(words, all_attempts(words, campaign), arguments, worked_s)
    words.then_nothing_is_left(30)
    print("leaks: none")


def report(
    words: Words, attempts: list[dict[str, object]], arguments: argparse.Namespace, worked_s: float
) -> None:
    results = Counter(str(attempt["result"]) for attempt in attempts)
    talked = [a for a in attempts if a["connected_at"]]
    busy_s = sum(at(str(a["ended_at"])) - at(str(a["connected_at"])) + 2.0 for a in talked)
    waits = [at(str(a["connected_at"])) - at(str(a["answered_at"])) for a in talked]
    dropped = results["abandoned"]
    dialled = Counter(
        event["Number"] for event in words.telco.ami.find(lambda e: e.get("UserEvent") == "TelcoOffered", 0)
    )
    twice = [number for number, count in dialled.items() if count > 1 and number.startswith("+")]
    print(f"{len(attempts)} calls in {worked_s:.0f} s, {arguments.operators} operators, {arguments.mode}")
    print(f"results: {dict(results)}")
    print(f"occupancy: {100 * busy_s / (worked_s * arguments.operators):.1f} %")
    print(f"dropped: {dropped} of {dropped + len(talked)} live answers")
    if waits:
        print(f"answer to operator: median {np.median(waits):.2f} s, 99 % {np.percentile(waits, 99):.2f} s")
    print(f"dialled twice: {len(twice)}")


if __name__ == "__main__":
    main()
