"""`python -m benchmarks.routing [--quick]`: measures routing and writes RESULTS.md beside this file."""

import argparse
import math
import pathlib
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from scipy.stats import t

from benchmarks.outside_routing import Routing
from benchmarks.routing import rivals
from benchmarks.routing.checks import erlang_checks, skill_checks
from benchmarks.routing.cost import ROUNDS, measure
from benchmarks.routing.simulator import Policy, Result, simulate
from benchmarks.routing.worlds import HELD_OUT, HELD_OUT_LARGE, LARGE, TUNED, Shape, build, pooled

POLICIES: dict[str, Callable[[], Policy]] = {
    "pooled bound": rivals.FifoLongestIdle,
    "app_queue rrmemory + penalty": rivals.RoundRobinPenalty,
    "app_queue leastrecent + penalty": rivals.LeastRecentPenalty,
    "FIFO + longest idle": rivals.FifoLongestIdle,
    "skill rings 8/5/1 at 0/10/20 s": rivals.SkillRings,
    "greedy best skill": rivals.GreedyBestSkill,
    "assignment (linear sum)": rivals.Assignment,
    "**shipped index**": Routing,
}
SLOW = {"assignment (linear sum)", "app_queue rrmemory + penalty"}
"""Left out at 300 operators."""
COLUMNS = (
    "policy",
    "SL %",
    "gap to bound",
    "worst class %",
    "abandoned %",
    "ASA s",
    "VIP SL %",
    "longest s",
    "work spread %",
)
INTRODUCTION = (
    "Six classes, 10 % VIP, patience 180 s, six hours a run; service level: answered within 20 s / offered.",
    "The settings were chosen on seeds 0 to 15 of the first shape; the second shape was looked at (its seeds",
    "0 to 11) when the fairness weight was chosen. All rows below are other seeds. Costs depend on what else",
    "the machine does: compare the last row of their table.",
)
OUT = pathlib.Path(__file__).with_name("RESULTS.md")


@dataclass(slots=True)
class Row:
    """A policy in one scenario over the seeds."""

    runs: list[Result] = field(default_factory=list)

    def mean(self, figure: str) -> float:
        return statistics.fmean(getattr(one, figure) for one in self.runs)

    def gap(self, bound: "Row") -> tuple[float, float]:
        """Service level behind the bound on the same seeds: mean and half width of its 95 % interval."""
        gaps = [b.service_level - a.service_level for a, b in zip(self.runs, bound.runs, strict=True)]
        if len(gaps) < 2:
            return gaps[0], math.nan
        return statistics.fmean(gaps), t.ppf(0.975, len(gaps) - 1) * statistics.stdev(gaps) / math.sqrt(
            len(gaps)
        )

    def spread(self) -> float:
        """Standard deviation of the operators' work ÷ mean work, in percent: the price in fairness."""
        shares = [statistics.pstdev(one.work_s) / statistics.fmean(one.work_s) for one in self.runs]
        return 100 * statistics.fmean(shares)


def run(shape: Shape, scenario: str, seeds: range) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for name, make in POLICIES.items():
        if shape.operators > 100 and name in SLOW:
            continue
        rows[name] = Row()
        for seed in seeds:
            world = build(shape, scenario, seed)
            rows[name].runs.append(simulate(pooled(world) if name == "pooled bound" else world, make()))
        print(f"{scenario} {shape.operators}: {name} {rows[name].mean('service_level'):.1f}", flush=True)
    return rows


def table(title: str, rows: dict[str, Row]) -> list[str]:
    lines = [
        f"### {title}",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        gap, half = row.gap(rows["pooled bound"])
        vip = statistics.fmean(100 * one.vip_in_time / max(one.vip_offered, 1) for one in row.runs)
        figures = (row.mean("worst_class"), row.mean("abandoned_share"), row.mean("asa_s"), vip)
        longest_s = max(one.longest_s for one in row.runs)
        lines.append(
            f"| {name} | {row.mean('service_level'):.1f} | {gap:.1f} ± {half:.1f} "
            f"| {' | '.join(f'{figure:.1f}' for figure in figures)} | {longest_s:.0f} | {row.spread():.0f} |"
        )
    return [*lines, ""]


def theory(quick: bool) -> list[str]:
    lines = ["## Against theory", "", "| check | formula | simulated |", "|---|---|---|"]
    for one in erlang_checks(10_000 if quick else 60_000):
        assert one.holds, one
        lines.append(f"| {one.name} | {one.expected:.5f} | {one.measured:.4f} |")
    skills = skill_checks(range(1 if quick else 5))
    found = ", ".join(f"{name}: {level:.1f} %" for name, level in skills.items())
    return [*lines, "", f"Service level by equal skills per operator (Wallace and Whitt): {found}.", ""]


def cost(quick: bool) -> list[str]:
    costs, memory_mb = measure(count=500 if quick else 4000)
    return [
        "## Cost of a decision (R12)",
        "",
        f"10,000 operators, 5,700 signatures, 100,000 waiting; processor time in µs, quietest of {ROUNDS}.",
        "",
        "| event | median | p99 |",
        "|---|---|---|",
        *(f"| {one.name} | {one.median:.0f} | {one.p99:.0f} |" for one in costs),
        "",
        f"Peak memory of a process that measures this alone: {memory_mb:.0f} MB.",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few seeds; prints, writes nothing")
    quick = parser.parse_args().quick
    seeds, large = (range(1000, 1002), range(1000, 1001)) if quick else (range(1000, 1004), range(1000, 1002))
    costs = cost(quick)  # before anything else takes memory
    lines = ["# Routing, measured", "", __doc__.split("\n", maxsplit=1)[0], ""]
    lines += [*INTRODUCTION, ""]
    for heading, small, big in (
        ("## The shape it was tuned on, other seeds", TUNED, LARGE),
        ("## Held out: other skills, levels, service, shares and surge", HELD_OUT, HELD_OUT_LARGE),
    ):
        lines += [heading, ""]
        for scenario in ("day", "surge", "tight"):
            lines += table(f"{scenario}, 60 operators, {len(seeds)} seeds", run(small, scenario, seeds))
        lines += table(f"tight, 300 operators, {len(large)} seeds", run(big, "tight", large))
    lines += theory(quick) + costs
    text = "\n".join(lines)
    if quick:
        print(text)
    else:
        OUT.write_text(text, encoding="utf-8")
        print(f"wrote {OUT}")


if __name__ == "__main__":
    main()
