"""What the toll gate counts: calls at once and money of operators and trunks."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field

from ari_app.model.ids import CallId, OperatorId

WINDOW_S = 86_400.0
"""Caps count what was spent in this time, rolling."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one call holds, or (`ended`) has cost: for a book that outlives us."""

    call: CallId
    at: float
    money: float
    operator: OperatorId | None
    trunk: str
    ended: bool
    per_minute: float = 0.0
    longest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a call that was allowed before a restart may still do."""

    asked_at: float
    longest_s: float


@dataclass(slots=True)
class Account:
    """Calls at once and money of one operator or one trunk."""

    running: int = 0
    held: float = 0.0
    spent: deque[tuple[float, float]] = field(default_factory=deque)
    """When, and how much; `total` is their sum."""
    total: float = 0.0

    def spend(self, at: float, money: float) -> None:
        self.spent.append((at, money))
        self.total += money

    def take_back(self, at: float, money: float) -> None:
        with contextlib.suppress(ValueError):  # a day old: it does not count any more
            self.spent.remove((at, money))
            self.total -= money

    def left(self, cap: float, now: float) -> float:
        while self.spent and self.spent[0][0] <= now - WINDOW_S:
            self.total -= self.spent.popleft()[1]
        if not self.spent:
            self.total = 0.0
        return cap - self.held - self.total


@dataclass(frozen=True, slots=True)
class TrunkRoom:
    """What a trunk carries, and what it has spent and holds in 24 hours, beside what it may."""

    calls: int
    most_calls: int
    spent: float
    most_spent: float
