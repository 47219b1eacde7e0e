"""Turns many days into the tables of RESULTS.md: means, 95 % confidence, the worst seed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

T_95 = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26}


@dataclass(frozen=True, slots=True)
class Day:
    """One policy's day in one world: its key and its score."""

    world: str
    operators: int
    seed: int
    policy: str
    occupancy: float
    abandoned: float
    worst_running: float
    ofcom: float
    half_hours_over: float
    talk_min_per_operator_hour: float
    tick_ms: float
    tick_p99_ms: float


def mean_and_half_width(values: Sequence[float]) -> tuple[float, float]:
    """Mean and the half width of its 95 % confidence interval (Student); 0 for a single value."""
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return mean, 0.0
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1))
    return mean, T_95.get(n - 1, 2.0) * sd / math.sqrt(n)


def table(days: Iterable[Day]) -> str:
    """One Markdown table: a row per policy, a column per number of operators."""
    groups: dict[str, dict[int, list[Day]]] = {}
    for day in days:
        groups.setdefault(day.policy, {}).setdefault(day.operators, []).append(day)
    sizes = sorted({size for by_size in groups.values() for size in by_size})
    lines = [
        "| policy | " + " | ".join(f"{size} operators" for size in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for policy, by_size in groups.items():
        cells = [_cell(by_size[size]) if size in by_size else "" for size in sizes]
        lines.append(f"| {policy} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(days: Sequence[Day]) -> str:
    occupancy, width = mean_and_half_width([day.occupancy for day in days])
    abandoned = sum(day.abandoned for day in days) / len(days)
    worst = max(day.abandoned for day in days)
    over = sum(day.half_hours_over for day in days) / len(days)
    spread = f" ± {width:.1f}" if width else ""
    return f"{occupancy:.1f}{spread} / {abandoned:.2f} ({worst:.2f}) / {over:.0f}"


def costs(by_size: Mapping[int, Sequence[float]]) -> str:
    """One line per size from sorted milliseconds: median and 99th percentile."""
    lines = ["| operators | median, ms | p99, ms |", "|---|---|---|"]
    for size, spent in sorted(by_size.items()):
        lines.append(f"| {size} | {spent[len(spent) // 2]:.2f} | {spent[int(0.99 * len(spent))]:.2f} |")
    return "\n".join(lines)
