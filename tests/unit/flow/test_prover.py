"""The prover of br-sac: seeded violations are caught and shown by a call, sound flows pass (C21, C17)."""

# ruff: noqa: E501 - tables read best with one case per line

from __future__ import annotations

import pytest

from ari_app.flow.admission import check
from ari_app.flow.book import FlowBook
from ari_app.flow.check import Prompts, check_directory
from ari_app.flow.flow import Flow
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Mark, Problems
from ari_app.flow.prover import as_problems, prove
from ari_app.flow.scenario.line import Line, World
from ari_app.flow.scenario.player import Player
from ari_app.flow.scenario.script import Step
from ari_app.model.facts import NodeEntered
from ari_app.model.ids import FlowId
from ari_app.model.signals import CallArrived
from tests.unit.flow.given import EXAMPLES, GOLDEN, texts_in

SOUND = """
flow: t
start: hello
variables: {{number: text, known: text}}
nodes:
  hello: {{type: play, prompt: menu/main-greeting, next: {after_hello}}}
  menu:
    type: menu
    prompt: menu/main-options
    timeout_s: {timeout_s}
    keys: {keys}
    on: {{timeout: {timeout}, invalid: {invalid}}}
  deeper: {{type: menu, prompt: menu/repeat, keys: {deeper_keys}, on: {{timeout: {deeper_timeout}, invalid: human}}}}
  deepest: {{type: menu, prompt: menu/repeat, keys: {deepest_keys}, on: {{timeout: {deepest_timeout}, invalid: human}}}}
  deepest2: {{type: menu, prompt: menu/repeat, keys: {{5: human}}, on: {{timeout: human, invalid: human}}}}
  complaint: {{type: protocol, kind: {kind}, also: {also}, next: {after_protocol}}}
  number:
    type: collect
    prompt: collect/document
    into: number
    min_digits: {min_digits}
    timeout_s: {collect_timeout_s}
    next: looked-up
    on: {{timeout: {collect_timeout}, invalid: human{empty}}}
  looked-up:
    type: lookup
    url: https://api.example.com/x
    into: {{known: answer.name}}
    next: human
    on: {{failed: {failed}}}
  human:
    type: enqueue
    queue: general
    {waiting}
    on: {{otherwise: message}}
  message: {{type: voicemail, queue: general, next: end}}
  bye: {{type: hangup}}
"""
DEFAULTS = {
    "after_hello": "menu", "timeout_s": "5", "timeout": "human", "invalid": "human",
    "keys": "{1: deeper, 3: number, 4: complaint, 0: human}",
    "deeper_keys": "{1: deepest, 0: human}", "deeper_timeout": "human",
    "deepest_keys": "{2: deepest2, 9: human}", "deepest_timeout": "human",
    "kind": "complaint", "also": "[cancellation]", "after_protocol": "human",
    "min_digits": "0", "collect_timeout_s": "5", "collect_timeout": "human", "empty": ", empty: human",
    "failed": "human", "waiting": "comfort: {prompts: queue/still-waiting}",
}  # fmt: skip

DEMANDS = {"min_digits": "4", "empty": ""}


def _seeds() -> dict[str, tuple[dict[str, str], str]]:
    """Fifty and more ways to break the rules: changes of the sound flow and the rule that they break."""
    seeds: dict[str, tuple[dict[str, str], str]] = {}

    def seed(name: str, rule: str, **changes: str) -> None:
        seeds[name] = (changes, rule)

    for matter in ("support", "order", "information"):
        seed(f"the menu's case is {matter}", "no-complaint", kind=matter, also="[]")
        seed(f"{matter} and complaint, no cancellation", "no-cancellation", kind=matter, also="[complaint]")
        seed(f"{matter} and cancellation, no complaint", "no-complaint", kind=matter, also="[cancellation]")
    seed("complaint only", "no-cancellation", also="[]")
    seed("complaint and order", "no-cancellation", also="[order]")
    seed("cancellation only", "no-complaint", kind="cancellation", also="[]")
    seed("no key for it", "no-complaint", keys="{1: deeper, 3: number, 0: human}")
    seed("no key for it either", "no-cancellation", keys="{1: deeper, 3: number, 0: human}")
    seed(
        "complaint one menu deeper",
        "no-complaint",
        keys="{1: deeper, 3: number, 0: human}",
        deeper_keys="{1: deepest, 4: complaint, 0: human}",
    )
    seed(
        "complaint behind a number",
        "no-complaint",
        keys="{1: deeper, 4: number, 0: human}",
        failed="complaint",
    )
    seed(
        "cancellation two menus deeper",
        "no-cancellation",
        keys="{1: deeper, 3: number, 0: human}",
        deepest_keys="{2: deepest2, 4: complaint, 9: human}",
    )
    for timeout in ("bye", "end", "menu"):
        seed(f"silence leads to {timeout}", "silent-caller", timeout=timeout)
        seed(f"silence deeper leads to {timeout}", "silent-caller", deeper_timeout=timeout, timeout=timeout)
        seed(
            f"silence at the number leads to {timeout}",
            "silent-caller",
            collect_timeout=timeout,
            timeout="bye",
            **DEMANDS,
        )
        seed(
            f"the number is demanded, silence leads to {timeout}",
            "data-gate",
            collect_timeout=timeout,
            timeout="bye",
            **DEMANDS,
        )
    for keys in ("{1: deeper, 3: number, 4: complaint}", "{1: deeper, 4: complaint}", "{4: complaint}"):
        seed(f"silence goes round in {keys}", "silent-caller", keys=keys, timeout="hello")
    for seconds in ("10.5", "11", "30", "60", "600"):
        seed(f"{seconds} s in the menu", "silence", timeout_s=seconds)
        seed(f"{seconds} s at the number", "silence", collect_timeout_s=seconds)
    for prompt in ("promo/summer", "ad/new-plan", "ads/x", "advertising/y"):
        seed(f"{prompt} while waiting", "advertising", waiting=f"comfort: {{prompts: {prompt}}}")
        seed(
            f"{prompt} among others",
            "advertising",
            waiting=f"comfort: {{prompts: [queue/still-waiting, {prompt}]}}",
        )
        seed(f"{prompt} before waiting", "advertising", waiting=f"prompt: {prompt}")
    for after in ("bye", "end", "hello"):
        seed(
            f"a complaint leads to {after}, nothing to a person",
            "human-far",
            after_protocol=after,
            keys="{4: complaint}",
            timeout="bye",
            invalid="bye",
        )
    seed(
        "the number stands before everything",
        "data-gate",
        after_hello="number",
        collect_timeout="bye",
        timeout="bye",
        **DEMANDS,
    )
    seed(
        "a failed look-up hangs up on who must give data",
        "data-gate",
        after_hello="number",
        failed="bye",
        collect_timeout="number",
        **DEMANDS,
    )
    seed(
        "three menus to a person",
        "human-far",
        keys="{1: deeper, 4: complaint}",
        after_protocol="bye",
        timeout="bye",
        invalid="bye",
        deeper_keys="{1: deepest}",
        deeper_timeout="bye",
        deepest_keys="{2: deepest2}",
        deepest_timeout="bye",
    )
    return seeds


SEEDS = _seeds()


def given(changes: dict[str, str]) -> FlowBook:
    text = SOUND.format(**{**DEFAULTS, **changes})
    site = (GOLDEN / "site.yaml").read_text("utf-8").split("\n", 1)[1]
    checked = check_directory({"t.yaml": text}, ("site.yaml", site), None)
    errors = [p for p in checked.problems if p.severity == "error" and p.code != "unreachable"]
    assert errors == []
    assert checked.site is not None
    flow = parse_flow(text, "t.yaml", Problems("t.yaml"))
    assert flow is not None
    return FlowBook.of([flow], checked.site)


def flows_of(book: FlowBook) -> dict[FlowId, Flow]:
    return {flow.id: flow for flow in book.flows.values()}


def test_C21_the_sound_flow_holds() -> None:
    book = given({})
    flows = flows_of(book)
    assert prove(flows[FlowId("t")], flows) == []


def test_C21_there_are_fifty_seeded_violations() -> None:
    assert len(SEEDS) >= 50


@pytest.mark.parametrize(("changes", "rule"), SEEDS.values(), ids=SEEDS.keys())
def test_C21_seeded_violation_is_caught_and_shown_by_a_call(changes: dict[str, str], rule: str) -> None:
    book = given(changes)
    flows = flows_of(book)
    found = [violation for violation in prove(flows[FlowId("t")], flows) if violation.rule == rule]
    assert found, rule
    for violation in found:
        assert as_problems([violation], flows)[0].code == f"br-sac-{rule}"
        line = Line(book, FlowId("t"), CallArrived("5000", "11987654321"), 0.0, World())
        player = Player(line)
        for step in violation.steps:
            player.take(Step("listens", None, Mark()))
            act, value = (step, None) if isinstance(step, str) else next(iter(step.items()))
            player.take(Step(act, value, Mark()))
        player.take(Step("listens", None, Mark()))
        nodes = [fact.node for _, fact in line.facts if isinstance(fact, NodeEntered)]
        assert violation.place.node in nodes, (violation, nodes)


@pytest.mark.parametrize("name", ["main", "sac", "clinic", "shop", "helpdesk", "collections", "reception"])
def test_C21_no_false_alarm_on_the_example_flows(name: str, prompts: Prompts) -> None:
    checked = check(texts_in(EXAMPLES), prompts)
    assert prove(checked.flows[FlowId(name)], checked.flows) == []


def test_C21_opening_hours_and_sub_flows_are_followed(prompts: Prompts) -> None:
    texts = texts_in(EXAMPLES)
    texts["ask-order.yaml"] = (
        texts["ask-order.yaml"]
        .replace("min_digits: 0", "min_digits: 1")
        .replace("{empty: none, timeout: none, invalid: none}", "{timeout: ask, invalid: ask}")
    )
    checked = check(texts, prompts)
    rules = {violation.rule for violation in prove(checked.flows[FlowId("shop")], checked.flows)}
    assert rules == {"data-gate", "silent-caller"}


def test_C17_complaint_gets_a_number_that_is_spoken_before_a_person(prompts: Prompts) -> None:
    checked = check(texts_in(EXAMPLES), prompts)
    assert checked.site is not None
    book = FlowBook.of(checked.flows.values(), checked.site)
    line = Line(book, FlowId("main"), CallArrived("5000", "119"), 0.0, World(protocol="20260000042"))
    line.press("4")
    assert line.until(lambda: line.queue is not None, 120.0)
    heard = [str(sound.prompt) for _, sound in line.heard]
    start = heard.index("protocol/your-number")
    assert [prompt.split("/")[1][0] for prompt in heard[start + 1 : start + 12]] == list("20260000042")
    assert heard[start + 12] == "protocol/repeat"
    assert line.queue is not None
    assert line.queue.priority == 5
    assert line.state.protocol == "20260000042"
