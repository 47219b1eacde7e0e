"""What the site file may say of pauses: errors have file, line, field and a hint."""

from __future__ import annotations

import pytest

from ari_app.flow.admission import check
from ari_app.flow.problems import Problem

HEAD = "default_queue: a\nqueues: {a: {name: A}}\npauses:\n"


def problems(pauses: str) -> list[Problem]:
    return list(check({"site.yaml": HEAD + pauses}, None).problems)


@pytest.mark.parametrize(
    ("row", "reason"), [("P12", "toilet"), ("P9", "protected")], ids=["the toilet pause", "the abuse pause"]
)
def test_P12_and_P9_pauses_that_nobody_times_are_refused_a_limit(row: str, reason: str) -> None:
    del row
    (found,) = problems(f"  meal: {{longest_s: 3600}}\n  {reason}:\n    longest_s: 600\n")
    assert (found.severity, found.code, found.file) == ("error", "pause-unlimited", "site.yaml")
    assert found.mark.line == 6
    assert found.message == f"pauses: {reason}: longest_s: nobody is timed in this pause"
    assert found.hint == f"take `{reason}` out of `pauses`"


@pytest.mark.parametrize(
    "reason", ["break", "meal", "training", "meeting", "coaching", "paperwork", "technical"]
)
def test_P2_pauses_with_a_reason_may_have_a_limit(reason: str) -> None:
    assert problems(f"  {reason}: {{longest_s: 900}}\n") == []


def test_P2_a_reason_that_nothing_here_sets_is_told_with_the_nearest_one() -> None:
    (found,) = problems("  brake: {longest_s: 900}\n")
    assert (found.severity, found.mark.line, found.hint) == ("warning", 4, "did you mean `break`?")


@pytest.mark.parametrize("limit", ["0", "-60", "1000000", "soon", "", "[900]", "{}", ".inf", ".nan"])
def test_P2_a_limit_is_a_sensible_number_of_seconds(limit: str) -> None:
    found = [one for one in problems(f"  break: {{longest_s: {limit}}}\n") if one.severity == "error"]
    assert found, limit
    assert {(one.file, one.mark.line) for one in found} == {("site.yaml", 4)}
