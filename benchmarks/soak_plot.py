"""What a soak looked like: one small plot for each figure, and the numbers in words."""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, LEFT, COLUMNS = 430, 130, 70, 2
TITLES = {
    "app_mb": "application, MB resident",
    "app_files": "application, open files",
    "app_threads": "application, threads",
    "app_tasks": "application, tasks",
    "pbx_mb": "PBX, MB resident",
    "pbx_files": "PBX, open files",
    "pbx_threads": "PBX, threads",
    "channels": "PBX, channels",
    "bridges": "PBX, bridges",
}


def plot(samples: Sequence[Mapping[str, float]]) -> str:
    """An SVG of all figures over time; each axis begins at 0, so that growth shows at its true size."""
    rows = -(-len(TITLES) // COLUMNS)
    box = f'viewBox="0 0 {WIDTH * COLUMNS} {HEIGHT * rows}" font-family="sans-serif" font-size="11"'
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f'<rect width="{WIDTH * COLUMNS}" height="{HEIGHT * rows}" fill="white"/>',
    ]
    for index, (name, title) in enumerate(TITLES.items()):
        x, y = WIDTH * (index % COLUMNS), HEIGHT * (index // COLUMNS)
        shapes.append(_one(samples, name, title, x, y))
    return "\n".join([*shapes, "</svg>\n"])


def _one(samples: Sequence[Mapping[str, float]], name: str, title: str, x: float, y: float) -> str:
    top = max(1.0, *(sample[name] for sample in samples)) * 1.1
    end = max(1.0, samples[-1]["at_s"])
    floor = y + HEIGHT - 18

    def place(sample: Mapping[str, float]) -> str:
        across = x + LEFT + (WIDTH - LEFT - 20) * sample["at_s"] / end
        return f"{across:.1f},{floor - (HEIGHT - 40) * sample[name] / top:.1f}"

    points = " ".join(place(sample) for sample in samples)
    return (
        f'<text x="{x + LEFT}" y="{y + 14}">{title}</text>'
        f'<text x="{x + LEFT - 6}" y="{floor}" text-anchor="end">0</text>'
        f'<text x="{x + LEFT - 6}" y="{y + 30}" text-anchor="end">{top / 1.1:.0f}</text>'
        f'<text x="{x + WIDTH - 20}" y="{floor + 12}" text-anchor="end">{end / 60:.0f} min</text>'
        f'<line x1="{x + LEFT}" x2="{x + WIDTH - 20}" y1="{floor}" y2="{floor}" stroke="#999"/>'
        f'<polyline fill="none" stroke="#2980b9" points="{points}"/>'
    )


def tell(figures: Mapping[str, Any], minutes: float, per_minute: float) -> str:
    """The page that the command writes."""
    samples, third = figures["samples"], max(1, len(figures["samples"]) // 3)
    lines = [
        "# Soak: does anything grow?",
        "",
        f"Written by `python -m benchmarks.soak --minutes {minutes:g} --per-minute {per_minute:g} --write`:",
        "{placed} calls, {served} served, {failed} failed,".format(**figures["tally"]),
        f"on {os.cpu_count()} cores shared with the simulated network.",
        "Median of the first and of the last third; the run fails when memory grows by more than 40 MB, when",
        "files, threads or tasks grow, or when anything is left over at the end.",
        "",
        "| figure | first third | last third | highest |",
        "|---|---|---|---|",
    ]
    for name, title in TITLES.items():
        values = [sample[name] for sample in samples]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        lines.append(f"| {title} | {first:.1f} | {last:.1f} | {max(values):.1f} |")
    return "\n".join([*lines, "", "![Figures over time](SOAK.svg)", ""])
