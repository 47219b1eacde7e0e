"""The search for the number of launches: right, and sparing with evaluations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.pacing.search import Search


def run(search: Search, risks: list[float]) -> int:
    asked = 0
    while (number := search.next()) is not None:
        asked += 1
        assert asked <= len(risks) + 2
        search.saw(number, risks[number - 1])
    return asked


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=19).map(sorted),
    st.integers(0, 40),
    st.floats(0.001, 0.5),
)
def test_small_numbers_are_found_exactly(risks: list[float], guess: int, allowed: float) -> None:
    search = Search(len(risks), guess, allowed)
    run(search, risks)
    assert search.fine == sum(1 for risk in risks if risk <= allowed)


@pytest.mark.parametrize("edge", [30, 75, 180])
def test_large_numbers_take_few_evaluations_and_are_close(edge: int) -> None:
    risks = [1 / (1 + math.exp((edge - n) / 12)) for n in range(1, 401)]
    search = Search(400, 60, 0.04)
    exact = sum(1 for risk in risks if risk <= 0.04)
    assert run(search, risks) <= 10
    assert exact * 0.94 <= search.fine <= exact
