"""The words of pacing: what happened, what the floor looks like now, and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["human", "machine", "no_answer", "busy", "failed"]
"""How an attempt ended; only `human` needs an operator."""


@dataclass(frozen=True, slots=True)
class AttemptSettled:
    """An attempt placed at `placed_at` got its final outcome `after_s` seconds later."""

    segment: int
    placed_at: float
    outcome: Outcome
    after_s: float


@dataclass(frozen=True, slots=True)
class CallerAbandoned:
    """A live caller was not connected within the legal grace; counted once per caller."""

    waited_s: float | None = None


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """An operator's conversation ended after `talk_s` seconds; wrap-up begins."""

    talk_s: float


@dataclass(frozen=True, slots=True)
class WrapEnded:
    """An operator finished wrapping up after `wrap_s` seconds."""

    wrap_s: float


Event: TypeAlias = AttemptSettled | CallerAbandoned | TalkEnded | WrapEnded


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The floor of one campaign at one instant, as its single writer sees it.

    Ages are seconds since the present state began. `waiting` are live callers without an operator.
    `reserved` operators are kept out of the campaign (inbound first, R14); `inbound_per_s` is the
    expected rate of inbound callers who will take operators from it.
    `next_segments` are the list segments of the contacts that would be dialled next, in order, and
    bound how many can be launched.
    """

    idle: int
    waiting: int
    talking_s: Sequence[float]
    wrapping_s: Sequence[float]
    ringing_s: Sequence[float]
    ringing_segments: Sequence[int]
    next_segments: Sequence[int]
    reserved: int = 0
    inbound_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many attempts to launch now, the rule that decided, and the numbers behind it."""

    launch: int
    rule: str
    reasons: Mapping[str, float] = field(default_factory=dict)

    def explain(self) -> str:
        """One line for people: why this many were dialled."""
        numbers = ", ".join(f"{name}={value:.4g}" for name, value in self.reasons.items())
        return f"launch {self.launch} ({self.rule}): {numbers}"
