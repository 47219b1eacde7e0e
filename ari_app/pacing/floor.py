"""The campaign's floor, kept from events: who is free, who talks, what rings; yields `Snapshot`s.

The dialer tells what happened, in order; the durations the predictive rule learns from are worked
out here. An event that cannot be (a talk ended by an operator who was not talking) raises: the
dialer would be counting wrongly.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from ari_app.pacing.vocabulary import (
    AttemptSettled,
    CallerAbandoned,
    Event,
    Outcome,
    Snapshot,
    TalkEnded,
    WrapEnded,
)

Attempt: TypeAlias = Hashable
Seat: TypeAlias = Hashable


@dataclass(frozen=True, slots=True)
class Placed:
    """An attempt was originated; `segment` is the list segment of its contact, from 0."""

    attempt: Attempt
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt has its outcome; after `human` the caller waits until `Connected` or `Abandoned`."""

    attempt: Attempt
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Connected:
    """A waiting caller was given to an operator."""

    attempt: Attempt
    operator: Seat


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A waiting caller hung up or heard the safe-harbour message: nobody was there in time."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An attempt that was told as placed was not dialled after all: nothing is learned from it."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class HungUp:
    """A waiting caller, or one who listened to a message, left before an operator was due: no drop."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class OperatorReady:
    """An operator is free for this campaign: signed in, back from a pause, or done wrapping up."""

    operator: Seat


@dataclass(frozen=True, slots=True)
class OperatorWrapping:
    """The conversation ended and wrap-up began."""

    operator: Seat


@dataclass(frozen=True, slots=True)
class OperatorGone:
    """An operator left, paused, or took a call from elsewhere."""

    operator: Seat


FloorEvent: TypeAlias = (
    Placed
    | Settled
    | Withdrawn
    | Connected
    | Abandoned
    | HungUp
    | OperatorReady
    | OperatorWrapping
    | OperatorGone
)


class ImpossibleEventError(ValueError):
    """An event contradicts the floor as told so far."""


class CampaignFloor:
    """Single source of what the pacing sees; one writer applies events in order."""

    def __init__(self) -> None:
        self._ringing: dict[Attempt, tuple[int, float]] = {}
        self._waiting: dict[Attempt, float] = {}
        self._operators: dict[Seat, tuple[Literal["idle", "talk", "wrap"], float]] = {}

    def apply(self, event: FloorEvent, now: float) -> Event | None:
        """Take in one event; what the rule can learn from it, if anything.

        Raises:
            ImpossibleEventError: the attempt or operator is not in a state this can happen in.

        """
        match event:
            case Placed(attempt, segment):
                if attempt in self._ringing or attempt in self._waiting:
                    raise ImpossibleEventError(f"attempt {attempt!r} was placed twice")
                self._ringing[attempt] = (segment, now)
                return None
            case Settled(attempt, outcome):
                return self._settle(attempt, outcome, now)
            case Withdrawn(attempt):
                if self._ringing.pop(attempt, None) is None:
                    raise ImpossibleEventError(f"attempt {attempt!r} was withdrawn but was not ringing")
                return None
            case HungUp(attempt):
                self._take(self._waiting, attempt, "waiting")
                return None
            case Connected(attempt, operator):
                self._take(self._waiting, attempt, "waiting")
                self._operators[operator] = ("talk", now)
                return None
            case Abandoned(attempt):
                return CallerAbandoned(now - self._take(self._waiting, attempt, "waiting"))
            case OperatorReady() | OperatorWrapping() | OperatorGone():
                return self._move(event, now)
            case _:
                assert_never(event)

    def snapshot(
        self, now: float, next_segments: Sequence[int], reserved: int = 0, inbound_per_s: float = 0.0
    ) -> Snapshot:
        """The floor at `now`."""
        talking: list[float] = []
        wrapping: list[float] = []
        idle = 0
        for state, since in self._operators.values():
            if state == "idle":
                idle += 1
            else:
                (talking if state == "talk" else wrapping).append(now - since)
        return Snapshot(
            idle=idle,
            waiting=len(self._waiting),
            talking_s=talking,
            wrapping_s=wrapping,
            ringing_s=[now - placed_at for _, placed_at in self._ringing.values()],
            ringing_segments=[segment for segment, _ in self._ringing.values()],
            next_segments=next_segments,
            reserved=reserved,
            inbound_per_s=inbound_per_s,
        )

    def operators(self) -> int:
        """Operators in the campaign now, busy ones included."""
        return len(self._operators)

    def _settle(self, attempt: Attempt, outcome: Outcome, now: float) -> Event:
        if attempt not in self._ringing:
            raise ImpossibleEventError(f"attempt {attempt!r} settled but was not ringing")
        segment, placed_at = self._ringing.pop(attempt)
        if outcome == "human":
            self._waiting[attempt] = now
        return AttemptSettled(segment, placed_at, outcome, now - placed_at)

    def _move(self, event: OperatorReady | OperatorWrapping | OperatorGone, now: float) -> Event | None:
        state, since = self._operators.get(event.operator, ("idle", now))
        if isinstance(event, OperatorWrapping):
            if state != "talk":
                raise ImpossibleEventError(f"operator {event.operator!r} wraps up without having talked")
            self._operators[event.operator] = ("wrap", now)
            return TalkEnded(now - since)
        if isinstance(event, OperatorGone):
            self._operators.pop(event.operator, None)
        else:
            self._operators[event.operator] = ("idle", since if state == "idle" else now)
        if state == "wrap":
            return WrapEnded(now - since)
        return TalkEnded(now - since) if state == "talk" else None

    @staticmethod
    def _take(where: dict[Attempt, float], attempt: Attempt, state: str) -> float:
        if attempt not in where:
            raise ImpossibleEventError(f"attempt {attempt!r} is not {state}")
        return where.pop(attempt)
