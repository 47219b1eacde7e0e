"""The site's text is changed word by word: comments, order and spacing of all else stay (C2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.flow.problems import Mark, Problems
from ari_app.flow.shape import plain_value
from ari_app.flow.site_edit import entries, path_at, with_entry
from ari_app.flow.yaml_edit import GONE, EditError, edited, same
from ari_app.flow.yaml_tree import mark_at, read
from ari_app.flow.yaml_write import inline
from tests.unit.flow.given import EXAMPLES

SITE = (EXAMPLES / "site.yaml").read_text("utf-8")
ODD = """\
# first
default_queue: "a"   # why a
queues:
    a:          # four spaces
        name:   'A: the first'
        # how long it rings
        ring_s: 10   # seconds

        skills: {
          x: 1,  # really
          y: 2
        }
        relax:
        - after_s: 5    # soon
          needs: {x: 0}
        # then
        - {after_s: 9, queues: [b]}
    # about b
    b: {name: B}
    c:
        name: |
            C
skills: {x: X, y: "Y"}
calendars:
"""


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "taken", "put"),
    [
        (("a", "ring_s"), 12, ["        ring_s: 10   # seconds"], ["        ring_s: 12   # seconds"]),
        (("a", "name"), "It's: ok", ["        name:   'A: the first'"], ['        name:   "It\'s: ok"']),
        (("a", "skills", "x"), 3, ["          x: 1,  # really"], ["          x: 3,  # really"]),
        (("a", "wrap_up_s"), 2.5, [], ["        wrap_up_s: 2.5"]),
        (("b", "ring_s"), 9, ["    b: {name: B}"], ["    b: {name: B, ring_s: 9}"]),
        (("b",), GONE, ["    # about b", "    b: {name: B}"], []),
        (("a", "ring_s"), GONE, ["        # how long it rings", "        ring_s: 10   # seconds"], []),
        (("c", "name"), "C2", ["        name: |", "            C"], ["        name: C2"]),
        (("d",), {"name": "D"}, [], ["    d: {name: D}"]),
    ],
)
def test_C2_only_the_words_that_change_are_written(
    path: tuple[str, ...], value: Any, taken: list[str], put: list[str]
) -> None:
    assert lines_changed(ODD, edited(ODD, ("queues", *path), value)) == (taken, put)


def test_C2_items_of_a_list_are_changed_one_by_one() -> None:
    path = ("queues", "a", "relax")
    first, second = {"after_s": 5, "needs": {"x": 0}}, {"after_s": 9, "queues": ["b"]}
    shorter = edited(ODD, path, [second])
    assert lines_changed(ODD, shorter)[1] == []
    assert "        # then\n" in shorter
    longer = edited(ODD, path, [first, {"after_s": 7, "needs": {"x": 1}}, second])
    assert lines_changed(ODD, longer) == ([], ["        - {after_s: 7, needs: {x: 1}}"])
    later = edited(ODD, path, [{"after_s": 6, "needs": {"x": 0}}, second])
    assert lines_changed(ODD, later) == (
        ["        - after_s: 5    # soon"],
        ["        - after_s: 6    # soon"],
    )


def test_C2_sections_that_are_missing_or_empty_are_begun() -> None:
    text = "queues:\n  a: {name: A}\ndefault_queue: a\nskills: {}\n"
    text = with_entry(text, "skills", "modem", {"name": "Modems"})
    text = with_entry(text, "numbers", "5000", {"flow": "main"})
    assert text == (
        "queues:\n  a: {name: A}\ndefault_queue: a\n"
        'skills:\n  modem: Modems\nnumbers:\n  "5000": {flow: main}\n'
    )
    assert with_entry(text, "skills", "modem", None).splitlines()[3] == "skills: {}"


def test_C2_a_file_from_windows_keeps_its_line_ends() -> None:
    text = SITE.replace("\n", "\r\n")
    changed = with_entry(text, "skills", "french", {"name": "Français"})
    assert changed.count("\r\n") == changed.count("\n") == text.count("\n") + 1


@pytest.mark.parametrize("text", ["[1, 2]", "", "a: &x 1\nb: *x\n", "queues: [a]\n", "{"])
def test_C3_what_cannot_be_edited_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        with_entry(text, "queues", "a", {"name": "A"})


def test_C3_a_problems_line_leads_to_its_field() -> None:
    tree = read(SITE, Problems("site.yaml"))
    assert tree is not None
    for path in (("queues", "support", "relax", "0", "needs"), ("calendars", "office", "hours", "mon")):
        assert path_at(SITE, mark_at(tree, *path)) == path
    assert path_at(SITE, Mark(10_000, 1)) == ()


TEXTS = st.text(max_size=12) | st.sampled_from(["yes", "5000", "1e3", "null", "~", "a: b", "- x", "#", "é|>"])
SCALARS = TEXTS | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(0, 1e6).map(lambda x: round(x, 3))
NAMES = st.sampled_from(["name", "ring_s", "skills", "relax", "x", "y"]) | st.text(
    "ab-", min_size=1, max_size=3
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(text=st.sampled_from([SITE, ODD]), name=st.sampled_from(["a", "b", "sales", "new"]),
       value=st.none() | st.dictionaries(NAMES, VALUES, min_size=1, max_size=5))  # fmt: skip
def test_C2_any_value_is_read_back_as_it_was_written(
    text: str, name: str, value: dict[str, Any] | None
) -> None:
    """Or refused; nothing else changes, comments of other entries least of all."""
    before = entries(text, "queues")
    try:
        changed = with_entry(text, "queues", name, value)
    except EditError:
        assert any("\ud800" <= c <= "\udfff" for c in str(value))
        return
    after = entries(changed, "queues")
    assert after.get(name) == value
    assert {key: one for key, one in after.items() if key != name} == {
        key: one for key, one in before.items() if key != name
    }
    assert with_entry(changed, "queues", name, value) == changed


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_C2_a_value_on_one_line_is_itself(value: Any) -> None:
    problems = Problems("x")
    tree = read(f"v: {inline(value)}\n", problems)
    assert tree is not None, problems.found
    assert same(plain_value(tree), {"v": value})
