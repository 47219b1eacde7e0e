"""Callers as the index sees them: in lines, because callers of one demand differ only in their place."""

from dataclasses import dataclass, field

from ari_app.model.ids import CallId, OperatorId
from ari_app.model.routing import QueueRequest
from ari_app.routing.demand import Stage, Standing
from ari_app.routing.ranked import Ranked


@dataclass(slots=True)
class Line:
    """The waiting calls of one standing, oldest first; `row` is its place in the market's columns."""

    standing: Standing
    row: int
    kind: int
    """The row of the demand in the market's matrix of fits."""
    calls: Ranked[CallId] = field(default_factory=Ranked)


@dataclass(slots=True)
class Caller:
    """One call, waiting or offered."""

    call: CallId
    request: QueueRequest
    entered_at: float
    serial: int
    stages: tuple[Stage, ...]
    step: int = 0
    line: Line | None = None
    """Where it waits; None while held for the preferred operator, or offered."""
    hold_until: float = 0.0
    """Until then only the preferred operator is tried (R5)."""
    held: OperatorId | None = None
    """The preferred operator for whom alone it waits now."""
    offered_to: OperatorId | None = None
    counted: bool = False
    """Whether the estimator counts it among the waiting."""
    excluded: dict[OperatorId, float] = field(default_factory=dict)
    """Operators who missed or refused this call, until when they are not offered it again."""
    due: float | None = None
    """When something about this call changes by time alone."""

    def admits(self, operator: OperatorId) -> bool:
        """Whether this call may be offered to this operator, as far as failed offers go."""
        return operator not in self.excluded

    def step_at(self, now: float) -> int:
        """The relaxation step in force at `now`; never earlier than its time (R1)."""
        step = self.step
        while step + 1 < len(self.stages) and now >= self.entered_at + self.stages[step + 1].after_s:
            step += 1
        return step

    def next_due(self) -> float | None:
        """The next time at which a step, the hold or an exclusion is due."""
        times = list(self.excluded.values())
        if self.step + 1 < len(self.stages):
            times.append(self.entered_at + self.stages[self.step + 1].after_s)
        if self.held is not None:
            times.append(self.hold_until)
        return min(times, default=None)
