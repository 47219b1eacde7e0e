"""The rules that look at the floor alone: progressive, power (fixed ratio), and the agentless message."""

from ari_app.pacing.budget import AbandonBudget
from ari_app.pacing.vocabulary import AttemptSettled, CallerAbandoned, Event, Plan, Snapshot


def one_to_one(floor: Snapshot) -> int:
    """Calls that keep one free operator for every call in flight: nobody can be dropped."""
    free = floor.idle - floor.waiting - floor.reserved
    return max(0, min(free - len(floor.ringing_s), len(floor.next_segments)))


class ProgressivePacer:
    """One call per free operator."""

    def apply(self, event: Event, now: float) -> None:
        """Nothing to learn."""

    def tick(self, floor: Snapshot, now: float) -> Plan:  # noqa: ARG002  (one interface for all modes)
        """Launch one call for each free operator without one."""
        return Plan(one_to_one(floor), "progressive", _seen(floor))


class PowerPacer:
    """`ratio` calls per free operator while the abandon budget is open, else one."""

    def __init__(self, ratio: float, budget: AbandonBudget) -> None:
        if ratio < 1.0:
            raise ValueError(f"power pacing: a ratio of {ratio:g} is below 1")
        self._ratio = ratio
        self.budget = budget

    def apply(self, event: Event, now: float) -> None:
        """Count what the cap counts."""
        if isinstance(event, AttemptSettled) and event.outcome == "human":
            self.budget.answered(now)
        elif isinstance(event, CallerAbandoned):
            self.budget.dropped(now)

    def tick(self, floor: Snapshot, now: float) -> Plan:
        """Launch up to the ratio, as long as everyone in flight could be dropped within the cap."""
        free = floor.idle - floor.waiting - floor.reserved
        wanted = int(self._ratio * max(0, free)) - len(floor.ringing_s)
        over = max(0, len(floor.ringing_s) + wanted - free)
        allowance = self.budget.allowance(now, 0.0, 0.0, 0.0)
        reasons = {**_seen(floor), "budget_left": allowance.left, "ratio": self._ratio}
        if not allowance.open or allowance.left < over:
            return Plan(one_to_one(floor), "progressive", reasons)
        return Plan(max(0, min(wanted, len(floor.next_segments))), "power", reasons)


class MessagePacer:
    """Agentless message: as many calls at once as the campaign allows; no operator is needed."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once

    def apply(self, event: Event, now: float) -> None:
        """Nothing to learn."""

    def tick(self, floor: Snapshot, now: float) -> Plan:  # noqa: ARG002  (one interface for all modes)
        """Fill up to the limit; people listening count as `waiting`."""
        room = self._at_once - len(floor.ringing_s) - floor.waiting
        return Plan(max(0, min(room, len(floor.next_segments))), "message", _seen(floor))


class PreviewPacer:
    """Operators start each call themselves, so nothing is ever launched for them."""

    def apply(self, event: Event, now: float) -> None:
        """Nothing to learn."""

    def tick(self, floor: Snapshot, now: float) -> Plan:  # noqa: ARG002  (one interface for all modes)
        """Launch nothing."""
        return Plan(0, "preview", _seen(floor))


def _seen(floor: Snapshot) -> dict[str, float]:
    return {
        "idle": float(floor.idle),
        "waiting": float(floor.waiting),
        "in_flight": float(len(floor.ringing_s)),
        "reserved": float(floor.reserved),
    }
