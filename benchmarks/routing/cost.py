"""What one decision costs at 10,000 operators and 100,000 waiting calls."""

import random
import resource
import time
from dataclasses import dataclass

import numpy as np

from ari_app.model.ids import CallId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, RelaxStep, SkillNeed
from ari_app.routing import events as ev
from ari_app.routing.index import RoutingIndex

OPERATORS = 10_000
WAITING = 100_000
TOPICS = 24
ROUNDS = 5
"""Of so many rounds the quietest is reported: neighbours on the machine slow even processor time."""
_LACKED = 4
"""Topics nobody there knows, in which calls wait while operators of the others idle."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of one kind of event, in µs (of the process, so that neighbours do not count)."""

    name: str
    median: float
    p99: float
    worst: float
    count: int


def _skills(draw: random.Random) -> dict[SkillId, int]:
    topics = draw.sample(range(_LACKED, TOPICS), draw.choice((1, 2, 2, 3)))
    return {SkillId(f"topic{topic}"): draw.randint(1, 5) for topic in topics}


def _request(draw: random.Random, topics: range) -> QueueRequest:
    topic = draw.choice(topics)
    skill = SkillId(f"topic{topic}")
    steps = (RelaxStep(300.0, (SkillNeed(skill, 1),)),)
    level = 1 if topic % 2 else 2
    priority = int(draw.random() < 0.1)
    return QueueRequest(QueueId(f"queue{topic}"), (SkillNeed(skill, level),), steps, priority)


class _Bench:
    def __init__(self, operators: int, waiting: int, *, trace: bool) -> None:
        self.draw = random.Random(1)
        self.index = RoutingIndex(trace=trace)
        self.skills = {OperatorId(f"o{n}"): _skills(self.draw) for n in range(operators)}
        self.now = 0.0
        for operator, skills in self.skills.items():
            self.apply(ev.OperatorAvailable(operator, skills, 0.0))
        self.waiting = [CallId(f"w{n}") for n in range(waiting)]
        for n, call in enumerate(self.waiting):
            self.now = n * 1e-3
            self.apply(ev.CallerWaiting(call, _request(self.draw, range(_LACKED)), self.now))
        self.calls = waiting

    def apply(self, event: ev.Event) -> tuple[float, int]:
        start = time.thread_time_ns()
        decisions = self.index.apply(event, self.now)
        return (time.thread_time_ns() - start) / 1000, len(decisions)

    def arrivals(self, count: int, name: str) -> Cost:
        """Calls for topics which the idle know: each is decided on arrival; the operator is freed again."""
        taken = []
        for _ in range(count):
            self.now += 0.01
            self.calls += 1
            call = CallId(f"c{self.calls}")
            event = ev.CallerWaiting(call, _request(self.draw, range(_LACKED, TOPICS)), self.now)
            start = time.thread_time_ns()
            decisions = self.index.apply(event, self.now)
            taken.append((time.thread_time_ns() - start) / 1000)
            (one,) = decisions
            self.apply(ev.OfferAnswered(call, one.operator))
            self.apply(ev.ContactEnded(one.operator, self.draw.lognormvariate(5, 0.5)))
            self.apply(ev.OperatorAvailable(one.operator, self.skills[one.operator], self.now))
        return _cost(name, taken)

    def joins(self, count: int) -> Cost:
        """Calls for topics which nobody idle knows: they join the waiting."""
        taken = []
        for _ in range(count):
            self.now += 0.001
            self.calls += 1
            call = CallId(f"c{self.calls}")
            taken.append(self.apply(ev.CallerWaiting(call, _request(self.draw, range(_LACKED)), self.now))[0])
        return _cost("arrival, nobody idle fits", taken)

    def frees(self, count: int, name: str) -> Cost:
        """An operator who knows the lacked topics becomes free with 100,000 waiting."""
        taken = []
        for n in range(count):
            self.now += 0.01
            skills = {SkillId(f"topic{topic}"): 5 for topic in self.draw.sample(range(_LACKED), 2)}
            event = ev.OperatorAvailable(OperatorId(f"new{n}"), skills, self.now)
            spent, decided = self.apply(event)
            assert decided == 1
            taken.append(spent)
        return _cost(name, taken)


def _cost(name: str, taken: list[float]) -> Cost:
    taken.sort()
    return Cost(name, taken[len(taken) // 2], taken[int(len(taken) * 0.99)], taken[-1], len(taken))


def _reference() -> Cost:
    """Three vector operations on 16 numbers: 2.3 µs on an idle core of the machine this was written on."""
    numbers, rows, taken = np.ones(16), np.arange(16), []
    for _ in range(2000):
        start = time.thread_time_ns()
        (numbers - numbers[rows]).argmax()
        taken.append((time.thread_time_ns() - start) / 1000)
    return _cost("for scale: three vector operations on 16 numbers", taken)


def _quietest(rounds: list[Cost]) -> Cost:
    return min(rounds, key=lambda one: one.p99)


def measure(
    operators: int = OPERATORS, waiting: int = WAITING, count: int = 4000
) -> tuple[list[Cost], float]:
    """Costs without and with trace, and the peak memory of this process in MB."""
    plain = _Bench(operators, waiting, trace=False)
    plain.arrivals(count // 4, "warm-up: until every topic has shown its load")
    each = count // ROUNDS
    costs = [
        _quietest([plain.arrivals(each, "arrival, decided") for _ in range(ROUNDS)]),
        _quietest([plain.joins(each) for _ in range(ROUNDS)]),
        _quietest([plain.frees(each, "operator freed, decided") for _ in range(ROUNDS)]),
    ]
    del plain
    traced = _Bench(operators, waiting, trace=True)
    traced.arrivals(count // 8, "warm-up")
    each //= 4
    costs += [
        _quietest([traced.arrivals(each, "arrival, decided, with trace") for _ in range(ROUNDS)]),
        _quietest([traced.frees(each, "operator freed, decided, with trace") for _ in range(ROUNDS)]),
    ]
    costs.append(_quietest([_reference() for _ in range(ROUNDS)]))
    return costs, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    found, memory_mb = measure()
    for one in found:
        print(f"{one.name:40} median {one.median:7.1f}  p99 {one.p99:7.1f}  worst {one.worst:8.1f} µs")
    print(f"peak memory {memory_mb:.0f} MB")
