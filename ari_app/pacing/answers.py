"""When, and whether, calls in flight will be answered by a person.

Two things are learned apart. Slowly: each list segment's answer rate and the shapes of the ring
times, counted by launch cohort, that is only once every call launched in the same second has had
time to settle; counting results as they arrive is biased, because quick failures arrive first.
Fast: a common multiplier of the answer rate, followed by a hidden Markov filter over a few levels.
Every call in flight feeds it each second, through the hazard it has survived so far.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

AGES = 64
"""Ring ages kept apart, one second each; older calls count as this old."""
SETTLED_AFTER_S = 50.0
SEGMENTS_MOST = 32
"""Each segment costs half a megabyte of tables and needs its own evidence."""
REBUILD_EVERY = 20
LEVELS: Floats = 2.0 ** np.arange(-2.0, 2.25, 0.5)
TOP_CHANCE = 0.92


class AnswerModel:
    """Posterior answer chances per segment, ring age and level of the answer-rate multiplier."""

    def __init__(self, steps: int, prior_rate: float = 0.25, segments: int = 1) -> None:
        self._steps = steps
        self._prior_rate = prior_rate
        self._humans: list[float] = []
        self._tries: list[float] = []
        ages = np.arange(AGES + 1, dtype=np.float64)
        self._human_ring: Floats = 3.0 * _gamma4(ages)
        self._other_ring: Floats = 3.0 * np.full(AGES + 1, 1.0 / (AGES / 2)) * (ages < AGES / 2)
        spread = np.exp(-0.5 * (np.log2(LEVELS) / 0.8) ** 2)
        self._rest: Floats = spread / spread.sum()
        self.weights: Floats = self._rest.copy()
        self._multiplier = float(self.weights @ LEVELS)
        self._moves = self._transition(1.0)
        self._cohorts: dict[int, list[tuple[int, bool, float, float]]] = defaultdict(list)
        self._evidence: Floats = np.zeros(len(LEVELS))
        self._counts: Floats = np.zeros(0)
        self._turn = 0
        self._grow(max(1, segments))

    # -- learning ----------------------------------------------------------------------------------

    def settled(self, segment: int, placed_at: float, after_s: float, now: float, *, human: bool) -> None:
        """One attempt settled; its segment may be new.

        Raises:
            ValueError: a segment outside 0 to `SEGMENTS_MOST` - 1.

        """
        self._grow(segment + 1)
        row = (segment, human, after_s, self.multiplier())
        if now - placed_at >= SETTLED_AFTER_S:
            self._learn(row)
        else:
            self._cohorts[int(placed_at)].append(row)
        age = min(AGES, max(0, math.ceil(after_s) - 1))
        self._evidence += self._log_human[segment] if human else self._log_other[segment]
        self._evidence -= self._log_survival[segment, age]

    def see(self, ages_s: Sequence[float], segments: Sequence[int], now: float, elapsed_s: float) -> None:
        """Take in the calls in flight now; they have survived `elapsed_s` more seconds."""
        if len(segments):
            self._grow(int(max(segments)) + 1)
        self._flush(now)
        self._tables_in_turn()
        size = len(self._humans)
        if len(ages_s):
            ages = np.minimum(np.rint(np.asarray(ages_s, dtype=np.float64)), AGES - 1).astype(np.intp)
            flat = np.asarray(segments, dtype=np.intp) * AGES + np.maximum(ages, 0)
            self._counts = np.bincount(flat, minlength=size * AGES).astype(np.float64)
        else:
            self._counts = np.zeros(size * AGES)
        if elapsed_s > 0.0:
            self._filter(elapsed_s)

    def _filter(self, elapsed_s: float) -> None:
        survived = self._counts @ self._log_step.reshape(-1, len(LEVELS)) * min(elapsed_s, 3.0)
        likelihood = self._evidence + survived
        self._evidence = np.zeros(len(LEVELS))
        weights = self.weights @ (self._moves if elapsed_s == 1.0 else self._transition(elapsed_s))
        weights = weights * np.exp(likelihood - likelihood.max())
        self.weights = weights / weights.sum()
        self._multiplier = float(self.weights @ LEVELS)

    def _transition(self, elapsed_s: float) -> Floats:
        size = len(LEVELS)
        jump = 1.0 - np.exp(-elapsed_s / 1500.0)
        drift = min(0.3, elapsed_s / 400.0)
        step: Floats = np.eye(size) * (1.0 - drift)
        for i in range(size):
            for j in (i - 1, i + 1):
                step[i, min(max(j, 0), size - 1)] += drift / 2
        moves: Floats = (1.0 - jump) * step + jump * self._rest[None, :]
        return moves

    def _flush(self, now: float) -> None:
        limit = int(now - SETTLED_AFTER_S)
        for second in [s for s in self._cohorts if s < limit]:
            for row in self._cohorts.pop(second):
                self._learn(row)

    def _learn(self, row: tuple[int, bool, float, float]) -> None:
        segment, human, after_s, multiplier = row
        fade = 0.9995
        self._tries[segment] = self._tries[segment] * fade + multiplier
        self._humans[segment] = self._humans[segment] * fade + human
        ring = self._human_ring if human else self._other_ring
        ring *= 0.999
        ring[min(AGES, max(0, math.ceil(after_s) - 1))] += 1.0

    # -- tables ------------------------------------------------------------------------------------

    def _grow(self, segments: int) -> None:
        if segments <= len(self._humans):
            return
        if segments > SEGMENTS_MOST:
            raise ValueError(f"list segment {segments - 1} is not 0 to {SEGMENTS_MOST - 1}")
        while len(self._humans) < segments:
            self._humans.append(0.0)
            self._tries.append(0.0)
        shape = (segments, AGES)
        self._log_human = np.zeros((segments, len(LEVELS)))
        self._log_other = np.zeros((segments, len(LEVELS)))
        self._log_survival = np.zeros((segments, AGES + 1, len(LEVELS)))
        self._log_step = np.zeros((*shape, len(LEVELS)))
        width = self._steps * len(LEVELS)
        self._ahead: Floats = np.zeros((segments * AGES, 3 * width))
        self.fresh: Floats = np.zeros((segments, 3 * width))
        for segment in range(segments):
            self._table(segment)

    def _tables_in_turn(self) -> None:
        self._turn += 1
        if self._turn % REBUILD_EVERY == 0:
            self._table((self._turn // REBUILD_EVERY) % len(self._humans))

    def rate(self, segment: int) -> float:
        """Long-run chance that a call in this segment is answered by a person."""
        humans, tries = sum(self._humans), sum(self._tries)
        pooled = (humans + 8.0 * self._prior_rate) / (tries + 8.0)
        own = (self._humans[segment] + 20.0 * pooled) / (self._tries[segment] + 20.0)
        return min(own, TOP_CHANCE)

    def multiplier(self) -> float:
        """Expected multiplier of the answer rate now."""
        return self._multiplier

    def _table(self, segment: int) -> None:
        human, other = _survival(self._human_ring), _survival(self._other_ring)
        chance = np.minimum(self.rate(segment) * LEVELS, TOP_CHANCE)
        self._log_human[segment] = np.log(chance)
        self._log_other[segment] = np.log(1.0 - chance)
        survival = chance[None, :] * human[:, None] + (1.0 - chance[None, :]) * other[:, None]
        survival = np.maximum(survival, 1e-6)
        log_survival = np.log(survival)
        self._log_survival[segment] = log_survival
        self._log_step[segment, 1:] = np.diff(log_survival[:AGES], axis=0)
        later = np.minimum(np.arange(AGES)[:, None] + np.arange(1, self._steps + 1)[None, :], AGES)
        gone = human[:AGES, None] - human[later]
        by = gone[:, :, None] * (chance[None, :] / survival[:AGES])[:, None, :]
        spread = by * (1.0 - by)
        rows = [part.reshape(AGES, -1) for part in (by, spread, spread * (1.0 - 2.0 * by))]
        self._ahead[segment * AGES : (segment + 1) * AGES] = np.concatenate(rows, axis=1)
        self.fresh[segment] = self._ahead[segment * AGES]

    def cumulants(self) -> Floats:
        """Mean, variance, third cumulant of answers within 1, 2, ... seconds: [3, steps, levels]."""
        used = np.flatnonzero(self._counts)
        return (self._counts[used] @ self._ahead[used]).reshape(3, self._steps, len(LEVELS))

    def fresh_cumulants(self, launches: Floats) -> Floats:
        """The same for calls launched now, `launches[segment]` of them."""
        return (launches @ self.fresh).reshape(3, self._steps, len(LEVELS))

    def answer_at(self, segment: int) -> Floats:
        """When a call launched now answers, given that it does: [steps, levels], sums to 1."""
        by = self.fresh[segment, : self._steps * len(LEVELS)].reshape(self._steps, len(LEVELS))
        at = by * self.weights
        at[1:] -= at[:-1].copy()
        total = float(at.sum())
        return at / total if total > 0.0 else at


def _gamma4(ages: Floats) -> Floats:
    scale = 11.0 / 4.0
    x = (ages + 0.5) / scale
    density: Floats = x**3 * np.exp(-x)
    return density / float(density.sum())


def _survival(histogram: Floats) -> Floats:
    """Chance that a ring lasts longer than 0, 1, … seconds."""
    total = histogram.sum()
    longer: Floats = np.concatenate([[1.0], 1.0 - np.cumsum(histogram)[:-1] / total])
    return longer
