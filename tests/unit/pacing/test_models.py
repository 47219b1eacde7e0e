"""What the predictive rule learns: durations, answers, and the arithmetic of a shortage."""

import math
import random

import numpy as np
import pytest

from ari_app.pacing.answers import AnswerModel
from ari_app.pacing.budget import AbandonBudget, CapRule
from ari_app.pacing.durations import FreeingModel
from ari_app.pacing.rolling import RollingShare
from ari_app.pacing.shortage import chance_at_most_zero


def poisson_binomial(chances: list[float]) -> list[float]:
    pmf = [1.0]
    for p in chances:
        pmf = [
            (pmf[k] * (1 - p) if k < len(pmf) else 0.0) + (pmf[k - 1] * p if k else 0.0)
            for k in range(len(pmf) + 1)
        ]
    return pmf


@pytest.mark.parametrize("idle", [1, 2, 3, 5])
@pytest.mark.parametrize("calls", [6, 12, 30])
def test_chance_of_a_shortage_agrees_with_the_exact_distribution(idle: int, calls: int) -> None:
    rng = random.Random(idle * 100 + calls)
    chances = [rng.uniform(0.02, 0.4) for _ in range(calls)]
    exact = sum(poisson_binomial(chances)[idle:])
    spread = [p * (1 - p) for p in chances]
    third = -sum(s * (1 - 2 * p) for s, p in zip(spread, chances, strict=True))
    estimate = chance_at_most_zero(
        np.array([idle - sum(chances)]), np.array([sum(spread)]), np.array([third])
    )[0]
    assert estimate == pytest.approx(exact, abs=0.02)


def feed_operators(model: FreeingModel, operators: int, seconds: int, mean_talk_s: float) -> None:
    rng = random.Random(4)
    ends = [rng.expovariate(1 / mean_talk_s) for _ in range(operators)]
    since = [0.0] * operators
    for now in range(1, seconds):
        for n in range(operators):
            if ends[n] <= now:
                model.talk.ended(ends[n] - since[n])
                since[n], ends[n] = ends[n], ends[n] + rng.expovariate(1 / mean_talk_s)
        model.see([now - s for s in since], [], 1.0)
    model.rebuild()


def test_talk_times_are_learned_without_favouring_short_ones() -> None:
    model = FreeingModel(30)
    feed_operators(model, operators=40, seconds=150, mean_talk_s=150.0)
    assert model.talk.mean_s() == pytest.approx(150.0, rel=0.2)


def test_operators_expected_free_match_an_exponential_talk() -> None:
    model = FreeingModel(30)
    feed_operators(model, operators=60, seconds=1500, mean_talk_s=80.0)
    model.wrap.ended(0.1)
    for _ in range(2000):
        model.wrap.ended(0.5)
    model.rebuild()
    mean, var, _ = model.cumulants()
    assert mean[-1] == pytest.approx(60 * (1 - math.exp(-29 / 80.0)), rel=0.15)
    assert 0 < var[-1] <= mean[-1]


Ringing = list[tuple[int, float, bool]]


def feed_calls(
    model: AnswerModel, seconds: range, rate: float, rng: random.Random, ringing: Ringing | None = None
) -> None:
    """Four launches a second; humans after 6-16 s, the others busy after 3 s or unanswered at 24 s."""
    ringing = [] if ringing is None else ringing
    for now in seconds:
        for placed_at, ends, human in [row for row in ringing if row[1] <= now]:
            model.settled(0, placed_at, ends - placed_at, float(now), human=human)
        ringing[:] = [row for row in ringing if row[1] > now]
        for _ in range(4):
            human = rng.random() < rate
            after = rng.uniform(6, 16) if human else rng.choice([3.0, 24.0])
            ringing.append((now, now + after, human))
        model.see([now - row[0] for row in ringing], [0] * len(ringing), float(now), 1.0)


def test_answer_rate_is_counted_by_launch_cohort_not_by_arrival() -> None:
    model, rng, seen, ringing = AnswerModel(32), random.Random(1), [], Ringing()
    for start in range(1, 2400, 60):
        feed_calls(model, range(start, start + 60), 0.25, rng, ringing)
        seen.append(model.rate(0) * model.multiplier())
    assert sum(seen[10:]) / len(seen[10:]) == pytest.approx(0.25, rel=0.12)


def test_a_doubled_answer_rate_is_noticed_within_a_minute() -> None:
    model = AnswerModel(32)
    rng, ringing = random.Random(3), Ringing()
    feed_calls(model, range(1, 1500), 0.2, rng, ringing)
    before = model.rate(0) * model.multiplier()
    feed_calls(model, range(1500, 1560), 0.4, rng, ringing)
    assert model.rate(0) * model.multiplier() > 1.5 * before


def test_answers_expected_match_what_comes() -> None:
    model = AnswerModel(32)
    rng = random.Random(5)
    feed_calls(model, range(1, 1200), 0.3, rng)
    mean, var, _ = model.cumulants()
    expected = float(mean[-1] @ model.weights)
    # four a second for 24 s: those who answer do so after 11 s on average
    assert expected == pytest.approx(4 * 11 * 0.3, rel=0.3)
    assert float(var[-1] @ model.weights) < expected


def test_budget_forgets_what_has_left_the_window() -> None:
    share = RollingShare(3600.0)
    share.add(0.0, every=100.0, some=10.0)
    share.add(3000.0, every=100.0)
    assert share.share == pytest.approx(0.05)
    share.expire(4600.0)
    assert (share.all, share.some) == (100.0, 0.0)


def test_O3_any_day_is_judged_as_well_as_the_legal_window() -> None:
    budget = AbandonBudget(CapRule(window_s=30 * 86_400.0))
    budget.restore(0.0, 20_000, 100)
    later = 5 * 86_400.0
    for n in range(150):
        budget.answered(later + n)
    for _ in range(4):
        budget.dropped(later + 200.0)
    assert not budget.allowance(later + 201.0, 0.1, 0.0, 0.0).open, "4 of 150 today, one more breaks 3 %"
    assert budget.left(later + 201.0) == pytest.approx(0.5)


def test_O3_calls_in_flight_keep_a_reserve() -> None:
    budget = AbandonBudget(CapRule())
    budget.restore(0.0, 1000, 20)
    few = budget.allowance(10.0, 0.1, 0.0, 1.0)
    many = budget.allowance(10.0, 0.1, 0.0, 40.0)
    assert few.risk > many.risk


def test_a_list_of_countless_segments_is_refused() -> None:
    with pytest.raises(ValueError, match="segment 100000 is not 0 to 31"):
        AnswerModel(32).settled(100_000, 0.0, 3.0, 3.0, human=False)
