"""`python -m benchmarks.calls.recorded`: recorded calls alone, against `Queue()` behind `MixMonitor()`.

Writes `benchmarks/RESULTS-RECORDED.md`. The process that codes and seals afterwards, at the lowest priority,
is counted on its own: the rival leaves a plain WAV file as it was written.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calls import figures
from benchmarks.calls.measure import children, cpu_s
from benchmarks.calls.rounds import PLAIN, RECORDED, SIDES, Round, Rounds, voice
from benchmarks.calls.sipp import Conduct, SippError, find_sipp
from benchmarks.calls.stage import Stage, staged
from demo.centre import CentreError
from demo.plan import REPOSITORY
from pbx import PbxError

TALK_MS = 6000
WARM_UP = 30
RESULTS = Path(__file__).parents[1] / "RESULTS-RECORDED.md"


@dataclass(frozen=True, slots=True)
class Turn:
    """A recorded round of each side, an unrecorded one of ours; `worker_ms`: the coder's CPU per call."""

    ours: Round
    theirs: Round
    plain: Round
    worker_ms: float


def main() -> int:
    """Exit status 0 when it could be measured, whatever came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls.recorded", description=__doc__)
    parser.add_argument("--operators", type=int, default=60)
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--calls", type=int, default=60, help="calls per round, five a second")
    parser.add_argument("--state", type=Path, default=REPOSITORY / ".ramal" / "bench")
    given = parser.parse_args()
    try:
        find_sipp()
        with staged(given.state, given.operators) as stage:
            turns = _measure(stage, given.turns, given.calls)
    except (SippError, PbxError, CentreError, OSError, ValueError) as error:
        print(f"The benchmark failed: {error}", file=sys.stderr)
        return 1
    text = page(turns, given.operators)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _measure(stage: Stage, turns: int, calls: int) -> list[Turn]:
    rounds, conduct = Rounds(stage), Conduct(talk_ms=TALK_MS, voice=voice())
    for side in SIDES:
        rounds.play(side, RECORDED, calls=WARM_UP, rate=5, conduct=conduct)
    done = []
    for nth in range(turns):
        before = coder_s(stage)
        ours = rounds.play("ramal", RECORDED, calls=calls, rate=5, conduct=conduct)
        worker_ms = 1000 * (coder_s(stage) - before) / max(1, ours.served)
        theirs = rounds.play("queue", RECORDED, calls=calls, rate=5, conduct=conduct)
        plain = rounds.play("ramal", PLAIN, calls=calls // 2, rate=5, conduct=conduct)
        done.append(Turn(ours, theirs, plain, worker_ms))
        print(f"turn {nth + 1}: {row(done[-1])}", flush=True)
        rounds.clear_recordings()
    return done


def coder_s(stage: Stage) -> float:
    """CPU seconds of what the application runs beside itself."""
    return sum(cpu_s(pid) for pid in children(stage.pids[1]))


def row(turn: Turn) -> str:
    """One line of the table."""
    ours, theirs, plain = turn.ours, turn.theirs, turn.plain
    cells = (
        f"{ours.served} + {theirs.served}",
        f"{ours.pbx_ms:.1f}",
        f"{ours.app_ms:.1f}",
        f"{turn.worker_ms:.1f}",
        f"{plain.app_ms:.1f}",
        f"{theirs.pbx_ms:.1f}",
        f"{ours.total_ms / theirs.total_ms:.2f}",
    )
    return f"| {' | '.join(cells)} |"


def page(turns: Sequence[Turn], operators: int) -> str:
    """The whole file of results."""
    spread = figures.recorded_figure([(turn.ours, turn.theirs) for turn in turns])
    whole = sum(turn.ours.total_ms for turn in turns) / sum(turn.theirs.total_ms for turn in turns)
    coded = [(turn.ours.total_ms + turn.worker_ms) / turn.theirs.total_ms for turn in turns]
    shared = spread.spread
    rows = "\n".join(row(turn) for turn in turns)
    return f"""# Recorded calls against `Queue()` behind `MixMonitor()`

Written by `python -m benchmarks.calls.recorded`: {operators} operators, {len(turns)} turns of rounds at five
calls a second, talks of six seconds with real sound; milliseconds of CPU per served call, until one second
after the last. The coder runs at the lowest priority after the call and is a column of its own: FLAC, sealed
and read back, where the rival leaves a plain WAV file.

| served | PBX | app | coder | app, not recorded | `Queue()`: PBX | ratio |
|---|---|---|---|---|---|---|
{rows}

CPU per recorded call: **{shared.median:.2f}** times the queue's ({shared.low:.2f} to {shared.high:.2f}; all
rounds together {whole:.2f}); it must be ≤ {spread.must:g}: {"met" if spread.met else "not met"}. With the
coder: {statistics.median(coded):.2f}.
"""


if __name__ == "__main__":
    sys.exit(main())
