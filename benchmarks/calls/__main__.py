"""`python -m benchmarks.calls`: Ramal against a dialplan with `Queue()` on one Asterisk, in turns.

Writes `.ramal/bench.json`, prints a table, and writes `benchmarks/RESULTS.md` with its picture (not when
`--quick` or `--smallest`).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.calls import figures, report
from benchmarks.calls.figures import Figure, Pair
from benchmarks.calls.rounds import PLAIN, RECORDED, SIDES, Rounds, voice
from benchmarks.calls.sipp import Conduct, SippError, find_sipp
from benchmarks.calls.stage import staged
from demo.centre import CentreError
from demo.plan import REPOSITORY
from pbx import PbxError

HERE = Path(__file__).parent
STATE = REPOSITORY / ".ramal" / "bench"
PASS = 0.99
STEP = 1.35
SEARCHES = 2
"""So often the highest rate is looked for."""
RATE_S = 6
"""So many seconds each rate is tried."""
RECORDED_TALK_MS = 6000


def main() -> int:
    """Exit status 0 when it could be measured, whatever came out."""
    given = _options()
    try:
        find_sipp()
        results = [_measure(int(count), given) for count in given.operators.split(",")]
    except (SippError, PbxError, CentreError, OSError, ValueError) as error:
        print(f"The benchmark failed: {error}", file=sys.stderr)
        return 1
    _publish(results, given)
    return 0


def _options() -> argparse.Namespace:
    """What was asked for; `--quick` and `--smallest` are short for several."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument("--operators", default="300", help="numbers of operators, comma-separated")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of each side")
    parser.add_argument("--calls", type=int, default=300, help="calls per round")
    parser.add_argument("--rate", type=float, default=20.0, help="calls per second in rounds")
    parser.add_argument("--top-rate", type=float, default=200.0, help="the fastest that is tried")
    parser.add_argument("--waiting", type=int, default=500, help="waiting calls whose memory is measured")
    parser.add_argument("--quick", action="store_true", help="2 pairs of few calls, no search for the rate")
    parser.add_argument(
        "--smallest", action="store_true", help="a few calls once, unrecorded: does the bench work?"
    )
    parser.add_argument("--state", type=Path, default=STATE, help="a folder that is made anew")
    given = parser.parse_args()
    given.warm_ups, given.searches, given.rate_s = 1, SEARCHES, RATE_S
    if given.quick:
        given.pairs, given.calls, given.top_rate, given.waiting = 2, 100, 0.0, 100
    if given.smallest:
        given.operators, given.pairs, given.calls, given.rate, given.waiting = "4", 1, 4, 8.0, 0
        given.warm_ups, given.searches, given.top_rate, given.rate_s = 0, 1, STEP * given.rate, 0.5
    return given


def _measure(operators: int, given: argparse.Namespace) -> dict[str, Any]:
    """All figures with so many operators; above 500 only those that the number of operators changes."""
    with staged(given.state, operators) as stage:
        rounds = Rounds(stage)
        short = Conduct(voice=voice())
        if given.warm_ups:
            print("One round each to warm up ...", flush=True)
            list(_pairs(rounds, _but(given, pairs=given.warm_ups), PLAIN, short))
        memory = rounds.memory_per_waiting(given.waiting) if given.waiting and operators < 1000 else 0.0
        plain = list(_pairs(rounds, given, PLAIN, short))
        found = figures.plain_figures(plain, operators)
        recorded: list[Pair] = []
        passed: list[tuple[float, float]] = []
        if operators < 1000 and not given.smallest:
            slow = _but(given, rate=given.rate / 4, calls=given.calls // 4)
            long = Conduct(talk_ms=RECORDED_TALK_MS, voice=voice())
            recorded = list(_pairs(rounds, slow, RECORDED, long))
            rounds.clear_recordings()
            found.append(figures.recorded_figure(recorded))
        if operators < 1000:
            if given.top_rate > given.rate:
                passed = [fastest(rounds, given) for _ in range(given.searches)]
                found.append(figures.rate_figure(passed))
            if given.waiting:
                found.append(figures.memory_figure(memory))
        return {
            "operators": operators,
            "figures": found,
            "plain": plain,
            "recorded": recorded,
            "passed": passed,
        }


def _but(given: argparse.Namespace, **changes: float) -> argparse.Namespace:
    """The same options with a few changed."""
    return argparse.Namespace(**vars(given) | changes)


def _pairs(rounds: Rounds, given: argparse.Namespace, number: str, conduct: Conduct) -> Iterator[Pair]:
    for nth in range(given.pairs):
        ours, theirs = (
            rounds.play(side, number, calls=given.calls, rate=given.rate, conduct=conduct) for side in SIDES
        )
        print(report.pair_line(nth + 1, ours, theirs), flush=True)
        yield ours, theirs


def fastest(rounds: Rounds, given: argparse.Namespace) -> tuple[float, float]:
    """The highest rate at which 99 % of the calls were served, of Ramal and of the queue, raised in turns."""
    best = dict.fromkeys(SIDES, given.rate)
    going = set(SIDES)
    rate = given.rate
    while going and (rate := rate * STEP) <= given.top_rate:
        for side in [side for side in SIDES if side in going]:
            calls = math.ceil(rate * given.rate_s)
            one = rounds.play(side, PLAIN, calls=calls, rate=rate, conduct=Conduct(voice=voice()))
            print(f"  {rate:5.0f} calls/s, {side}: {100 * one.success:.1f} % served", flush=True)
            if one.success >= PASS:
                best[side] = rate
            else:
                going.discard(side)
    return best["ramal"], best["queue"]


def _publish(results: Sequence[dict[str, Any]], given: argparse.Namespace) -> None:
    lines: list[Figure] = [figure for result in results for figure in result["figures"]]
    print("\n" + report.table(lines))
    content = [
        {
            "operators": result["operators"],
            "figures": [asdict(figure) | {"met": figure.met} for figure in result["figures"]],
            "plain": [report.summary(one) for pair in result["plain"] for one in pair],
            "recorded": [report.summary(one) for pair in result["recorded"] for one in pair],
            "passed_per_s": result["passed"],
        }
        for result in results
    ]
    given.state.with_suffix(".json").write_text(json.dumps(content, indent=2), encoding="utf-8")
    if not (given.quick or given.smallest):
        (HERE.parent / "RESULTS.svg").write_text(report.plot(lines), encoding="utf-8")
        (HERE.parent / "RESULTS.md").write_text(report.page(lines, content, given.pairs), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
