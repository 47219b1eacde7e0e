"""R13 and the interface for outside simulators, on short deterministic runs (measured: RESULTS.md)."""

import statistics
from types import SimpleNamespace

import pytest

from benchmarks.outside_routing import Routing
from benchmarks.routing import rivals
from benchmarks.routing.checks import erlang_b, erlang_c, erlang_checks
from benchmarks.routing.simulator import simulate
from benchmarks.routing.worlds import HELD_OUT, build, pooled


def test_erlang_formulas_are_the_published_ones() -> None:
    assert erlang_b(10, 15) == pytest.approx(0.03650, abs=5e-6)
    assert erlang_c(10, 12) == pytest.approx(0.44939, abs=5e-6)


def test_the_simulator_agrees_with_erlang() -> None:
    for check in erlang_checks(4000):
        assert check.holds, check


def test_R13_beats_app_queue_and_greedy_on_held_out_shifts() -> None:
    seeds = range(3000, 3002)
    policies = {
        "shipped": Routing,
        "app_queue": rivals.LeastRecentPenalty,
        "greedy": rivals.GreedyBestSkill,
        "fifo": rivals.FifoLongestIdle,
    }
    level, asa_s = {}, {}
    for name, make in policies.items():
        runs = [simulate(build(HELD_OUT, "tight", seed), make()) for seed in seeds]
        level[name] = statistics.fmean(one.service_level for one in runs)
        asa_s[name] = statistics.fmean(one.asa_s for one in runs)
    bound = statistics.fmean(
        simulate(pooled(build(HELD_OUT, "tight", seed)), rivals.FifoLongestIdle()).service_level
        for seed in seeds
    )
    assert level["shipped"] > max(level["app_queue"], level["greedy"], level["fifo"]) + 1.0
    assert asa_s["shipped"] < min(asa_s["app_queue"], asa_s["greedy"], asa_s["fifo"])
    assert bound - level["shipped"] < 0.6 * (bound - level["fifo"])


def test_outside_simulators_drive_the_shipped_core() -> None:
    agents = [
        SimpleNamespace(id=7, lvl=[3, 0], skills=[0], idle_since=0.0),
        SimpleNamespace(id=8, lvl=[1, 5], skills=[0, 1], idle_since=0.0),
    ]
    routing = Routing()
    routing.reset(SimpleNamespace(C=2, agents=agents))
    for agent in agents:
        routing.on_idle(agent)
    callers = [SimpleNamespace(id=n, cls=cls, prio=0, t=float(n)) for n, cls in enumerate((0, 1, 1))]
    routing.on_arrival(callers[0])
    assert routing.decide(0.0, callers[:1], agents) == [(0, 7)]
    routing.on_gone(callers[0])
    routing.on_busy(agents[0])
    routing.on_arrival(callers[1])
    assert routing.decide(1.0, callers[1:2], agents[1:]) == [(1, 8)]
    routing.on_gone(callers[1])
    routing.on_busy(agents[1])
    routing.on_arrival(callers[2])
    assert routing.decide(2.0, callers[2:], []) == []
    routing.on_done(1, agents[1], 60.0)
    agents[1].idle_since = 61.0
    routing.on_idle(agents[1])
    assert routing.decide(61.0, callers[2:], agents[1:]) == [(2, 8)]


def test_outside_simulators_may_announce_less_and_in_batches() -> None:
    agents = [SimpleNamespace(id=n, lvl=[3], skills=[0], idle_since=0.0) for n in range(2)]
    routing = Routing()
    routing.reset(SimpleNamespace(C=1, agents=agents))
    callers = [SimpleNamespace(id=n, cls=0, prio=0, t=float(n)) for n in range(3)]
    routing.on_arrival(callers[0])
    assert routing.decide(0.0, callers[:1], agents) == [(0, 0)], "idle from the start, never announced"
    routing.on_gone(callers[0])
    routing.on_busy(agents[0])
    routing.on_arrival(callers[1])
    routing.on_gone(callers[1])
    routing.on_arrival(callers[2])
    assert routing.decide(2.0, callers[2:], agents[1:]) == [(2, 1)], "the second hung up before the decision"
