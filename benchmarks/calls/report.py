"""The result as a table, a page and a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.calls.figures import Figure
from benchmarks.calls.rounds import Round, percentile

WIDTH, ROW, LEFT = 760, 34, 270
ABOUT = """\
# Calls: Ramal against `Queue()`

Written by `make bench` (`python -m benchmarks.calls`). Both sides run on one Asterisk, in turns, {pairs}
rounds each: a caller dials, is answered, hears the menu, presses 1 by RFC 4733, an operator's phone rings
0.2 s and answers, they talk with real
sound, the caller hangs up. The rival does it in the dialplan: `Background()`,
`WaitExten()`, `Queue()` (strategy `leastrecent`) with as many members; the application is not told of its
calls. CPU is what Asterisk and the application used, per served call, until one second after the last. Each
ratio is of one of Ramal's rounds to the queue's round next to it: median, and the lowest and highest pair.
The digit's time counts from the end of the key. Absolute numbers depend on the machine and on what else it
does; ratios do so less.

"""


def pair_line(number: int, ours: Round, theirs: Round) -> str:
    """One pair while it is measured."""
    return (
        f"  pair {number}: Ramal {ours.pbx_ms:.1f} + {ours.app_ms:.1f} ms ({ours.served}/{ours.calls}), "
        f"Queue() {theirs.pbx_ms:.1f} ms ({theirs.served}/{theirs.calls}), "
        f"ratio {ours.total_ms / theirs.total_ms:.2f}; digit → INVITE p50 "
        f"{percentile(ours.digit_ms, 0.5):.1f} / {percentile(theirs.digit_ms, 0.5):.1f} ms"
    )


def summary(one: Round) -> dict[str, Any]:
    """A round without its thousands of single values."""
    waits = {
        f"{name}_p{round(100 * share)}_ms": round(percentile(values, share), 3)
        for name, values in (("answer", one.answer_ms), ("digit", one.digit_ms))
        for share in (0.5, 0.95)
        if values
    }
    return {
        "side": one.side,
        "calls": one.calls,
        "served": one.served,
        "pbx_ms": round(one.pbx_ms, 3),
        "app_ms": round(one.app_ms, 3),
        **waits,
    }


def table(figures: Sequence[Figure]) -> str:
    """Markdown, a row per figure."""
    lines = ["| | measured: median (lowest to highest) | must | aim | |", "|---|---|---|---|---|"]
    for figure in figures:
        sign = "≥" if figure.more_is_better else "≤"
        spread = figure.spread
        lines.append(
            f"| {figure.name} | {spread.median:.2f} ({spread.low:.2f} to {spread.high:.2f}) {figure.unit} "
            f"| {sign} {figure.must:g} | {figure.aim:g} | {'met' if figure.met else 'not met'} |"
        )
    return "\n".join(lines)


def page(figures: Sequence[Figure], content: Sequence[dict[str, Any]], pairs: int) -> str:
    """RESULTS.md."""
    parts = [ABOUT.format(pairs=pairs), table(figures), "\n\n![Ratios](RESULTS.svg)\n"]
    for result in content:
        parts.append(f"\n## Rounds with {result['operators']} operators\n\n")
        parts.append(_rounds("Without recording", result["plain"]))
        parts.append(_rounds("Recorded, with real sound", result["recorded"]))
        for ours, theirs in result["passed_per_s"]:
            parts.append(
                f"Passed with 99 % served: Ramal {ours:.0f}, `Queue()` {theirs:.0f} calls per second.\n"
            )
    return "".join(parts)


def _rounds(title: str, rounds: Sequence[dict[str, Any]]) -> str:
    if not rounds:
        return ""
    lines = [
        f"{title}:\n",
        "| side | served | PBX, ms | app, ms | answer p50 / p95, ms | digit p50 / p95, ms |",
        "|---|---|---|---|---|---|",
    ]
    for one in rounds:
        answer, digit = (
            f"{one.get(f'{name}_p50_ms', math.nan):.1f} / {one.get(f'{name}_p95_ms', math.nan):.1f}"
            for name in ("answer", "digit")
        )
        lines.append(
            f"| {one['side']} | {one['served']} of {one['calls']} | {one['pbx_ms']:.1f} "
            f"| {one['app_ms']:.1f} | {answer} | {digit} |"
        )
    return "\n".join(lines) + "\n\n"


def plot(figures: Sequence[Figure]) -> str:
    """Every figure as a bar from its lowest to its highest pair, in units of what it must be (log scale)."""
    height = ROW * len(figures) + 60
    box = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12"'
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="18">in units of what it must be (line); left is better</text>',
        f'<line x1="{_x(1):.1f}" x2="{_x(1):.1f}" y1="26" y2="{height - 30}" stroke="#c0392b"/>',
    ]
    shapes += [
        f'<text x="{_x(mark):.1f}" y="{height - 12}" text-anchor="middle">{mark:g}</text>'
        for mark in (0.25, 0.5, 1, 2, 4)
    ]
    for row, figure in enumerate(figures):
        y = 44 + ROW * row
        low, middle, high = (_x(value) for value in _relative(figure))
        colour = "#27ae60" if figure.met else "#e67e22"
        shapes.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(figure.name)}</text>')
        shapes.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="6"/>'
        )
        shapes.append(f'<circle cx="{middle:.1f}" cy="{y}" r="6" fill="{colour}"/>')
    return "\n".join([*shapes, "</svg>\n"])


def _relative(figure: Figure) -> tuple[float, float, float]:
    """Lowest, median, highest over what must be; turned round where more is better: left is better."""
    spread = figure.spread
    values = [max(value, 1e-9) / figure.must for value in (spread.low, spread.median, spread.high)]
    if figure.more_is_better:
        values = [1 / value for value in reversed(values)]
    return values[0], values[1], values[2]


def _x(relative: float) -> float:
    """Place on the log axis from 1/8 to 8."""
    share = (math.log2(min(8.0, max(0.125, relative))) + 3) / 6
    return LEFT + share * (WIDTH - LEFT - 20)
