"""When and whom we call back, by when a case is due, what a form takes: tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ari_app.calls.callback_rules import Rules, outcome_of
from ari_app.calls.cases import CaseBook, deadline
from ari_app.flow.forms import Field, Form, wrongs
from ari_app.flow.problems import Problems
from ari_app.flow.site import hours_of, parse_site
from ari_app.model.ids import Protocol
from ari_app.model.work import Case
from tests.fakes.clock import HandClock


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-02T07:59:59-03:00", "2026-03-02T08:00:00-03:00"),
        ("2026-03-02T08:00:00-03:00", "2026-03-02T08:00:00-03:00"),
        ("2026-03-02T20:59:59-03:00", "2026-03-02T20:59:59-03:00"),
        ("2026-03-02T21:00:00-03:00", "2026-03-03T08:00:00-03:00"),
        ("2026-03-31T23:30:00-03:00", "2026-04-01T08:00:00-03:00"),
        ("2026-03-02T03:00:00+00:00", "2026-03-02T08:00:00-03:00"),
    ],
)
def test_C13_calls_go_out_from_eight_to_nine_in_the_evening_of_the_queues_zone(now: str, opens: str) -> None:
    assert Rules().opens_at(at(now)) == at(opens)


def test_C13_the_day_after_the_clocks_change_opens_at_eight_all_the_same() -> None:
    berlin = Rules(timezone="Europe/Berlin")
    assert berlin.opens_at(at("2026-03-28T22:00:00+01:00")) == at("2026-03-29T08:00:00+02:00")
    assert berlin.opens_at(at("2026-10-24T22:00:00+02:00")) == at("2026-10-25T08:00:00+01:00")


@pytest.mark.parametrize(
    ("number", "called"),
    [
        ("5511987654321", True),
        ("11987654321", True),
        ("1133334444", True),
        ("03003131234", False),
        ("0900123456", False),
        ("19005551234567", False),
        ("5511987654321#", False),
        ("190", False),
        ("", False),
        ("١١٩٨٧٦٥٤٣٢١", False),
    ],
)
def test_C13_numbers_that_cost_or_are_none_are_not_called(number: str, called: bool) -> None:
    assert Rules().may_call(number) is called


def test_C13_what_ended_an_attempt_is_told_apart() -> None:
    told = {cause: outcome_of(cause) for cause in (17, 21, 1, 34, 19, 0)}
    assert told == {
        17: "busy", 21: "rejected", 1: "unreachable", 34: "failed", 19: "no_answer", 0: "no_answer",
    }  # fmt: skip


def test_hours_are_read_or_refused() -> None:
    assert hours_of("08:00-21:00") == (480, 1260)
    assert hours_of("00:00-24:00") == (0, 1440)
    for wrong in ("8-21", "21:00-08:00", "08:00-24:30", "08:00-08:00", "aa:00-bb:00"):
        assert hours_of(wrong) is None


def test_P11_a_complaint_is_due_at_the_end_of_the_seventh_day() -> None:
    assert deadline(at("2026-03-02T10:00:00-03:00")) == at("2026-03-09T23:59:59-03:00")
    assert deadline(at("2026-03-02T23:59:59-03:00")) == at("2026-03-09T23:59:59-03:00")


def test_C17_numbers_only_grow_also_when_the_clock_is_set_back() -> None:
    clock, cases = HandClock(), list[Case]()
    book = CaseBook(clock, cases.append)
    book.go_on_after(Protocol("20991231000007"))
    for _ in range(3):
        book.open("complaint", caller="5511")
        clock.advance(-86400)
    assert [case.protocol for case in cases] == ["20991231000008", "20991231000009", "20991231000010"]


def test_C17_a_number_says_its_day() -> None:
    clock = HandClock(datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp())
    assert CaseBook(clock, lambda _: None).open("order", caller="5511").protocol == "20260302360000"


FORM = Form(
    name="Order",
    fields={
        "article": Field(label="Article", required=True),
        "count": Field(label="Count", type="number"),
        "on": Field(label="Day", type="date"),
        "colour": Field(label="Colour", type="choice", choices=("red", "blue")),
        "gift": Field(label="Gift", type="yes_no"),
        "phone": Field(label="Phone", type="phone"),
    },
)


def test_P5_a_form_takes_what_fits_its_fields() -> None:
    fits = {"article": "x", "count": 2, "on": "2026-02-28", "colour": "red", "gift": False, "phone": "+5511"}
    assert wrongs(FORM, fits) == []
    assert wrongs(FORM, {"article": "<script>alert('x')</script>"}) == []


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "article"),
        ({"article": ""}, "article"),
        ({"article": "x" * 2001}, "article"),
        ({"article": "x", "count": "2"}, "count"),
        ({"article": "x", "count": True}, "count"),
        ({"article": "x", "on": "2026-02-30"}, "on"),
        ({"article": "x", "on": "20260228"}, "on"),
        ({"article": "x", "colour": "green"}, "colour"),
        ({"article": "x", "gift": "yes"}, "gift"),
        ({"article": "x", "phone": "call me"}, "phone"),
        ({"article": "x", "unknown": "x"}, "unknown"),
    ],
)
def test_P5_a_form_names_the_field_that_is_wrong(answers: dict[str, object], field: str) -> None:
    assert [wrong["path"] for wrong in wrongs(FORM, answers)] == [f"$.answers.{field}"]


SITE = """
default_queue: support
forms:
  order: {name: Order, fields: {article: {label: Article, required: true}}}
queues:
  support: {name: Support, form: %s, calling_back: {hours: "%s", numbers: "%s"}}
"""


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (("order", "08:00-21:00", "[0-9]{10}"), None),
        (("ordre", "08:00-21:00", "[0-9]{10}"), "unknown-form"),
        (("order", "21:00-08:00", "[0-9]{10}"), "hours"),
        (("order", "08:00-21:00", "[0-9"), "pattern"),
    ],
)
def test_P5_the_site_file_is_checked(values: tuple[str, str, str], code: str | None) -> None:
    problems = Problems("site.yaml")
    parse_site(SITE % values, problems)
    assert [problem.code for problem in problems.found] == ([] if code is None else [code])
