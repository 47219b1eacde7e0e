"""Scenarios as real calls: keys on the line, prompts by ear, and the virtual line agrees (C5, C21, C18)."""

# ruff: noqa: E501, ISC004 - tables read best with one case per line

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ari_app.calls.catalogue import lengths_in, prompts_in
from ari_app.cli.live.ear import Ear, shipped
from ari_app.cli.live.runner import Ran, Where, run_all
from ari_app.cli.remote import Remote, RemoteError
from ari_app.flow import prover
from ari_app.flow.admission import check
from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Problems
from ari_app.flow.scenario.script import Scenario, parse_scenarios
from ari_app.model.ids import FlowId
from ari_app.softphone.sip import Account
from demo.api import ApiError
from demo.centre import Centre
from demo.plan import REPOSITORY
from pbx.telco_phones import Behaviour
from tests.support.words import Words

SOUNDS = REPOSITORY / "sounds"
FLOWS = REPOSITORY / "callflows"
CALLER = "caller4"


@pytest.fixture(scope="module")
def where(centre: Centre) -> Where:
    """A telephone of its own, and an ear that knows the prompts."""
    plan = centre.plan
    account = Account("127.0.0.1", plan.ports.sip, CALLER, plan.keys.callers[CALLER])
    return Where(Remote(plan.api, plan.token), account, Ear(shipped(SOUNDS)), lengths_in(SOUNDS))


@pytest.fixture(scope="module")
def book() -> FlowBook:
    """The example flows, as their files have them."""
    return book_of({})


@pytest.fixture(autouse=True)
def nothing_left(words: Words) -> Words:
    """The sentences' fixture sees to it that no channel and no call is left."""
    return words


def book_of(more: dict[str, str]) -> FlowBook:
    files = {f.name: f.read_text("utf-8") for f in FLOWS.glob("*.yaml") if "scenarios" not in f.name}
    checked = check(files | more, prompts_in(SOUNDS))
    assert checked.site is not None
    assert [p for p in checked.problems if p.severity == "error"] == []
    return FlowBook.of(checked.flows.values(), checked.site)


def scenarios(text: str, only: tuple[str, ...] = ()) -> list[Scenario]:
    problems = Problems("x.scenarios.yaml")
    parsed = parse_scenarios(text, "x.scenarios.yaml", problems)
    assert parsed is not None, problems.found
    return [each for each in parsed.scenarios if not only or each.name in only]


def then_all_passed(ran: list[Ran]) -> None:
    assert [(each.scenario.name, each.failure) for each in ran if each.failure is not None] == []
    assert [each.scenario.name for each in ran if each.virtual_only] == []


def test_C5_scenario_files_run_as_real_calls_with_keys_and_what_is_heard(
    where: Where, book: FlowBook
) -> None:
    text = (FLOWS / "main.scenarios.yaml").read_text("utf-8")
    wanted = (
        "presses 1 and talks to sales",
        "complains and gets a protocol number first",
        "wants a person at once",
    )
    then_all_passed(run_all(where, book, scenarios(text, wanted), FlowId("main"), lambda _ran: None))


SAMPLE = {
    "clinic": "is urgent and goes first, then to the doctor",
    "collections": "hears what is due and talks to the operator of the case",
    "helpdesk": "the queue is full and he wants to be called back",
    "reception": "speaks Spanish and wants sales",
    "sac": "does not want to be recorded and is served all the same",
    "shop": "asks for an order that was received, knowing all the keys",
}
"""Numbers, money, dates, three languages, transfers, and in `collections` more than 20 s of prompts without a gap."""


def test_C5_a_scenario_of_each_example_flow_runs_on_the_line(where: Where, book: FlowBook) -> None:
    def one(flow: str) -> list[Ran]:
        text = (FLOWS / f"{flow}.scenarios.yaml").read_text("utf-8")
        return run_all(where, book, scenarios(text, (SAMPLE[flow],)), FlowId(flow), lambda _ran: None)

    with ThreadPoolExecutor(len(SAMPLE)) as pool:
        ran = [each for found in pool.map(one, SAMPLE) for each in found]
    assert len(ran) == len(SAMPLE)
    then_all_passed(ran)


def test_C5_what_is_played_but_not_heard_fails(where: Where, book: FlowBook) -> None:
    deaf = Where(
        where.remote, where.account, Ear(lambda _l, _p: shipped(SOUNDS)("en", "menu/invalid")), {}, 8.0
    )
    text = "flow: main\nscenarios: {a: {steps: [{hears: menu/main-greeting}, hangs_up]}}\n"
    (ran,) = run_all(deaf, book, scenarios(text), FlowId("main"), lambda _ran: None)
    assert ran.failure is not None
    assert "`menu/main-greeting` was not heard" in ran.failure.message


def test_C21_counter_example_is_played_as_a_call(where: Where) -> None:
    """A flow that demands data before a person: the prover's call is dialled, and comes to the gate."""
    gated = """
flow: gated
language: pt-BR
start: first
variables: {number: text}
nodes:
  first:
    type: menu
    prompt: menu/invalid
    keys: {1: gate, 4: complaint, 0: person}
    on: {timeout: person, invalid: person}
  gate: {type: collect, prompt: collect/document, into: number, next: person, on: {timeout: bye, invalid: bye}}
  complaint: {type: protocol, kind: complaint, also: [cancellation], next: person}
  person: {type: enqueue, queue: general, on: {otherwise: bye}}
  bye: {type: hangup, prompt: goodbye/short}
"""
    book = book_of({"gated.yaml": gated})
    flow = book.flow(FlowId("gated"))
    assert flow is not None
    violation = next(v for v in prover.prove(flow, {flow.id: flow}) if v.rule == "data-gate")
    text = prover.as_scenarios(flow, [violation])
    (scenario,) = scenarios(text)
    then_all_passed(run_all(where, book, [scenario], flow.id, lambda _ran: None))


def test_C18_runaway_flow_is_cut_on_a_real_call_and_the_caller_hears_the_safe_exit(where: Where) -> None:
    """The checker sees that `inner` may wait; on this call it never does."""
    outer = """
flow: runaway
language: pt-BR
start: round
variables: {n: whole}
nodes:
  round: {type: subflow, flow: inner, arguments: {n: n}, next: again}
  again: {type: set, values: {n: n + 1}, next: round}
"""
    inner = """
flow: inner
language: pt-BR
start: choose
parameters: {n: whole}
nodes:
  choose: {type: branch, cases: [{when: n < 0, to: speak}], otherwise: end}
  speak: {type: play, prompt: menu/repeat, next: end}
"""
    book = book_of({"runaway.yaml": outer, "inner.yaml": inner})
    where.remote.ask("POST", "/flows/inner/publish", {"source": inner})
    text = "flow: runaway\nscenarios: {a: {fault: true, steps: [{hears: problem/safe-exit}, {queued: {queue: general}}]}}\n"
    then_all_passed(run_all(where, book, scenarios(text), FlowId("runaway"), lambda _ran: None))
    where.remote.ask("POST", "/flows/inner/retire")


KEYS = "1290*#"
HEAD = "flow: dice\nlanguage: pt-BR\nlanguages: [pt-BR, en]\nstart: n0\nvariables: {text: text, n: whole}\nnodes:\n"
NODES = (
    "{{type: play, prompt: menu/repeat, next: {a}}}",
    "{{type: say, kind: number, value: 'n * 7', next: {a}, on: {{failed: {b}}}}}",
    "{{type: menu, prompt: menu/invalid, retries: 1, timeout_s: 2, keys: {{1: {a}, 2: {b}, '#': {c}}},"
    " on: {{timeout: {b}, invalid: {c}}}}}",
    "{{type: menu, prompt: menu/invalid, retries: 0, timeout_s: 2, barge_in: false, keys: {{1: {b}, 9: {a}}},"
    " on: {{timeout: {c}, invalid: {b}}}}}",
    "{{type: collect, prompt: collect/extension, into: text, max_digits: 2, retries: 0, timeout_s: 2,"
    " between_s: 2, next: {a}, on: {{timeout: {b}, invalid: {c}}}}}",
    "{{type: branch, cases: [{{when: 'size(text) > 1', to: {a}}}, {{when: 'n > 2', to: {b}}}], otherwise: {c}}}",
    "{{type: set, values: {{n: n + 1, text: 'text + digits'}}, next: {a}}}",
    "{{type: set_language, language: en, next: {a}}}",
    "{{type: consent, prompt: menu/repeat, wait_s: 2, next: {a}, on: {{refused: {b}}}}}",
    "{{type: enqueue, queue: sales, prompt: chosen/sales, max_wait_s: 6, on: {{answered: {a}, otherwise: {b}}}}}",
    "{{type: hangup, prompt: goodbye/short}}",
)


def random_flow(dice: random.Random) -> str:
    """Nodes wired at random; loops without a wait end at the step limit, on both lines alike."""
    names = [f"n{number}" for number in range(dice.randint(4, 7))]
    targets = [*names, *names, "end", "safe-exit"]
    lines = [
        f"  {name}: "
        + dice.choice(NODES).format(a=dice.choice(targets), b=dice.choice(targets), c=dice.choice(targets))
        for name in names
    ]
    return HEAD + "\n".join(lines) + "\n"


def random_caller(dice: random.Random) -> str:
    """Somebody who presses keys when nothing is said, waits, and gives up in the end."""
    steps = []
    for _ in range(dice.randint(1, 3)):
        steps.append(dice.choice(["listens", "{waits: 1}", "listens"]))
        steps.append(f'{{presses: "{"".join(dice.choices(KEYS, k=dice.randint(1, 2)))}"}}')
    return "[" + ", ".join([*steps, "listens", "{waits: 0.5}", "hangs_up"]) + "]"


def test_C5_random_flows_go_the_same_way_on_the_virtual_and_on_the_real_line(where: Where) -> None:
    """The node path, the keys and the end of each call; bounded by time once enough calls were compared."""
    dice, began, tried = random.Random(20261123), time.monotonic(), 0
    while tried < 6 or time.monotonic() - began < 20.0:
        draft = next(draft for draft in iter(lambda: random_flow(dice), "") if _fits(draft))
        callers = "".join(f"  c{n}: {{fault: false, steps: {random_caller(dice)}}}\n" for n in range(6))
        book = book_of({"dice.yaml": draft})
        found = scenarios("flow: dice\nscenarios:\n" + callers)
        ran = run_all(where, book, found, FlowId("dice"), lambda _ran: None, at_once=6, longest_s=25.0)
        ran = [_once_more(where, book, each) for each in ran]
        wrong = [(r.scenario.name, r.failure) for r in ran if r.failure is not None and not _is_no_step(r)]
        assert wrong == [], draft
        tried += sum(not r.virtual_only and r.failure is None for r in ran)


def _once_more(where: Where, book: FlowBook, ran: Ran) -> Ran:
    """A key that a busy machine pressed after the two seconds of silence is not late again, alone on the line."""
    if ran.failure is None or _is_no_step(ran):
        return ran
    return run_all(where, book, [ran.scenario], FlowId("dice"), lambda _ran: None, longest_s=25.0)[0]


def _fits(draft: str) -> bool:
    files = {f.name: f.read_text("utf-8") for f in FLOWS.glob("*.yaml") if "scenarios" not in f.name}
    checked = check(files | {"dice.yaml": draft}, prompts_in(SOUNDS))
    return FlowId("dice") in checked.flows


def _is_no_step(ran: Ran) -> bool:
    """The random caller did what this flow does not take, on the virtual line already: nothing to compare."""
    assert ran.failure is not None
    return ran.failure.message.startswith(("the call has ended already", "the flow failed at"))


def test_C5_only_a_named_test_phone_gets_into_a_rehearsal(where: Where, words: Words) -> None:
    for phone in ("carrier", "1005", "caller99"):
        with pytest.raises(RemoteError, match="no test phone"):
            where.remote.ask("POST", "/flows/main/rehearsals", {"phone": phone})
    made = where.remote.ask("POST", "/flows/main/rehearsals", {"phone": CALLER})
    for how in ({"caller": None}, {"caller": "caller1"}):
        words.telco.call(made["number"], **how).wait_ended()
    assert where.remote.ask("GET", f"/rehearsals/{made['id']}")["state"] == "waiting"
    where.remote.ask("DELETE", f"/rehearsals/{made['id']}")
    words.telco.call(made["number"], caller=CALLER).wait_ended()
    draft = {"phone": CALLER, "source": "flow: main\nstart: x\nnodes: {}\n"}
    with pytest.raises(RemoteError) as refused:
        where.remote.ask("POST", "/flows/main/rehearsals", draft)
    assert refused.value.errors[0]["file"] == "main.yaml"


def test_C6_call_me_rings_an_operators_phone_with_a_draft_and_no_operator_is_asked(
    where: Where, words: Words
) -> None:
    words.given_operator("1107", {"sales": 1}, Behaviour(after_s=0.2, say="tone:600"))
    draft = (
        "flow: main\nlanguage: pt-BR\nstart: hello\nnodes:\n"
        "  hello: {type: play, prompt: goodbye/short, next: line}\n"
        "  line: {type: enqueue, queue: sales, on: {answered: bye, otherwise: bye}}\n"
        "  bye: {type: hangup, prompt: goodbye/thank-you}\n"
    )
    made = words.api.post("/flows/main/rehearsals", {"call": "1107", "source": draft})
    url = f"/rehearsals/{made['id']}"
    words.api.wait(url, lambda view: view["queue"] is not None)
    words.api.post(f"{url}/acts", {"act": "operator_connects"})
    words.api.post(f"{url}/acts", {"act": "operator_hangs_up"})
    view = words.api.wait(url, lambda view: view["state"] == "ended")
    nodes = [fact["node"] for fact in view["facts"] if fact["fact"] == "NodeEntered"]
    assert nodes == ["hello", "line", "bye"]
    words.then_call(view["call_id"], lambda call: call["direction"] == "rehearsal")
    assert words.facts(view["call_id"], "OfferMade") == [], "the router rang nobody"
    words.then_operator_is("1107", "available")
    with pytest.raises(ApiError, match="409"):
        words.api.post("/flows/main/rehearsals", {"call": "+1900555123"})
    with pytest.raises(ApiError, match="409"):
        words.api.post("/flows/main/rehearsals", {"call": "1107", "phone": CALLER})
