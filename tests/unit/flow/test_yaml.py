"""Hostile and broken files are refused with a place and words, quickly, and never crash (C3)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Problem, Problems
from ari_app.flow.yaml_tree import MAX_BYTES, Leaf, Mapping, read

BOMB = "a: &a [x,x]\n" + "".join(
    f"{c}: &{c} [*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD: dict[str, tuple[str | bytes, str, int]] = {
    "bomb of aliases": (BOMB, "alias", 1),
    "an alias": ("a: 1\nb: *a\n", "alias", 2),
    "ten megabytes": ("# " + "x" * 10_000_000, "too-large", 1),
    "not UTF-8": (b"flow: main\ndescription: caf\xe9\n", "encoding", 2),
    "UTF-16": ("flow: main\n".encode("utf-16"), "encoding", 1),
    "duplicate keys": ("flow: a\nstart: b\nflow: c\n", "duplicate-key", 3),
    "a tab": ("nodes:\n\tfirst: 1\n", "tab", 2),
    "nested deeply": ("[" * 5000 + "]" * 5000, "too-deep", 1),
    "a tag": ("a: !!python/object/apply:os.system ['true']\n", "tag", 1),
    "a local tag": ("a: !secret x\n", "tag", 1),
    "two documents": ("a: 1\n---\nb: 2\n", "documents", 2),
    "empty": ("", "empty", 1),
    "only a comment": ("# nothing\n", "empty", 1),
    "unclosed": ("a: [1, 2\n", "yaml", 2),
    "a key that is a list": ("[a, b]: 1\n", "key", 1),
    "control characters": ("a: \x07\n", "yaml", 1),
    "surrogates": ("a: \udc80\n", "encoding", 1),
    "too many nodes": ("[" + "a," * 60_000 + "]", "too-deep", 1),
}


@pytest.mark.parametrize(("text", "code", "line"), BAD.values(), ids=BAD.keys())
def test_C3_hostile_file_is_refused_with_its_place(text: str | bytes, code: str, line: int) -> None:
    problems = Problems("bad.yaml")
    began = time.process_time()
    assert read(text, problems) is None
    assert time.process_time() - began < 5.0, "a bomb went off"
    assert [(problem.code, problem.mark.line) for problem in problems.found] == [(code, line)]


def test_C3_scalars_follow_yaml_1_2() -> None:
    tree = read("a: no\nb: 010\nc: 1_000\nd: '1'\ne: 12:30\nf: true\n0: x\non: y\n", Problems("x"))
    assert isinstance(tree, Mapping)
    values = {item.key: item.value.value for item in tree.items if isinstance(item.value, Leaf)}
    assert values == {
        "a": "no", "b": 10, "c": "1_000", "d": "1", "e": "12:30", "f": True, "0": "x", "on": "y",
    }  # fmt: skip


def test_C3_a_byte_order_mark_is_no_error() -> None:
    problems = Problems("x")
    assert read(b"\xef\xbb\xbfa: 1\n", problems) is not None
    assert problems.found == []


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_C3_any_input_gives_a_flow_or_problems(text: str | bytes) -> None:
    problems = Problems("any.yaml")
    assert parse_flow(text, "any.yaml", problems) is not None or problems.has_errors
    assert all(isinstance(problem, Problem) and problem.message for problem in problems.found)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_C3_a_mutilated_flow_gives_problems_not_exceptions(data: st.DataObject) -> None:
    text = "flow: x\nstart: a\nnodes:\n  a:\n    type: menu\n    prompt: menu/x\n    keys: {1: end}\n"
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 20))
    insert = data.draw(st.text(alphabet="{}[]:,\n -&*!'\"#ab1", max_size=8))
    parse_flow(text[:at] + insert + text[at + cut :], "x.yaml", Problems("x.yaml"))


def test_C3_findings_are_bounded() -> None:
    problems = Problems("x")
    read_text = "flow: x\nstart: a\nnodes:\n" + "".join(f"  n{i}: {{type: nope}}\n" for i in range(400))
    assert parse_flow(read_text, "x.yaml", problems) is None
    assert len(problems.found) == Problems.LIMIT
    assert MAX_BYTES < 10_000_000
