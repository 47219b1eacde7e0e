"""What the site file may not say of queues: each error has file and line and names the queue."""

from __future__ import annotations

import pytest

from ari_app.flow.admission import check
from ari_app.flow.problems import Problem

HEAD = "default_queue: a\nskills: {s: S}\nqueues:\n"


def problems(queues: str) -> list[Problem]:
    return list(check({"site.yaml": HEAD + queues}, None).problems)


@pytest.mark.parametrize(
    ("queues", "way"),
    [
        ("  a: {name: A, overflow: {full: a}}\n", "`a` → `a`"),
        ("  a: {name: A, overflow: {full: b}}\n  b: {name: B, overflow: {timeout: a}}\n", "`a` → `b` → `a`"),
        (
            "  a: {name: A}\n  b: {name: B, overflow: {empty: c}}\n  c: {name: C, overflow: {closed: b}}\n",
            "`b` → `c` → `b`",
        ),
    ],
)
def test_R9_overflow_that_goes_in_a_circle_is_refused(queues: str, way: str) -> None:
    found = [one for one in problems(queues) if one.code == "overflow-circle"]
    assert [way in one.message for one in found] == [True]
    assert (found[0].severity, found[0].file) == ("error", "site.yaml")
    assert found[0].mark.line >= 4


def test_R9_overflow_may_end_in_one_place_by_two_ways() -> None:
    queues = (
        "  a: {name: A, overflow: {full: b, timeout: c}}\n"
        "  b: {name: B, overflow: {full: c}}\n"
        "  c: {name: C}\n"
    )
    assert problems(queues) == []


@pytest.mark.parametrize(
    ("relax", "code"),
    [
        ("[{after_s: 10, needs: {s: 3}}]", "step-harder"),
        ("[{after_s: 10, needs: {s: 0}}, {after_s: 20, needs: {s: 1}}]", "step-harder"),
        ("[{after_s: 10, needs: {s: 1}}, {after_s: 10, needs: {s: 0}}]", "order"),
        ("[{after_s: 10}]", "step-empty"),
        ("[{after_s: 10, queues: [a]}]", "step-queue"),
        ("[{after_s: 10, needs: {t: 1}}]", "unknown-skill"),
    ],
)
def test_R2_steps_that_contradict_each_other_are_refused_at_their_line(relax: str, code: str) -> None:
    found = problems(f"  a:\n    name: A\n    skills: {{s: 2}}\n    relax: {relax}\n")
    assert code in {one.code for one in found if one.severity == "error"}
    assert all(one.mark.line >= 5 for one in found)


def test_C20_two_queues_cannot_have_one_code() -> None:
    found = problems('  a: {name: A, code: "11"}\n  b: {name: B, code: "11"}\n  c: {name: C, code: x}\n')
    assert sorted((one.code, one.mark.line) for one in found) == [("code", 5), ("code", 6)]
