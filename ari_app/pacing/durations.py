"""How soon busy operators come free: life tables of talk and wrap-up, learned as they happen.

A life table counts, per age of the present state, the time at risk and the endings seen, so that
states still running count too; averaging only what has ended would favour short talks (Kaplan and
Meier 1958). Old evidence fades, because talks drift over a day.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

TALK_EDGES: Floats = np.concatenate(
    [np.arange(0.0, 60.0, 4.0), np.arange(60.0, 180.0, 8.0), np.arange(180.0, 620.0, 40.0)]
)
WRAP_EDGES: Floats = np.arange(0.0, 64.0, 1.0)


class LifeTable:
    """Hazard per second by age, shrunk towards the pooled hazard where evidence is thin.

    `edges` are the lower bounds of the age bins (s); `mean_s` is the expectation before any
    evidence and weighs `prior_endings` endings; evidence halves every `half_life_s`.
    """

    def __init__(
        self, edges: Floats, mean_s: float, prior_endings: float, bin_weight: float, half_life_s: float
    ) -> None:
        self._edges = edges
        self._exposure: Floats = np.zeros(len(edges))
        self._endings: Floats = np.zeros(len(edges))
        self._prior = (prior_endings, prior_endings * mean_s)
        self._bin_weight = bin_weight
        self._half_life_s = half_life_s

    def bins(self, ages_s: Sequence[float] | Floats) -> NDArray[np.intp]:
        """The age bin of each age."""
        return np.maximum(np.searchsorted(self._edges, np.asarray(ages_s), side="right") - 1, 0)

    def observe(self, counts: Floats, elapsed_s: float) -> None:
        """`counts[bin]` states were at risk for the last `elapsed_s` seconds."""
        if elapsed_s > 0.0:
            fade = 0.5 ** (elapsed_s / self._half_life_s)
            self._exposure *= fade
            self._endings *= fade
            self._exposure += counts * elapsed_s

    def ended(self, age_s: float) -> None:
        """One state ended at this age."""
        self._endings[int(self.bins([age_s])[0])] += 1.0

    def hazard(self) -> Floats:
        """Endings per second at risk, by age bin."""
        endings = self._prior[0] + float(self._endings.sum())
        pooled = endings / max(1.0, self._prior[1] + float(self._exposure.sum()))
        weight = self._bin_weight / pooled
        rates: Floats = (self._endings + self._bin_weight) / (self._exposure + weight)
        return rates

    def mean_s(self) -> float:
        """Pooled mean duration, in seconds."""
        endings = self._prior[0] + float(self._endings.sum())
        return (self._prior[1] + float(self._exposure.sum())) / max(1e-9, endings)


class FreeingModel:
    """The chance that each busy operator is free within 1, 2, … `steps` seconds."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self.talk = LifeTable(TALK_EDGES, 90.0, 4.0, 1.5, 3600.0)
        self.wrap = LifeTable(WRAP_EDGES, 15.0, 4.0, 1.0, 7200.0)
        self._talk_bins = np.zeros(len(TALK_EDGES))
        self._wrap_bins = np.zeros(len(WRAP_EDGES))
        self.rebuild()

    def see(self, talking_s: Sequence[float], wrapping_s: Sequence[float], elapsed_s: float) -> None:
        """Take in the ages on the floor now, at risk since `elapsed_s` seconds."""
        self.talk.observe(self._talk_bins, elapsed_s)
        self.wrap.observe(self._wrap_bins, elapsed_s)
        self._talk_bins = _counts(self.talk, talking_s, len(TALK_EDGES))
        self._wrap_bins = _counts(self.wrap, wrapping_s, len(WRAP_EDGES))

    def rebuild(self) -> None:
        """Recompute the tables from the evidence; cheap enough for every few seconds."""
        steps = self._steps
        wrap_survival = np.concatenate([[1.0], np.exp(-np.cumsum(self.wrap.hazard()))])
        padded = np.concatenate([wrap_survival, np.zeros(steps)])
        padded[len(wrap_survival) :] = wrap_survival[-1] * 0.9 ** np.arange(1, steps + 1)
        index = np.arange(len(WRAP_EDGES))[:, None] + np.arange(1, steps + 1)[None, :]
        wrap_free = 1.0 - padded[index] / np.maximum(padded[: len(WRAP_EDGES), None], 1e-12)
        hazard = self.talk.hazard()
        ages = TALK_EDGES[:, None] + _half_widths()[:, None] + np.arange(steps)[None, :]
        ahead = hazard[self.talk.bins(ages.ravel())].reshape(ages.shape)
        survival = np.exp(-np.cumsum(ahead, axis=1))
        ends = -np.diff(survival, axis=1, prepend=1.0)
        fresh = wrap_free[0]
        late = np.arange(steps)[None, :] - np.arange(steps)[:, None]
        wrapped = np.where(late >= 1, fresh[np.maximum(late - 1, 0)], 0.0)
        freed = np.concatenate([ends @ wrapped, wrap_free])
        spread = freed * (1.0 - freed)
        self._freed = np.concatenate([freed, spread, spread * (1.0 - 2.0 * freed)], axis=1)

    def cumulants(self) -> Floats:
        """Mean, variance, third cumulant of operators freed within 1, 2, ... seconds: [3, steps]."""
        counts = np.concatenate([self._talk_bins, self._wrap_bins])
        freed: Floats = (counts @ self._freed).reshape(3, self._steps)
        return freed


def _half_widths() -> Floats:
    widths = np.diff(TALK_EDGES, append=TALK_EDGES[-1] + 40.0)
    return widths / 2.0


def _counts(table: LifeTable, ages_s: Sequence[float], size: int) -> Floats:
    if len(ages_s) == 0:
        return np.zeros(size)
    return np.bincount(table.bins(ages_s), minlength=size).astype(np.float64)
