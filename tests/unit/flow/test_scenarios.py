"""Scenarios beside the flows: all pass, fast, and tell plainly when one does not (C5)."""

from __future__ import annotations

import time

import pytest

from ari_app.flow.admission import check
from ari_app.flow.book import FlowBook
from ari_app.flow.check import Prompts
from ari_app.flow.problems import Problems
from ari_app.flow.scenario.run import run
from ari_app.flow.scenario.script import parse_scenarios, start_time
from ari_app.flow.testing import run_directory
from ari_app.model.ids import FlowId
from tests.unit.flow.given import EXAMPLES, scenarios_in, texts_in


@pytest.fixture(scope="module")
def book(prompts: Prompts) -> FlowBook:
    checked = check(texts_in(EXAMPLES), prompts)
    assert checked.site is not None
    return FlowBook.of(checked.flows.values(), checked.site)


def test_C5_the_scenarios_of_all_examples_pass(book: FlowBook) -> None:
    tested = run_directory(book, scenarios_in(EXAMPLES), {})
    assert [result.failure for result in tested.results if result.failure is not None] == []
    assert tested.ok
    assert len(tested.results) >= 90
    assert all(coverage.percent >= 90 for coverage in tested.coverage.values()), tested.coverage


def test_C5_a_thousand_scenarios_take_less_than_five_seconds(book: FlowBook) -> None:
    parsed = parse_scenarios((EXAMPLES / "main.scenarios.yaml").read_text("utf-8"), "x", Problems("x"))
    assert parsed is not None
    began = time.process_time()
    for number in range(1000):
        run(book, FlowId("main"), parsed.scenarios[number % len(parsed.scenarios)], {})
    took = time.process_time() - began
    assert took < 5.0, f"{took:.2f} s"


WRONG = {
    "hears what is not played": (
        "[{hears: hours/holiday}]",
        "`hours/holiday` was not heard, but menu/main-gr",
    ),
    "another queue": ("[{presses: 1}, {queued: {queue: orders}}]", "`queue` is sales, not orders"),
    "other skills": ("[{presses: 2}, {queued: {needs: {support: 3}}}]", "`needs` is {'support': 2}"),
    "in no queue": ("[{presses: 1}, operator_connects, operator_hangs_up, operator_connects]", "in no queue"),
    "a node that is never reached": ("[{reaches: complaint}]", "`complaint` was not reached"),
    "another order": ("[{presses: 1}, {visited: [sales, greeting]}]", "not visited in this order"),
    "keys after the end": ("[hangs_up, {presses: 1}]", "the call has ended already"),
    "another language": ("[{language: en}]", "the language is pt-BR"),
    "not talking": ("[talks]", "not talking"),
    "no end": ("[{presses: 1}, operator_connects, ends]", "the call goes on at `sales`"),
    "an unknown variable": ("[{variable: {x: 1}}]", "`x` is None, not 1"),
    "not transferred": ("[{transferred: '9'}]", "not transferred to 9, but nowhere"),
    "no message": ("[{message_kept: survey}]", "no survey was kept"),
    "no callback": ("[{callback_booked: '1'}]", "no callback to 1, but none"),
    "no consent": ("[{recorded: 'yes'}]", "consent to recording is None"),
    "no operator": ("[operator_hangs_up]", "no operator on the line"),
}


@pytest.mark.parametrize(("steps", "words"), WRONG.values(), ids=WRONG.keys())
def test_C5_a_failure_says_what_happened_instead(book: FlowBook, steps: str, words: str) -> None:
    text = f"flow: main\nscenarios:\n  s:\n    steps: {steps}\n"
    tested = run_directory(book, {"s.scenarios.yaml": text}, {})
    failure = tested.results[0].failure
    assert failure is not None
    assert words in failure.message
    assert failure.mark.line == 4
    assert failure.way


def test_C5_what_must_never_be_heard_and_unexpected_faults_fail(book: FlowBook) -> None:
    text = (
        "flow: main\nscenarios:\n"
        "  a: {never_hears: [chosen/sales], steps: [{presses: 1}, hangs_up]}\n"
        "  b: {fault: true, steps: [{presses: 1}]}\n"
    )
    tested = run_directory(book, {"s.scenarios.yaml": text}, {})
    messages = [result.failure.message for result in tested.results if result.failure is not None]
    assert messages == ["`chosen/sales` was heard", "the flow was expected to fail, and did not"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flow: main\n", "needs `flow` and `scenarios`"),
        ("flow: main\nscenarios: {a: {steps: []}}\n", "needs `steps`"),
        ("flow: main\nscenarios: {a: {steps: [{pressess: 1}]}}\n", "unknown step `pressess`"),
        ("flow: main\nscenarios: {a: {steps: [{presses: 1, waits: 2}]}}\n", "one word"),
        ("flow: main\nscenarios: {a: {steps: [presses]}}\n", "needs a value"),
        ("flow: main\nscenarios: {a: {steps: [{queued: sales}]}}\n", "needs a mapping"),
        ("flow: main\nscenarios: {a: {steps: [{presses: 1x}]}}\n", "not a valid keys"),
        ("flow: main\nscenarios: {a: {steps: [{waits: long}]}}\n", "must be a number"),
        ("flow: main\nscenarios: {a: {steps: [{lookup_fails: badly}]}}\n", "must be one of"),
        ("flow: main\nscenarios: {a: {time: someday, steps: [ends]}}\n", "`time` cannot be read"),
        ("flow: main\nscenarios: {a: {colour: red, steps: [ends]}}\n", "unknown key `colour`"),
        ("flow: nope\nscenarios: {a: {steps: [ends]}}\n", "no sound flow `nope`"),
    ],
)
def test_C5_bad_scenario_files_are_told(book: FlowBook, text: str, words: str) -> None:
    tested = run_directory(book, {"s.scenarios.yaml": text}, {})
    assert not tested.ok
    assert any(words in problem.message for problem in tested.problems), tested.problems


def test_C5_untested_ways_are_listed(book: FlowBook) -> None:
    text = "flow: main\nscenarios: {a: {steps: [{presses: 1}, operator_connects, operator_hangs_up]}}\n"
    tested = run_directory(book, {"s.scenarios.yaml": text}, {}, ["main"])
    assert ("support", "no scenario comes here") in {(p.node, p.message) for p in tested.problems}
    assert tested.coverage[FlowId("main")].percent < 40


def test_C5_times_are_read_in_the_flows_zone() -> None:
    assert start_time("sunday 10:00", "UTC") == start_time("2026-03-08 10:00", "UTC")
    assert start_time("2026-03-08 10:00", "America/Sao_Paulo") == start_time("2026-03-08 13:00", "UTC")
    assert start_time("2026-03-08T10:00:00+02:00", "UTC") == start_time("2026-03-08 08:00", "UTC")
