"""What a policy under test sees and answers, and what its day is judged by."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.dialer.world import World


class Call:
    """One attempt; `outcome`, `ring_s` and `verdict_s` are the future only an oracle may read."""

    __slots__ = ("id", "outcome", "ring_s", "seg", "t0", "verdict_s")

    def __init__(self, call_id: int, seg: int, t0: float) -> None:
        self.id, self.seg, self.t0 = call_id, seg, t0
        self.outcome = "noanswer"
        self.ring_s = self.verdict_s = 0.0


class Operator:
    """One seat: `state` is idle, talk, wrap or away, entered at `since`."""

    __slots__ = ("away_for_s", "id", "since", "state")

    def __init__(self, operator_id: int) -> None:
        self.id, self.state, self.since, self.away_for_s = operator_id, "away", 0.0, 0.0


@dataclass(slots=True)
class Floor:
    """What a policy sees each second; the lists are the simulator's own: read them, keep nothing."""

    idle: list[Operator]
    busy: list[Operator]
    ring: list[Call]
    queued: list[Call]
    live: int
    aband: int
    agents: int
    segments_ahead: Callable[[int], list[int]]
    contact_ahead: Callable[[int, float], Call]

    def next_segs(self, k: int) -> list[int]:
        """Segments of the next `k` contacts on the list."""
        return self.segments_ahead(k)


class Policy(Protocol):
    """The calls of a pacing policy under test."""

    def reset(self, cfg: World) -> None: ...
    def on_result(self, now: float, call: Call, result: str, after_s: float) -> None: ...
    def on_agent(self, now: float, agent: Operator, event: str, seconds: float) -> None: ...
    def on_abandon(self, now: float, call: Call) -> None: ...
    def pace(self, now: float, s: Floor) -> int: ...


@dataclass(slots=True)
class Score:
    """What one day came to; shares in percent."""

    occupancy: float = 0.0
    abandoned: float = 0.0
    worst_running: float = 0.0
    ofcom: float = 0.0
    half_hours_over: float = 0.0
    live: int = 0
    dropped: int = 0
    launched: int = 0
    talk_min_per_operator_hour: float = 0.0
    tick_ms: float = 0.0
    tick_p99_ms: float = 0.0
    by_half_hour: list[tuple[int, int]] = field(default_factory=list)
