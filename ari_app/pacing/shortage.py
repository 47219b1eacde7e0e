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
    """P(surplus <= 0) for integer surplus with these cumulants."""
    inverse_sd = 1.0 / np.sqrt(np.maximum(var, 0.01))
    x = np.minimum(np.maximum((0.5 - mean) * inverse_sd, -6.0), 6.0)
    square = x * x
    # logistic fit to the normal distribution function, error below 2e-4
    normal = 1.0 / (1.0 + np.exp(x * (-1.5976 - 0.07056 * square)))
    skew = third * (inverse_sd * inverse_sd * inverse_sd)
    skew = np.minimum(np.maximum(skew, -1.0), 1.0)
    chance: Floats = normal - skew * ((square - 1.0) * np.exp(-0.5 * square)) * (0.3989423 / 6.0)
    return np.minimum(np.maximum(chance, 0.0), 1.0)


def expected_shortage(mean: Floats, var: Floats) -> Floats:
    """Expected number of callers without an operator, normal approximation."""
    sd = np.sqrt(np.maximum(var, 0.01))
    x = np.minimum(np.maximum(mean / sd, -6.0), 6.0)
    square = x * x
    below = 1.0 / (1.0 + np.exp(x * (1.5976 + 0.07056 * square)))
    shortage: Floats = sd * np.exp(-0.5 * square) * 0.3989423 - mean * below
    return shortage


def risk_of_one_more(mean: Floats, var: Floats, third: Floats, answer_at: Floats) -> float:
    """Chance that a call answered as `answer_at` says finds nobody at its instant or later.

    Arrays are [steps, levels]; `answer_at` weighs each step and level, and sums to 1.
    """
    nobody = chance_at_most_zero(mean, var, third)
    from_then_on = np.maximum.accumulate(nobody[::-1], axis=0)[::-1]
    return float(np.vdot(answer_at, from_then_on))
