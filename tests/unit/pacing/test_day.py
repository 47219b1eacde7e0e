"""Closed loop: short simulated days on which the shipped pacing must keep its promises."""

from dataclasses import replace

import pytest

from benchmarks.dialer.policy import Policy, Score
from benchmarks.dialer.rivals import PerIdle, VicidialAdapt
from benchmarks.dialer.simulator import Simulation
from benchmarks.dialer.world import Shock, World
from benchmarks.outside_pacing import Pacing

HALF_DAY = World(
    operators=25, length_s=5400.0, shocks=(Shock(3600, 4800, 2.0),), waves=(), early_leaver_share=0.0
)


def played(world: World, policy: Policy, seed: int = 31) -> Score:
    return Simulation(world, policy, seed).run()


def test_O16_predictive_talks_more_than_a_vicidial_like_dialer_at_the_same_cap() -> None:
    ours, theirs = played(HALF_DAY, Pacing()), played(HALF_DAY, VicidialAdapt())
    assert ours.talk_min_per_operator_hour > 1.1 * theirs.talk_min_per_operator_hour
    assert ours.abandoned <= 3.0


@pytest.mark.parametrize(
    "world",
    [
        replace(HALF_DAY, segment_rates=(0.07, 0.09, 0.11, 0.13), machine_share=0.45),
        replace(HALF_DAY, shocks=tuple(Shock(1200.0 * k, 1200.0 * k + 600, 2.2) for k in range(1, 5))),
        replace(HALF_DAY, reported="answer", hang_up_per_s=0.05),
    ],
    ids=["answer rate 10 %", "answer rate doubles again and again", "impatient, reported early"],
)
def test_O3_the_cap_holds_on_hostile_days(world: World) -> None:
    score = played(world, Pacing())
    progressive = played(world, PerIdle(1.0))
    assert score.abandoned <= 3.0
    assert score.occupancy > progressive.occupancy + 5.0


def test_O3_two_operators_are_no_reason_to_break_the_cap() -> None:
    score = played(replace(HALF_DAY, operators=2, length_s=3 * 3600.0), Pacing())
    assert score.abandoned <= 3.0
