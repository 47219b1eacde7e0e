"""From rounds to ratios: each round of Ramal against the queue's round next to it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.calls.rounds import Round, percentile


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and extremes of the pairs."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result: a measure, its spread over the pairs, and what it has to be."""

    name: str
    spread: Spread
    must: float
    aim: float
    unit: str = "times"
    more_is_better: bool = False

    @property
    def met(self) -> bool:
        """Whether the median is as it must be."""
        return self.spread.median >= self.must if self.more_is_better else self.spread.median <= self.must


Pair = tuple[Round, Round]
"""Ramal's round and the queue's after it."""


def cpu_ratio(pairs: Sequence[Pair]) -> Spread:
    """PBX and application together, per call, over the queue's PBX."""
    return Spread.of([ours.total_ms / theirs.total_ms for ours, theirs in pairs])


def app_share(pairs: Sequence[Pair]) -> Spread:
    """The application's part of Ramal's CPU, in percent."""
    return Spread.of([100 * ours.app_ms / ours.total_ms for ours, _ in pairs])


def latency(pairs: Sequence[Pair], of: Callable[[Round], Sequence[float]], share: float) -> Spread:
    """How many milliseconds Ramal is behind the queue at a percentile."""
    return Spread.of([percentile(of(ours), share) - percentile(of(theirs), share) for ours, theirs in pairs])


def latency_ratio(pairs: Sequence[Pair], of: Callable[[Round], Sequence[float]], share: float) -> Spread:
    """The same as a ratio; a queue below a millisecond counts as one."""
    return Spread.of(
        [percentile(of(ours), share) / max(1.0, percentile(of(theirs), share)) for ours, theirs in pairs]
    )


def plain_figures(pairs: Sequence[Pair], operators: int) -> list[Figure]:
    """Issue F's lines for calls that are not recorded."""
    if operators >= 1000:
        return [Figure(f"CPU per call, {operators} operators", cpu_ratio(pairs), 0.9, 0.65)]
    return [
        Figure(f"CPU per call, {operators} operators", cpu_ratio(pairs), 1.3, 1.0),
        Figure("app share of the CPU", app_share(pairs), 15, 7, "%"),
        Figure("digit → operator's INVITE, p50", latency(pairs, _digit, 0.5), 3, 1, "ms more"),
        Figure("digit → operator's INVITE, p95", latency_ratio(pairs, _digit, 0.95), 2, 1),
        Figure("INVITE → answer, p50", latency(pairs, _answer, 0.5), 10, 5, "ms more"),
        Figure("INVITE → answer, p95", latency(pairs, _answer, 0.95), 20, 10, "ms more"),
    ]


def recorded_figure(pairs: Sequence[Pair]) -> Figure:
    """Recorded talks with real sound, against `Queue()` behind `MixMonitor()`."""
    return Figure("CPU per recorded call, real sound", cpu_ratio(pairs), 1.15, 1.0)


def rate_figure(passed: Sequence[tuple[float, float]]) -> Figure:
    """Calls per second that passed, as ratios of (Ramal's, the queue's)."""
    ratios = [ours / theirs for ours, theirs in passed]
    return Figure("calls per second passed", Spread.of(ratios), 0.85, 1.0, more_is_better=True)


def memory_figure(bytes_per_call: float) -> Figure:
    """Memory of the application per waiting call."""
    kilobytes = bytes_per_call / 1000
    return Figure("memory per waiting call (app)", Spread(kilobytes, kilobytes, kilobytes), 30, 10, "kB")


def _digit(one: Round) -> Sequence[float]:
    return one.digit_ms


def _answer(one: Round) -> Sequence[float]:
    return one.answer_ms
