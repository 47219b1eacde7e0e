"""Counts over a rolling legal window, kept in bins so that thirty days cost a few kilobytes."""

from collections import deque
from dataclasses import dataclass, field

BIN_S = 900.0


@dataclass(slots=True)
class RollingShare:
    """Counts of all and of some over the last `window_s` seconds, in bins of a quarter of an hour."""

    window_s: float
    all: float = 0.0
    some: float = 0.0
    _bins: deque[list[float]] = field(default_factory=deque)

    def add(self, now: float, every: float = 0.0, some: float = 0.0) -> None:
        """Count into the bin of `now`; a `now` before the latest bin counts into that bin."""
        self.expire(now)
        start = now // BIN_S * BIN_S
        if not self._bins or start > self._bins[-1][0]:
            self._bins.append([start, 0.0, 0.0])
        self._bins[-1][1] += every
        self._bins[-1][2] += some
        self.all += every
        self.some += some

    def expire(self, now: float) -> None:
        """Forget bins that lie wholly before the window."""
        while self._bins and self._bins[0][0] + BIN_S <= now - self.window_s:
            _, every, some = self._bins.popleft()
            self.all -= every
            self.some -= some

    @property
    def share(self) -> float:
        """`some` / `all`; 0 before anything was counted."""
        return self.some / self.all if self.all else 0.0
