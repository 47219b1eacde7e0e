"""The checker: every kind of mistake is refused with file, line, node and a hint (C3)."""

# ruff: noqa: E501, ISC004 - tables read best with one case per line

from __future__ import annotations

import time

import pytest

from ari_app.flow.admission import check
from ari_app.flow.check import Library, Prompts, check_text
from ari_app.flow.report import as_json, as_sarif, as_text
from tests.unit.flow.given import EXAMPLES, GOLDEN, given_site, texts_in

HEAD = "flow: t\nstart: first\n"
MENU = "  first:\n    type: menu\n    prompt: menu/main-options\n    keys: {1: end}\n"
ON = "    on: {timeout: end, invalid: end}\n"
PLAY = "  first: {type: play, prompt: menu/invalid, next: end}\n"

# name: (text after `nodes:`, head, code, line, node, part of the message or hint)
BAD: dict[str, tuple[str, str, str, int, str, str]] = {
    "dangling target": (
        "  first: {type: play, prompt: menu/invalid, next: secnd}\n"
        "  second: {type: play, prompt: menu/invalid, next: end}\n",
        HEAD, "unknown-node", 4, "first", "did you mean `second`",
    ),
    "unreachable node": (PLAY + "  lost: {type: hangup}\n", HEAD, "unreachable", 5, "lost", "no way leads"),
    "missing prompt": (
        "  first: {type: play, prompt: menu/invalit, next: end}\n",
        HEAD, "missing-prompt", 4, "first", "did you mean `menu/invalid`",
    ),
    "prompt missing in one language": (
        "  first: {type: play, prompt: menu/invalid, next: end}\n",
        "flow: t\nlanguages: [pt-BR, fr]\nstart: first\n", "missing-prompt", 5, "first", "missing in fr",
    ),
    "menu without timeout path": (
        MENU + "    on: {invalid: end}\n", HEAD, "missing-exit", 5, "first", "`timeout` leads nowhere",
    ),
    "menu without invalid path": (
        MENU + "    on: {timeout: end}\n", HEAD, "missing-exit", 5, "first", "`invalid` leads nowhere",
    ),
    "a wait that never ends": (MENU + ON + "    timeout_s: 0\n", HEAD, "range", 9, "first", "0.1 to"),
    "unknown skill": (
        "  first: {type: enqueue, queue: sales, needs: {salez: 1}, on: {otherwise: end}}\n",
        HEAD, "unknown-skill", 4, "first", "did you mean `sales`",
    ),
    "unknown queue": (
        "  first: {type: enqueue, queue: salles, on: {otherwise: end}}\n",
        HEAD, "unknown-queue", 4, "first", "did you mean `sales`",
    ),
    "unknown calendar": (
        "  first: {type: hours, calendar: ofice, on: {open: end, closed: end}}\n",
        HEAD, "unknown-calendar", 4, "first", "office",
    ),
    "unknown key": (PLAY.replace("next", "nxt"), HEAD, "unknown-key", 4, "first", "did you mean `next`"),
    "unknown key in the head": (PLAY, HEAD + "startt: x\n", "unknown-key", 3, "", "did you mean `start`"),
    "unknown node type": (
        "  first: {type: meno, prompt: menu/invalid}\n", HEAD, "unknown-type", 4, "first", "did you mean `menu`",
    ),
    "unknown exit": (
        MENU + "    on: {timeout: end, invalid: end, timeouts: end}\n",
        HEAD, "unknown-exit", 8, "first", "did you mean `timeout`",
    ),
    "level out of range": (
        "  first: {type: enqueue, queue: sales, needs: {sales: 9}, on: {otherwise: end}}\n",
        HEAD, "range", 4, "first", "1 to 5",
    ),
    "wrong type": (MENU + ON + "    retries: many\n", HEAD, "type", 9, "first", "whole number"),
    "loop without a wait": (
        "  first: {type: set, next: again}\n  again: {type: set, next: first}\n",
        HEAD, "endless-loop", 4, "first", "first → again → first",
    ),
    "unknown name in a condition": (
        "  first: {type: branch, cases: [{when: 'tier == \"gold\"', to: end}], otherwise: end}\n",
        HEAD + "variables: {tire: text}\n", "expression", 5, "first", "did you mean `tire`",
    ),
    "wrong type in a condition": (
        "  first: {type: branch, cases: [{when: 'caller > 5', to: end}], otherwise: end}\n",
        HEAD, "expression", 4, "first", "between text and whole",
    ),
    "a condition that is none": (
        "  first: {type: branch, cases: [{when: caller, to: end}], otherwise: end}\n",
        HEAD, "expression", 4, "first", "must give boolean",
    ),
    "broken condition": (
        "  first: {type: branch, cases: [{when: 'hour >', to: end}], otherwise: end}\n",
        HEAD, "expression", 4, "first", "ends too early",
    ),
    "unknown variable": (
        "  first: {type: collect, prompt: menu/invalid, into: nubmer, next: end, on: {otherwise: end}}\n",
        HEAD + "variables: {number: text}\n", "unknown-variable", 5, "first", "did you mean `number`",
    ),
    "digits into a number": (
        "  first: {type: collect, prompt: menu/invalid, into: number, next: end, on: {otherwise: end}}\n",
        HEAD + "variables: {number: whole}\n", "type", 5, "first", "needs a text",
    ),
    "a value of the wrong type": (
        "  first: {type: set, values: {number: '\"x\"'}, next: end}\n",
        HEAD + "variables: {number: whole}\n", "expression", 5, "first", "must give whole",
    ),
    "wrong default": (PLAY, HEAD + "variables: {n: {type: whole, default: x}}\n", "type", 3, "", "not of type"),
    "a name every call has": (PLAY, HEAD + "variables: {caller: text}\n", "name", 3, "", "already"),
    "unknown time zone": (PLAY, HEAD + "timezone: Brazil/Sampa\n", "timezone", 3, "", "Brazil/Sampa"),
    "unknown sub-flow": (
        "  first: {type: subflow, flow: nope, next: end}\n", HEAD, "unknown-flow", 4, "first", "nope",
    ),
    "a flow that calls itself": (
        "  first: {type: subflow, flow: t, next: end}\n", HEAD, "recursion", 4, "", "t → t",
    ),
    "unallowed host": (
        "  first: {type: lookup, url: 'https://evil.example/x', next: end, on: {failed: end}}\n",
        HEAD, "unknown-host", 4, "first", "evil.example",
    ),
    "a variable in the host": (
        "  first: {type: lookup, url: 'https://${caller}.example.com/', next: end, on: {failed: end}}\n",
        HEAD, "url", 4, "first", "only after the host",
    ),
    "a file as URL": (
        "  first: {type: lookup, url: 'file:///etc/passwd', next: end, on: {failed: end}}\n",
        HEAD, "url", 4, "first", "http(s)",
    ),
    "unknown secret": (
        "  first: {type: lookup, url: 'https://api.example.com/', secrets: {A: tokn}, next: end,"
        " on: {failed: end}}\n",
        HEAD, "unknown-secret", 4, "first", "did you mean `token`",
    ),
    "unallowed outside number": (
        "  first: {type: transfer, to: number, target: '+900', on: {otherwise: end}}\n",
        HEAD, "unknown-number", 4, "first", "+900",
    ),
    "a reserved name": (PLAY + "  end: {type: hangup}\n", HEAD, "name", 5, "end", "reserved"),
    "a name with spaces": (PLAY + "  my node: {type: hangup}\n", HEAD, "name", 5, "my node", "must match"),
    "wrong start": (PLAY, "flow: t\nstart: frist\n", "unknown-node", 2, "", "did you mean `first`"),
    "no nodes": ("", HEAD, "missing-key", 3, "", "needs `nodes`"),
    "a path as prompt": (
        "  first: {type: play, prompt: ../../etc/passwd, next: end}\n", HEAD, "name", 4, "first", "prompt",
    ),
    "a menu without keys": (
        MENU.replace("{1: end}", "{}") + ON, HEAD, "node", 7, "first", "at least one key",
    ),
    "a key that is none": (MENU.replace("1:", "12:") + ON, HEAD, "name", 7, "first", "key"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_C3_mistake_is_refused_with_line_and_node(
    case: tuple[str, str, str, int, str, str], prompts: Prompts
) -> None:
    nodes, head, code, line, node, words = case
    flow, problems = check_text(f"{head}nodes:\n{nodes}", "t.yaml", Library({}, given_site(), prompts))
    assert flow is None
    found = next((problem for problem in problems if problem.code == code), None)
    assert found is not None, problems
    assert (found.file, found.mark.line, found.node) == ("t.yaml", line, node)
    assert words in found.message + found.hint


def test_C3_examples_and_golden_flows_are_sound(prompts: Prompts) -> None:
    for folder in (EXAMPLES, GOLDEN):
        checked = check(texts_in(folder), prompts)
        assert checked.problems == ()
        assert checked.site is not None


def test_C3_sub_flow_must_fit_its_caller(prompts: Prompts) -> None:
    texts = {
        "a.yaml": "flow: a\nlanguages: [pt-BR, en]\nstart: s\nnodes:\n"
        "  s: {type: subflow, flow: b, arguments: {x: '1', n: '\"t\"'}, results: {}, next: end, on: {odd: end}}\n",
        "b.yaml": "flow: b\nparameters: {n: whole}\nexits: [next, failed]\nstart: s\nnodes:\n"
        "  s: {type: exit, by: failde}\n",
    }
    found = {(p.file, p.code, p.message) for p in check(texts, prompts).problems}
    assert ("a.yaml", "unknown-variable", "flow `b` has no parameter `x`") in found
    assert ("a.yaml", "expression", "`arguments.n`: gives text, must give whole") in found
    assert ("a.yaml", "missing-exit", "flow `b` may end by `failed`, which leads nowhere here") in found
    assert ("a.yaml", "unknown-exit", "flow `b` never ends by `odd`") in found
    assert ("a.yaml", "language", "flow `b` does not speak en") in found
    assert ("b.yaml", "unknown-exit", "`failde` is none of the flow's `exits`") in found


SITE_BAD = {
    "unknown flow of a number": ("numbers: {'5000': {flow: nope}}\n", "unknown-flow"),
    "unknown skill of a queue": ("skills: {}\n", "unknown-skill"),
    "bad hours": ("calendars: {c: {hours: {mon: ['8-18']}}}\n", "calendar"),
    "bad weekday": ("calendars: {c: {hours: {monday: ['08:00-18:00']}}}\n", "choice"),
    "unknown country": ("calendars: {c: {country: XX, hours: {}}}\n", "calendar"),
    "bad day": ("calendars: {c: {hours: {}, closures: [{start: 24.12.2026}]}}\n", "calendar"),
    "unknown zone": ("calendars: {c: {hours: {}, timezone: Mars/Base}}\n", "calendar"),
    "unknown key": ("queus: {}\n", "unknown-key"),
}


@pytest.mark.parametrize(("more", "code"), SITE_BAD.values(), ids=SITE_BAD.keys())
def test_C3_bad_site_is_refused(more: str, code: str) -> None:
    text = "default_queue: q\nqueues: {q: {name: Q, skills: {s: 1}}}\n"
    text += more if more.startswith("skills") else f"skills: {{s: S}}\n{more}"
    assert code in {problem.code for problem in check({"site.yaml": text}, None).problems}


def test_C3_relaxation_must_be_in_order() -> None:
    text = "default_queue: q\nqueues: {q: {name: Q, relax: [{after_s: 60}, {after_s: 30}]}}\n"
    assert "order" in {problem.code for problem in check({"site.yaml": text}, None).problems}


def test_C3_output_for_people_programs_and_ci(prompts: Prompts) -> None:
    text = f"{HEAD}nodes:\n" + BAD["dangling target"][0]
    _, problems = check_text(text, "t.yaml", Library({}, given_site(), prompts))
    shown = as_text(problems, {"t.yaml": text}).splitlines()
    assert shown[0].startswith("t.yaml:4:51: error in node `first`: the exit `next` leads to `secnd`")
    assert shown[2].index("^") == shown[1].index("secnd")
    assert shown[3] == "  hint: did you mean `second`?"
    assert as_json(problems)[0]["line"] == 4
    run = as_sarif(problems, "1")["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 4


def test_C3_500_flows_are_checked_in_seconds(prompts: Prompts) -> None:
    """Two seconds of CPU time on a quiet machine; a busy one takes several times as long for the same."""
    texts = {}
    for number in range(500):
        source = (EXAMPLES / ("sac.yaml" if number % 2 else "main.yaml")).read_text("utf-8")
        texts[f"f{number}.yaml"] = source.replace("flow: sac", f"flow: f{number}").replace(
            "flow: main", f"flow: f{number}"
        )
    site = (EXAMPLES / "site.yaml").read_text("utf-8")
    texts["site.yaml"] = site[site.index("default_queue") :]
    began = time.process_time()
    checked = check(texts, prompts)
    took = time.process_time() - began
    assert len(checked.flows) == 500
    assert took < 10.0, f"{took:.2f} s"
