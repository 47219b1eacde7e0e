"""Single queues, skills, calendars, numbers and pauses of the site: read, set, taken out, found by line."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal, get_args

import msgspec

from ari_app.flow.kinds import NAME_PATTERN
from ari_app.flow.problems import Mark, Problems
from ari_app.flow.shape import plain_value
from ari_app.flow.site import Calendar, Number, PauseConfig, QueueConfig
from ari_app.flow.yaml_edit import GONE, EditError, edited, same
from ari_app.flow.yaml_tree import Leaf, Mapping, Tree, read

SiteKind = Literal["queues", "skills", "calendars", "numbers", "pauses"]
KINDS: tuple[SiteKind, ...] = get_args(SiteKind)
NUMBER_PATTERN = r"^\+?[0-9*#]{1,39}$"
STRUCTS: dict[SiteKind, type[msgspec.Struct]] = {
    "queues": QueueConfig,
    "calendars": Calendar,
    "numbers": Number,
    "pauses": PauseConfig,
}
"""Skills are a name for people alone."""
FIRST_SITE = "queues:\n  general:\n    name: General\ndefault_queue: general\n"
"""What is edited where no site file was ever written."""

Entry = dict[str, Any]
"""A queue, skill, calendar, number or pause as it is written; a skill as `{"name": …}`."""


def named_well(kind: SiteKind, name: str) -> bool:
    """Whether a new one may be called so."""
    return re.fullmatch(NUMBER_PATTERN if kind == "numbers" else NAME_PATTERN, name, re.ASCII) is not None


def entries(text: str, kind: SiteKind) -> dict[str, Entry]:
    """All of a kind by name, in the file's order; empty when the text cannot be read."""
    tree = read(text, Problems("site.yaml"))
    section = tree.get(kind) if isinstance(tree, Mapping) else None
    if not isinstance(section, Mapping):
        return {}
    return {item.key: _entry(item.value) for item in section.items}


def version_of_entry(entry: Entry) -> str:
    """Changes when what is written changes; comments and spacing do not count."""
    return hashlib.sha256(msgspec.json.encode(entry, order="sorted")).hexdigest()[:16]


def with_entry(text: str, kind: SiteKind, name: str, entry: Entry | None) -> str:
    """The text with this entry, or (None) without it; all else as it was. Raises `EditError`."""
    value: Any = GONE
    if entry is not None:
        value = entry["name"] if kind == "skills" and set(entry) == {"name"} else entry
    before = _plain(text)
    after_text = edited(text, (kind, name), value)
    section = dict(before.get(kind) or {})
    if entry is None:
        section.pop(name, None)
    else:
        section[name] = value
    if not same(_plain(after_text), {**before, kind: section}):
        raise EditError("the file is written in a way that cannot be edited here; edit its text")
    return after_text


def path_at(text: str, mark: Mark) -> tuple[str, ...]:
    """The keys that lead to what stands at a mark; empty: nothing, or the file itself."""
    tree = read(text, Problems("site.yaml"))
    return _find(tree, mark, ()) or () if tree is not None else ()


def _find(tree: Tree, mark: Mark, path: tuple[str, ...]) -> tuple[str, ...] | None:
    if tree.mark == mark and path:
        return path
    if isinstance(tree, Mapping):
        for item in tree.items:
            below = (*path, item.key)
            found = below if item.key_mark == mark else _find(item.value, mark, below)
            if found is not None:
                return found
    elif not isinstance(tree, Leaf):
        for place, each in enumerate(tree.items):
            found = _find(each, mark, (*path, str(place)))
            if found is not None:
                return found
    return None


def _entry(tree: Tree) -> Entry:
    value = plain_value(tree)
    return value if isinstance(value, dict) else {"name": value}


def _plain(text: str) -> dict[str, Any]:
    problems = Problems("site.yaml")
    tree = read(text, problems)
    if not isinstance(tree, Mapping):
        found = problems.found[0].message if problems.found else "the file is no mapping"
        raise EditError(found)
    return {item.key: plain_value(item.value) for item in tree.items}
