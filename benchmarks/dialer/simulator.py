"""Plays one outbound day against a pacing policy, event by event, and scores it."""

import heapq
import itertools
import math
import random
import time

from benchmarks.dialer.policy import Call, Floor, Operator, Policy, Score
from benchmarks.dialer.world import Law, World

HALF_HOUR_S = 1800.0


class Simulation:
    """One day of one world with one seed; `run` plays it to the end."""

    def __init__(self, world: World, policy: Policy, seed: int) -> None:
        self.world, self.policy, self._seed = world, policy, seed
        self._list, self._talks = random.Random(f"list{seed}"), random.Random(f"talk{seed}")
        self._people = random.Random(f"people{seed}")
        self._heap: list[tuple[float, int, str, Call | Operator]] = []
        self._order = itertools.count()
        self._segments: list[int] = []
        self._dialled = 0
        self._block_seg, self._block_left = 0, 0
        self.ring: dict[int, Call] = {}
        self.queued: dict[int, Call] = {}
        self.operators = [Operator(i) for i in range(world.operators)]
        self.idle: dict[int, Operator] = {}
        self.busy: dict[int, Operator] = {}
        self.live = self.dropped = self.false_machines = 0
        self.worked_s = self.talked_s = self.present_s = 0.0
        self.half_hours: dict[int, list[int]] = {}
        self.worst_running = 0.0

    def run(self) -> Score:
        """Play the day; the score counts work and presence up to the last second."""
        world = self.world
        self.policy.reset(world)
        self._plan_attendance()
        spent: list[float] = []
        now = 0.0
        while now < world.length_s:
            self._play_until(now)
            floor = Floor(
                list(self.idle.values()),
                list(self.busy.values()),
                list(self.ring.values()),
                list(self.queued.values()),
                self.live,
                self.dropped,
                len(self.idle) + len(self.busy),
                self.segments,
                self.contact_ahead,
            )
            began = time.perf_counter()
            launch = self.policy.pace(now, floor)
            spent.append(time.perf_counter() - began)
            for _ in range(launch):
                self._launch(now)
            self.present_s += len(self.idle) + len(self.busy)
            self.worked_s += len(self.busy)
            self.talked_s += sum(1 for op in self.busy.values() if op.state == "talk")
            now += 1.0
        return self._score(spent)

    def segments(self, k: int) -> list[int]:
        """Segments of the next `k` contacts; the list is drawn on demand and the same for every policy."""
        while len(self._segments) < self._dialled + k:
            self._segments.append(self._draw_segment())
        return self._segments[self._dialled : self._dialled + k]

    # -- the future, drawn -------------------------------------------------------------------------

    def _draw_segment(self) -> int:
        world, rng = self.world, self._list
        if self._block_left == 0:
            self._block_left = world.block_per_operator * world.operators
            self._block_seg = rng.randrange(len(world.segment_rates))
        self._block_left -= 1
        pure = rng.random() < world.segment_purity
        return self._block_seg if pure else rng.randrange(len(world.segment_rates))

    def contact_ahead(self, k: int, now: float) -> Call:
        """The `k`-th next contact's call if it were launched now; only an oracle may look."""
        world = self.world
        seg = self.segments(k + 1)[k]
        call = Call(self._dialled + k, seg, now)
        rng = random.Random(self._seed * 10_000_019 + call.id)
        rate = world.segment_rates[seg]
        for shock in world.shocks:
            if shock.start_s <= now < shock.end_s:
                rate *= shock.factor
        luck, rest = rng.random(), rng.random()
        if luck < min(rate, 0.9):
            call.outcome, call.ring_s = "human", draw(world.ring, rng)
        elif rest < world.machine_share:
            call.outcome, call.ring_s = "machine", draw(world.machine_ring, rng)
        elif rest < world.machine_share + world.busy_share:
            call.outcome, call.ring_s = "busy", draw(world.busy_after, rng)
        elif rest < world.machine_share + world.busy_share + world.sit_share:
            call.outcome, call.ring_s = "sit", draw(world.busy_after, rng)
        if call.outcome == "noanswer" or call.ring_s > world.ring_limit_s:
            call.outcome, call.ring_s = "noanswer", world.ring_limit_s
        call.verdict_s = call.ring_s
        if call.outcome in ("human", "machine") and world.amd:
            call.verdict_s += rng.uniform(*world.amd_s)
        return call

    def _launch(self, now: float) -> None:
        call = self.contact_ahead(0, now)
        self._dialled += 1
        self.ring[call.id] = call
        self._at(now + call.ring_s, "answer", call)

    def _plan_attendance(self) -> None:
        world, rng = self.world, self._people
        for op in self.operators:
            late = rng.uniform(0, 1800) if rng.random() < world.late_share else 0.0
            self._at(late, "join", op)
            if rng.random() < world.early_leaver_share:
                self._at(world.length_s - rng.uniform(0, 3600), "leave", op)
        for wave in world.waves:
            for op in rng.sample(self.operators, round(wave.share * len(self.operators))):
                op_at = wave.at_s + rng.uniform(0, 120)
                self._at(op_at, f"break {wave.length_s}", op)

    # -- events ------------------------------------------------------------------------------------

    def _at(self, when: float, kind: str, what: Call | Operator) -> None:
        heapq.heappush(self._heap, (when, next(self._order), kind, what))

    def _play_until(self, now: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= now:
            when, _, kind, what = heapq.heappop(heap)
            if isinstance(what, Call):
                self._call_event(when, kind, what)
            else:
                self._operator_event(when, kind, what)

    def _call_event(self, now: float, kind: str, call: Call) -> None:
        world = self.world
        if kind == "drop":
            if self.queued.pop(call.id, None) is not None:
                self._count(now, dropped=1)
                self.policy.on_abandon(now, call)
        elif kind == "answer":
            early = world.reported == "answer" and call.outcome == "human"
            if call.outcome not in ("human", "machine") or early:
                self.ring.pop(call.id)
                self.policy.on_result(now, call, call.outcome, now - call.t0)
            if call.outcome in ("human", "machine"):
                self._at(call.t0 + call.verdict_s, "verdict", call)
        else:
            self._verdict(now, call)

    def _verdict(self, now: float, call: Call) -> None:
        world = self.world
        fooled = call.outcome == "human" and world.amd and self._talks.random() < world.amd_false_share
        reported = "machine" if fooled or (call.outcome == "machine" and world.amd) else "human"
        self.false_machines += fooled
        if self.ring.pop(call.id, None) is not None:
            self.policy.on_result(now, call, reported, now - call.t0)
        if reported == "machine":
            return
        self._count(now, live=1)
        if self.idle:
            self._connect(now, next(iter(self.idle.values())), call)
            return
        self.queued[call.id] = call
        patience = world.grace_s
        if world.hang_up_per_s:
            patience = min(patience, self._talks.expovariate(world.hang_up_per_s))
        self._at(now + patience, "drop", call)

    def _operator_event(self, now: float, kind: str, op: Operator) -> None:
        if kind == "talk_end":
            self.policy.on_agent(now, op, "talk_end", now - op.since)
            op.state, op.since = "wrap", now
            self._at(now + draw(self.world.wrap, self._talks), "wrap_end", op)
        elif kind == "wrap_end":
            self.policy.on_agent(now, op, "wrap_end", now - op.since)
            del self.busy[op.id]
            self._free(now, op)
        elif kind in ("join", "return"):
            if op.state == "away" and op.away_for_s < math.inf:
                op.away_for_s = 0.0
                self._free(now, op)
        elif op.state != "away":
            op.away_for_s = math.inf if kind == "leave" else float(kind.split()[1])
            if op.state == "idle":
                del self.idle[op.id]
                self._free(now, op)

    def _free(self, now: float, op: Operator) -> None:
        op.since = now
        if op.away_for_s:
            op.state = "away"
            if op.away_for_s < math.inf:
                self._at(now + op.away_for_s, "return", op)
            return
        op.state = "idle"
        self.idle[op.id] = op
        if self.queued:
            self._connect(now, op, self.queued.pop(next(iter(self.queued))))

    def _connect(self, now: float, op: Operator, call: Call) -> None:
        world = self.world
        del self.idle[op.id]
        op.state, op.since = "talk", now
        self.busy[op.id] = op
        if call.outcome == "machine":
            talk_s = self._talks.uniform(4, 9)
        else:
            drift = now / world.length_s * (world.talk_end_mean_s - world.talk.mean_s)
            law = Law(world.talk.mean_s + drift, world.talk.shape, world.talk.cv)
            talk_s = draw(law, self._talks)
        self._at(now + talk_s, "talk_end", op)

    def _count(self, now: float, live: int = 0, dropped: int = 0) -> None:
        self.live += live
        self.dropped += dropped
        row = self.half_hours.setdefault(int(now // HALF_HOUR_S), [0, 0])
        row[0] += live
        row[1] += dropped
        if dropped and self.live >= 100:
            self.worst_running = max(self.worst_running, 100 * self.dropped / self.live)

    def _score(self, spent: list[float]) -> Score:
        rows = [(row[0], row[1]) for _, row in sorted(self.half_hours.items()) if row[0]]
        over = sum(1 for live, dropped in rows if dropped > 0.03 * live)
        spent.sort()
        return Score(
            occupancy=100 * self.worked_s / max(1.0, self.present_s),
            abandoned=100 * self.dropped / max(1, self.live),
            worst_running=self.worst_running,
            ofcom=100 * (self.dropped + self.false_machines) / max(1, self.live + self.false_machines),
            half_hours_over=100 * over / max(1, len(rows)),
            live=self.live,
            dropped=self.dropped,
            launched=self._dialled,
            talk_min_per_operator_hour=60 * self.talked_s / max(1.0, self.present_s),
            tick_ms=1000 * sum(spent) / len(spent),
            tick_p99_ms=1000 * spent[int(0.99 * len(spent))],
            by_half_hour=rows,
        )


def draw(law: Law, rng: random.Random) -> float:
    """One duration in seconds."""
    match law.shape:
        case "exponential":
            return rng.expovariate(1 / law.mean_s)
        case "gamma":
            shape = 1 / law.cv**2
            return rng.gammavariate(shape, law.mean_s / shape)
        case "uniform":
            half = law.cv * math.sqrt(3)
            return law.mean_s * rng.uniform(max(0.0, 1 - half), 1 + half)
        case "lognormal":
            var = math.log(1 + law.cv**2)
            return rng.lognormvariate(math.log(law.mean_s) - var / 2, math.sqrt(var))
