"""`python -m benchmarks.dialer`: plays days, compares the pacing with its rivals, writes RESULTS.md.

Days already played by the same code are kept in `.ramal/dialer-days.jsonl`, so a long comparison can
be stopped and continued; any change of the code starts afresh.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ari_app.pacing.profiles import UK
from benchmarks.dialer.policy import Floor, Policy
from benchmarks.dialer.report import Day, costs, table
from benchmarks.dialer.rivals import ErlangLike, Oracle, PerIdle, PerOperator, VicidialAdapt
from benchmarks.dialer.simulator import Simulation
from benchmarks.dialer.world import HELD_OUT, TUNING, WITHOUT_DETECTION, World
from benchmarks.outside_pacing import Pacing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEPT = ROOT / ".ramal" / "dialer-days.jsonl"


class UkPacing(Pacing):
    """The shipped pacing under the UK profile."""

    profile = UK


POLICIES: dict[str, Callable[[], Policy]] = {
    "progressive 1.0": lambda: PerIdle(1.0),
    "2 per idle operator": lambda: PerIdle(2.0),
    "fixed ratio 2.0 on all": lambda: PerOperator(2.0),
    "VICIdial-like ADAPT hard limit": VicidialAdapt,
    "the same, available-only tally": lambda: VicidialAdapt(available_only=True),
    "Erlang-like": ErlangLike,
    "**Ramal predictive**": Pacing,
    "oracle: outcomes and ring times known": Oracle,
}
OURS = "**Ramal predictive**"
COST_LENGTH_S, COST_FROM_S = 900.0, 300
RIVAL = "VICIdial-like ADAPT hard limit"
LARGE = 200
"""From this floor on, a day takes minutes: one seed, and only the rivals that matter."""


class Kept:
    """Days played before by exactly this code."""

    def __init__(self) -> None:
        sources = sorted([*(ROOT / "ari_app" / "pacing").rglob("*.py"), *HERE.glob("*.py")])
        parts = [path.read_bytes() for path in sources if path.name not in ("__main__.py", "report.py")]
        self._code = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
        self._days: dict[tuple[str, int, int, str], Day] = {}
        if KEPT.exists():
            for line in KEPT.read_text().splitlines():
                row = json.loads(line)
                if row.pop("code") == self._code:
                    self._add(Day(**row))

    def play(self, world: World, seed: int, policy: str, make: Callable[[], Policy]) -> Day:
        """The day from the store, or played now and kept."""
        key = (world.name, world.operators, seed, policy)
        if key not in self._days:
            print(f"{world.name}, {world.operators} operators, seed {seed}, {policy} …", flush=True)
            score = asdict(Simulation(world, make(), seed).run())
            numbers = {name: score[name] for name in Day.__slots__ if name in score}
            self._add(Day(world.name, world.operators, seed, policy, **numbers))
            KEPT.parent.mkdir(mode=0o700, exist_ok=True)
            with KEPT.open("a") as out:
                out.write(json.dumps({"code": self._code, **asdict(self._days[key])}) + "\n")
        return self._days[key]

    def _add(self, day: Day) -> None:
        self._days[day.world, day.operators, day.seed, day.policy] = day


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dialer", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, 10 and 50 operators, printed only")
    parser.add_argument("--sizes", default="10,50,200", help="numbers of operators, comma-separated")
    parser.add_argument("--seeds", type=int, default=4, help="seeds per cell at 10 operators")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    given = parser.parse_args()
    sizes = [10, 50] if given.quick else [int(size) for size in given.sizes.split(",")]
    text = ""
    for section in sections(Kept(), sizes, 1 if given.quick else given.seeds):
        text += section + "\n"
        print(section, flush=True)
        if not given.quick:
            given.output.write_text(text)


def sections(kept: Kept, sizes: Sequence[int], seeds: int) -> Iterator[str]:
    """The report's paragraphs, each after its days were played."""
    yield "# Dialer benchmark: results\n"
    yield (
        "Written by `python -m benchmarks.dialer`. Each cell: occupancy % with 95 % confidence / abandoned % "
        "of live answers (worst seed) / half-hours above 3 %, in %. A day has six hours; see `world.py`. "
        "Every policy meets the same contacts; bigger floors are played with fewer seeds.\n"
    )
    chosen = [
        kept.play(TUNING.of(size), 100 + seed, policy, make)
        for policy, make in POLICIES.items()
        for size in sizes
        if size < LARGE or policy in (OURS, RIVAL, "progressive 1.0")
        for seed in range(how_many(size, seeds))
    ]
    yield "## The day the settings were chosen on, with other seeds\n"
    yield table(chosen) + "\n"
    yield "## Held-out days: other laws of talk, ring and answer, never used for choosing\n"
    for world in HELD_OUT:
        held = [
            kept.play(world.of(size), 200 + seed, policy, POLICIES[policy])
            for size in sizes
            if size < LARGE
            for policy in (RIVAL, OURS)
            for seed in range(how_many(size, seeds))
        ]
        yield f"### {world.name}\n"
        yield table(held) + "\n"
    yield "### UK profile: Ofcom's count, machine detection off\n"
    uk = [
        kept.play(WITHOUT_DETECTION.of(size), 300 + seed, "Ramal predictive, UK profile", UkPacing)
        for size in sizes
        if size < LARGE
        for seed in range(how_many(size, seeds))
    ]
    yield table(uk) + "\n"
    yield f"Worst Ofcom count over these seeds: {max(day.ofcom for day in uk):.2f} %.\n"
    yield "## Cost of one decision, once a second: processor time\n"
    yield costs({size: spent_ms(size) for size in (10, 200, 1000)})


class TimedPacing(Pacing):
    """Measures the processor time of each decision, the adapter's included."""

    def reset(self, cfg: World) -> None:
        super().reset(cfg)
        self.spent_ms: list[float] = []

    def pace(self, now: float, s: Floor) -> int:
        began = time.process_time()
        launch = super().pace(now, s)
        self.spent_ms.append(1000.0 * (time.process_time() - began))
        return launch


def spent_ms(operators: int) -> list[float]:
    """Processor milliseconds of the decisions of ten busy minutes."""
    policy = TimedPacing()
    Simulation(replace(TUNING.of(operators), length_s=COST_LENGTH_S, waves=()), policy, 400).run()
    return sorted(policy.spent_ms[COST_FROM_S:])


def how_many(size: int, seeds: int) -> int:
    """Seeds for a cell: large floors average by themselves and take long."""
    return seeds if size <= 20 else max(1, seeds // 2) if size < LARGE else 1


if __name__ == "__main__":
    main()
