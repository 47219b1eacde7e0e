"""Random order: every idle operator has the same chance; the same events and seed draw the same."""

import numpy as np

from ari_app.routing.market import Column, Market, View
from ari_app.routing.policy import Order

NAME = "drawn_lots"
ORDERS = frozenset({Order.RANDOM})
_SPREAD = 1e6
"""Far above the ties of idle time."""


def score(market: Market, view: View, now: float) -> Column:  # noqa: ARG001 - one signature
    """A race of exponential clocks, as fast as each group is large; the first to ring wins."""
    mixed = _mixed(
        view.rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        + np.uint64(_key(market.policy.seed, market.draws))
    )
    uniform = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53 + 2.0**-54
    size = market.idle_size[view.rows]
    lots: Column = np.where(size > 0, _SPREAD * np.log(uniform) / np.maximum(size, 1.0), -np.inf)
    return lots


def _key(seed: int, draws: int) -> int:
    return (seed * 0xD1342543DE82EF95 + draws * 0x2545F4914F6CDD1D) & (2**64 - 1)


def _mixed(
    z: "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]",
) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]":
    """SplitMix64 (Steele, Lea, Flood, *Fast Splittable Pseudorandom Number Generators*, 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
