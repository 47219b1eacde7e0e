"""The chance that one more call, when answered, finds nobody, then or later.

Surplus at t: operators free now, less callers waiting and answers by t, plus operators freed by t + grace.
Its distribution is a difference of Poisson-binomials, approximated by its first three cumulants
(refined normal approximation, Volkova 1995).
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def chance_at_most_zero(mean: Floats, var: Floats, third: Floats) -> Floats:
    """P(surplus ≤ 0) for integer surplus with these cumulants."""
    sd = np.sqrt(np.maximum(var, 0.01))
    x = (0.5 - mean) / sd
    x = np.clip(x, -6.0, 6.0)
    normal = 1.0 / (1.0 + np.exp(-1.5976 * x - 0.07056 * x**3))
    skew = np.clip(third / sd**3, -1.0, 1.0)
    correction = skew / 6.0 * (x * x - 1.0) * np.exp(-0.5 * x * x) * 0.3989423
    chance: Floats = np.clip(normal - correction, 0.0, 1.0)
    return chance


def expected_shortage(mean: Floats, var: Floats) -> Floats:
    """Expected number of callers without an operator, normal approximation."""
    sd = np.sqrt(np.maximum(var, 0.01))
    x = np.clip(mean / sd, -6.0, 6.0)
    below = 1.0 / (1.0 + np.exp(1.5976 * x + 0.07056 * x**3))
    shortage: Floats = sd * np.exp(-0.5 * x * x) * 0.3989423 - mean * below
    return shortage


def risk_of_one_more(
    mean: Floats, var: Floats, third: Floats, answer_by: Floats, level_weights: Floats
) -> float:
    """Chance that a call answered as `answer_by` says finds nobody at its instant or later.

    Arrays are [steps, levels]; `answer_by` is cumulative; levels weigh `level_weights`.
    """
    nobody = chance_at_most_zero(mean, var, third)
    from_then_on = np.maximum.accumulate(nobody[::-1], axis=0)[::-1]
    answer = np.diff(answer_by, axis=0, prepend=0.0) * level_weights
    total = float(answer.sum())
    return float((answer * from_then_on).sum()) / total if total > 0.0 else 0.0
