"""CEL in flows: judged at load, safe at run time (C3, C7)."""

# ruff: noqa: E501 - tables read best with one case per line

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.flow import engine
from ari_app.flow.book import FlowBook
from ari_app.flow.cel_parse import CelSyntaxError, parse
from ari_app.flow.condition import check, compiled, evaluate
from ari_app.flow.state import Frame, State
from ari_app.flow.steps import locate
from ari_app.flow.templates import as_text, places
from ari_app.flow.turn import FlowError, Turn
from ari_app.model.ids import FlowId
from ari_app.model.signals import CallArrived
from tests.unit.flow.given import given_book, given_flow

NAMES = {"n": "whole", "d": "decimal", "t": "text", "b": "boolean", "j": "json"}
HEAD = "variables: {n: whole, d: decimal, t: text, b: boolean, j: json}\n"

GOOD = [
    "n + 1 == 2", "d * 2.0 > 1.5", "t == 'x' || t.startsWith('y')", "!b && n in [1, 2]", "b ? n > 1 : t != ''",
    "size(t) > 3 && t.matches('^[0-9]+$')", "j.a.b == 1 && has(j.c)", "j.items.exists(i, i.price > n)",
    "double(n) + d < 3.0", "string(n) == t", "-n < 3", "j == null", "t.contains('a') == b", "((((b))))",
    "j.list.filter(x, x > 1).size() > 0", "int(t) == n", "j[0].x == 'q'", "n % 2 == 0",
]  # fmt: skip
BAD = {
    "nn == 1": ("unknown name `nn`", 1),
    "n + d > 1.0": ("`+` between whole and decimal", 3),
    "t > 5": ("between text and whole", 3),
    "n == '1'": ("between whole and text", 3),
    "n && b": ("expected boolean, found whole", 1),
    "n": ("gives whole, must give boolean", 1),
    "t.foo()": ("unknown function `foo`", 3),
    "t.size > 1": ("a text has no `.size`", 3),
    "size(n) > 1": ("expected text or list", 6),
    "has(n)": ("asks for a field", 1),
    "b ==": ("ends too early", 5),
    "b == )": ("unexpected `)`", 6),
    "b b": ("unexpected `b`", 3),
    "'open": ("unexpected `'`", 1),
    "b + b": ("does not work on boolean", 3),
    "t.startsWith('a', 'b')": ("not used like this", 3),
    "startsWith(t, 'a')": ("not used like this", 1),
    "j.all(x, j.all(y, j.all(z, true)))": ("loops inside", 21),
    "j.exists(1, true)": ("not used like this", 3),
    "j.exists(x, 1)": ("needs a condition", 3),
    "99999999999999999999 == n": ("too large", 1),
    "(" * 100 + "b" + ")" * 100: ("nested too deeply", 0),
    "b || " * 300 + "b": ("longer than", 1),
    "{'a': 1} == j": ("unexpected `{`", 1),
    "b; import os": ("unexpected `;`", 2),
    "": ("ends too early", 1),
    "string(b ? n : b) == t": ("`? :` gives whole or boolean", 8),
}


@pytest.mark.parametrize("source", GOOD)
def test_C3_good_condition_passes(source: str) -> None:
    assert check(source, NAMES, "boolean") is None


@pytest.mark.parametrize(("source", "message", "column"), [(s, *rest) for s, rest in BAD.items()])
def test_C3_bad_condition_is_refused_at_its_column(source: str, message: str, column: int) -> None:
    fault = check(source, NAMES, "boolean")
    assert fault is not None
    assert message in fault.message
    assert column in (0, fault.column)


@functools.cache
def given_call() -> tuple[FlowBook, State]:
    book = given_book(given_flow("first: {type: play, prompt: menu/repeat, next: end}", HEAD))
    return book, engine.start(book, FlowId("test"), CallArrived("5000", "119"), 1_772_456_400.0).state


def given_turn(**values: Any) -> Turn:
    book, state = given_call()
    turn = Turn(book, state, 1_772_456_400.0)
    assert locate(turn)
    frame = turn.frames[-1]
    turn.frames[-1] = Frame(frame.flow, frame.version, frame.node, frame.variables | values)
    return turn


_names = st.sampled_from(["n", "d", "t", "b"])
_atoms = st.one_of(
    _names,
    st.integers(-50, 50).map(lambda n: str(n) if n >= 0 else f"({n})"),
    st.sampled_from(["1.5", "0.0", "'a'", "'12'", "true", "false", "[1, 2]"]),
)
_expressions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"]),
            inner,
        ).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda e: f"!({e})"),
        inner.map(lambda e: f"size({e})"),
        inner.map(lambda e: f"double({e})"),
        inner.map(lambda e: f"string({e})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]}.startsWith({p[1]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(_expressions, st.integers(-9, 9), st.floats(-9, 9), st.text(max_size=4), st.booleans())
def test_C3_what_passes_the_checker_has_no_type_error_on_a_call(
    source: str, n: int, d: float, t: str, b: bool
) -> None:
    if check(source, NAMES) is not None:
        return
    try:
        evaluate(source, given_turn(n=n, d=d, t=t, b=b))
    except FlowError as error:
        cause = error.__cause__
        assert not isinstance(cause, TypeError), f"{source}: {cause}"
        assert "Undefined" not in str(cause), f"{source}: {cause}"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_C3_any_text_is_an_expression_or_refused(source: str) -> None:
    try:
        parse(source)
        compiled(source)
    except CelSyntaxError as error:
        assert error.column >= 1  # noqa: PT017 - both outcomes are fine


def test_C3_expensive_expressions_stay_cheap() -> None:
    numbers = list(range(300))
    source = "j.all(a, j.all(b, a + b >= 0))"
    assert check(source, NAMES, "boolean") is None
    assert evaluate(source, given_turn(j=numbers)) is True
    assert evaluate("t.matches('(a+)+$')", given_turn(t="a" * 3000 + "b")) is False


@pytest.mark.parametrize("source", ["j.a == 1", "j[3] == 1", "int(t) == 1", "1 / n == 1"])
def test_C3_what_data_cannot_answer_is_a_fault_not_false(source: str) -> None:
    assert check(source, NAMES, "boolean") is None
    with pytest.raises(FlowError):
        evaluate(source, given_turn(j={}, t="x", n=0))


def test_C7_templates_find_their_places() -> None:
    assert places("a${n + 1}b${t}") == [("n + 1", 4), ("t", 13)]
    assert [as_text(value) for value in (None, True, 1.0, 1.5, "x")] == ["", "true", "1", "1.5", "x"]
