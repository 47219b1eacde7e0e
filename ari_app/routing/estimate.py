"""A caller's position and an honest estimate of the waiting time, whose own error is measured (C12).

Throughput is counted only while somebody waits, because an empty line says nothing of how fast it could move.
With n callers ahead, calls started at rate m and each waiting caller giving up at rate a, the expected wait
is the sum of 1 / (m + i a) for i = 0..n (Whitt, *Predicting Queueing Delays*, Management Science 45, 1999).
The outcome of each estimate corrects the following ones.
"""

import math
from dataclasses import dataclass, field

from ari_app.model.ids import CallId, QueueId
from ari_app.routing.callers import Caller

_MEMORY_S = 600.0
_PRIOR_S = 120.0
"""Seconds of observation that the first guess of the throughput weighs."""
_BUCKET_S = 10.0
_PRIOR_RATIO = 10.0
"""Outcomes that the assumption of an unbiased estimate weighs."""
_FIRST_ERROR = 0.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """What may be announced to a caller."""

    position: int
    """1: next of the queue, by priority and time of entering."""
    wait_s: float | None
    """Expected remaining wait; None while nobody signed in fits, and no honest number exists."""
    error: float
    """Mean absolute error of late estimates ÷ the wait estimated: 0.3 means give or take 30 %."""
    outcomes: float
    """How many recent outcomes that error rests on."""


@dataclass(slots=True)
class _Queue:
    """Decayed counts of one queue, and who waits in it."""

    at: float
    starts: float = 0.0
    lefts: float = 0.0
    busy_s: float = 0.0
    """Seconds with somebody waiting."""
    waited_s: float = 0.0
    """Caller-seconds of waiting."""
    waiting: int = 0
    expected: float = 0.0
    actual: float = 0.0
    missed: float = 0.0
    outcomes: float = 0.0
    buckets: dict[tuple[int, int], dict[CallId, tuple[float, int]]] = field(default_factory=dict)

    def advance(self, now: float) -> None:
        spent = now - self.at
        if spent <= 0:
            return
        self.at = now
        kept = math.exp(-spent / _MEMORY_S)
        self.starts *= kept
        self.lefts *= kept
        self.busy_s = self.busy_s * kept + (spent if self.waiting else 0.0)
        self.waited_s = self.waited_s * kept + spent * self.waiting

    def ahead(self, caller: Caller) -> int:
        """Callers of the queue who stand before this one: O(minutes of waiting)."""
        mine = self._bucket(caller)
        place = (caller.entered_at, caller.serial)
        before = sum(len(calls) for bucket, calls in self.buckets.items() if bucket < mine)
        return before + sum(1 for other in self.buckets.get(mine, {}).values() if other < place)

    @staticmethod
    def _bucket(caller: Caller) -> tuple[int, int]:
        return (-caller.request.priority, int(caller.entered_at // _BUCKET_S))

    def add(self, caller: Caller) -> None:
        self.buckets.setdefault(self._bucket(caller), {})[caller.call] = (caller.entered_at, caller.serial)
        self.waiting += 1

    def remove(self, caller: Caller) -> None:
        key = self._bucket(caller)
        calls = self.buckets[key]
        del calls[caller.call]
        if not calls:
            del self.buckets[key]
        self.waiting -= 1


class Estimator:
    """Follows the lines and predicts them; owned and fed by the index."""

    def __init__(self) -> None:
        self._queues: dict[QueueId, _Queue] = {}
        self._told: dict[CallId, tuple[float, float]] = {}

    def _queue(self, caller: Caller, now: float) -> _Queue:
        name = caller.request.queue
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = _Queue(now)
        queue.advance(now)
        return queue

    def joined(self, caller: Caller, now: float) -> None:
        """The caller waits (again); callers who find an operator at once are never counted."""
        caller.counted = True
        self._queue(caller, now).add(caller)

    def left(self, caller: Caller, now: float) -> None:
        """The caller waits no more, without an operator."""
        if caller.counted:
            caller.counted = False
            queue = self._queue(caller, now)
            queue.remove(caller)
            queue.lefts += 1.0
            self._told.pop(caller.call, None)

    def started(self, caller: Caller, now: float) -> None:
        """The caller was given an operator."""
        if not caller.counted:
            return
        caller.counted = False
        queue = self._queue(caller, now)
        queue.remove(caller)
        queue.starts += 1.0
        told = self._told.pop(caller.call, None)
        if told is not None:
            at, expected = told
            kept = 1.0 - 1.0 / 200.0
            queue.expected = queue.expected * kept + expected
            queue.actual = queue.actual * kept + (now - at)
            queue.missed = queue.missed * kept + abs(now - at - expected)
            queue.outcomes = queue.outcomes * kept + 1.0

    def estimate(self, caller: Caller, operators: float, handled_s: float, now: float) -> Estimate:
        """Position and wait of a waiting caller; `operators` fit, and take `handled_s` for each contact."""
        queue = self._queue(caller, now)
        ahead = queue.ahead(caller)
        error = (queue.missed + _PRIOR_RATIO * _FIRST_ERROR * 30.0) / (queue.expected + _PRIOR_RATIO * 30.0)
        if operators <= 0:
            return Estimate(ahead + 1, None, error, queue.outcomes)
        first = operators / max(handled_s, 1.0)
        rate = (queue.starts + first * _PRIOR_S) / (queue.busy_s + _PRIOR_S)
        giving_up = queue.lefts / (queue.waited_s + _PRIOR_S)
        ratio = (queue.actual + _PRIOR_RATIO * 30.0) / (queue.expected + _PRIOR_RATIO * 30.0)
        wait_s = _drain_s(ahead + 1, rate, giving_up) * min(max(ratio, 0.3), 3.0)
        self._told.setdefault(caller.call, (now, wait_s))
        return Estimate(ahead + 1, wait_s, error, queue.outcomes)


def _drain_s(steps: int, rate: float, giving_up: float) -> float:
    """Sum of 1 / (rate + i giving_up) for i < steps: exact up to 64, then by its integral."""
    exact = min(steps, 64)
    total = sum(1.0 / (rate + i * giving_up) for i in range(exact))
    if steps > exact:
        low, high = rate + (exact - 0.5) * giving_up, rate + (steps - 0.5) * giving_up
        total += math.log(high / low) / giving_up if giving_up > 1e-12 else (steps - exact) / rate
    return total
