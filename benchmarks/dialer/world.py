"""The worlds the dialer simulator plays: one frozen record of numbers per scenario."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Shape: TypeAlias = Literal["lognormal", "exponential", "gamma", "uniform"]


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution of durations in seconds: its mean, its shape, and its coefficient of variation."""

    mean_s: float
    shape: Shape = "gamma"
    cv: float = 0.5


@dataclass(frozen=True, slots=True)
class Shock:
    """Multiplies every chance of a human answer for calls launched in `[start_s, end_s)`."""

    start_s: float
    end_s: float
    factor: float


@dataclass(frozen=True, slots=True)
class BreakWave:
    """`share` of the operators stop for `length_s`, starting `at_s`, after their current call."""

    at_s: float
    share: float
    length_s: float


@dataclass(frozen=True, slots=True)
class World:
    """Everything an outbound day needs; times in seconds from its start, shares from 0 to 1."""

    name: str = "day"
    operators: int = 10
    length_s: float = 6 * 3600.0
    segment_rates: tuple[float, ...] = (0.16, 0.22, 0.28, 0.34)
    segment_purity: float = 0.6
    block_per_operator: int = 60
    shocks: tuple[Shock, ...] = (Shock(5400, 9000, 2.0), Shock(12600, 14400, 0.5))
    machine_share: float = 0.30
    busy_share: float = 0.12
    sit_share: float = 0.08
    ring: Law = Law(11.0, "gamma", 0.5)
    machine_ring: Law = Law(16.0, "gamma", 0.25)
    busy_after: Law = Law(3.0, "gamma", 0.4)
    ring_limit_s: float = 24.0
    amd: bool = True
    amd_s: tuple[float, float] = (0.4, 1.0)
    amd_false_share: float = 0.03
    reported: Literal["verdict", "answer"] = "verdict"
    grace_s: float = 2.0
    hang_up_per_s: float = 0.0
    talk: Law = Law(75.0, "lognormal", 0.8)
    talk_end_mean_s: float = 110.0
    wrap: Law = Law(14.0, "gamma", 0.4)
    late_share: float = 0.2
    early_leaver_share: float = 0.15
    waves: tuple[BreakWave, ...] = (
        BreakWave(6300, 0.3, 900),
        BreakWave(7500, 0.3, 900),
        BreakWave(15300, 0.25, 900),
        BreakWave(16500, 0.25, 900),
    )

    def of(self, operators: int) -> "World":
        """The same world with another number of operators."""
        return replace(self, operators=operators)


TUNING = World()
"""The world the controller was tuned on."""

HELD_OUT: tuple[World, ...] = (
    World(
        name="exponential talk, answers reported before the verdict",
        talk=Law(75.0, "exponential"),
        wrap=Law(14.0, "exponential"),
        ring=Law(11.0, "lognormal", 0.45),
        reported="answer",
        segment_rates=(0.15, 0.2, 0.3, 0.35),
    ),
    World(
        name="10 % answer rate",
        segment_rates=(0.07, 0.09, 0.11, 0.13),
        shocks=(Shock(7200, 10800, 2.0), Shock(14400, 16200, 0.5)),
        machine_share=0.45,
    ),
    World(
        name="impatient, fixed wrap-up, wide ring times",
        talk=Law(90.0, "gamma", 0.6),
        talk_end_mean_s=70.0,
        wrap=Law(14.0, "uniform", 0.2),
        ring=Law(12.0, "uniform", 0.5),
        hang_up_per_s=0.05,
        shocks=(Shock(3000, 3600, 0.3), Shock(9000, 12600, 2.0), Shock(16000, 17800, 0.5)),
    ),
    World(
        name="answer rate doubles again and again",
        shocks=tuple(Shock(3600.0 * k + 1500, 3600.0 * k + 3000, 2.2) for k in range(6)),
        segment_purity=0.9,
        talk=Law(60.0, "lognormal", 1.1),
        talk_end_mean_s=140.0,
    ),
)
"""Worlds no setting was chosen on; RESULTS.md reports them apart."""

WITHOUT_DETECTION = replace(TUNING, name="UK profile, detection off", amd=False, machine_share=0.15)
"""Machine detection off, as the UK profile asks: every machine that answers takes an operator."""
