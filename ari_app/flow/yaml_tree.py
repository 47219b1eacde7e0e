"""YAML text to a small tree that knows its places: bounded, without aliases, tags or surprises.

Scalars follow YAML 1.2's core schema (`no` is the word no, `010` is ten), because people write
`language: no` and telephone digits. Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import msgspec
import yaml

from ari_app.flow.problems import Mark, Problems, did_you_mean

MAX_BYTES = 512 * 1024
MAX_DEPTH = 24
MAX_NODES = 50_000

Scalar: TypeAlias = str | int | float | bool | None


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """A scalar; `text` as written, `value` as YAML 1.2 understands it."""

    mark: Mark
    text: str
    value: Scalar


class Item(msgspec.Struct, frozen=True):
    """A key of a mapping with its value."""

    key: str
    key_mark: Mark
    value: Tree


class Mapping(msgspec.Struct, frozen=True):
    """A mapping; keys are text, in the order written, each once."""

    mark: Mark
    items: tuple[Item, ...]

    def get(self, key: str) -> Tree | None:
        return next((item.value for item in self.items if item.key == key), None)


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    mark: Mark
    items: tuple[Tree, ...]


Tree: TypeAlias = Leaf | Mapping | Sequence

_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z")
_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _RefusedError(Exception):
    def __init__(self, code: str, message: str, mark: Mark, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.mark, self.hint = code, message, mark, hint


def read(text: str | bytes, problems: Problems) -> Tree | None:
    """Parse one document; None when it cannot be read at all (the reason is in `problems`)."""
    try:
        return _Composer(_decoded(text)).document()
    except _RefusedError as refused:
        problems.error(refused.code, refused.message, refused.mark, hint=refused.hint)
    except yaml.YAMLError as error:
        code, message, mark, hint = _explain(error)
        problems.error(code, message, mark, hint=hint)
    return None


def _decoded(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else _encoded(text)
    if len(data) > MAX_BYTES:
        raise _RefusedError("too-large", f"the file has {len(data)} bytes, at most {MAX_BYTES}", Mark())
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"not UTF-8: byte 0x{data[error.start]:02x}"
        raise _RefusedError("encoding", message, Mark(line), "save the file as UTF-8") from error


def _encoded(text: str) -> bytes:
    """The bytes of a text, wrong ones among them (read with `surrogateescape`) as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _explain(error: yaml.YAMLError) -> tuple[str, str, Mark, str]:
    place = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    mark = Mark(place.line + 1, place.column + 1) if place is not None else Mark()
    words = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable")
    if "cannot start any token" in words:
        return "tab", "a tab where YAML wants spaces", mark, "indent with spaces, two per level"
    hint = "put quotes round a text that contains `: `" if "mapping values" in words else ""
    return "yaml", f"not valid YAML: {words}", mark, hint


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


class _Composer:
    """Builds the tree from libyaml's events; depth and size are bounded before memory is."""

    def __init__(self, text: str) -> None:
        self._loader = _LOADER(text)
        self._nodes = 0

    def document(self) -> Tree | None:
        try:
            next_event = self._loader.get_event
            next_event()
            if isinstance(next_event(), yaml.StreamEndEvent):
                raise _RefusedError("empty", "the file is empty", Mark())
            tree = self._tree(next_event(), 0)
            next_event()
            extra = next_event()
            if not isinstance(extra, yaml.StreamEndEvent):
                raise _RefusedError("documents", "only one YAML document per file", _mark(extra))
            return tree
        finally:
            self._loader.dispose()

    def _tree(self, event: Any, depth: int) -> Tree:
        self._nodes += 1
        mark = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError("alias", "aliases (`*name`) are not allowed", mark, "write the value out")
        if event.anchor is not None:
            raise _RefusedError("alias", "anchors (`&name`) are not allowed", mark, "write the value out")
        if event.tag is not None and event.tag != "!":
            raise _RefusedError("tag", f"the tag `{event.tag[:40]}` is not allowed", mark)
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise _RefusedError("too-deep", "nested too deeply or too long for a flow", mark)
        if isinstance(event, yaml.ScalarEvent):
            return _leaf(event, mark)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(mark, depth)
        return self._mapping(mark, depth)

    def _sequence(self, mark: Mark, depth: int) -> Sequence:
        items: list[Tree] = []
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            items.append(self._tree(event, depth + 1))
        return Sequence(mark, tuple(items))

    def _mapping(self, mark: Mark, depth: int) -> Mapping:
        items: list[Item] = []
        seen: dict[str, Mark] = {}
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            key = self._tree(event, depth + 1)
            if not isinstance(key, Leaf):
                raise _RefusedError("key", "a key must be a single word", key.mark)
            if key.text in seen:
                first = seen[key.text].line
                message = f"`{key.text[:60]}` stands twice (first on line {first})"
                raise _RefusedError("duplicate-key", message, key.mark, "remove or rename one of them")
            seen[key.text] = key.mark
            items.append(Item(key.text, key.mark, self._tree(self._loader.get_event(), depth + 1)))
        return Mapping(mark, tuple(items))


def _leaf(event: Any, mark: Mark) -> Leaf:
    text: str = event.value
    inside = Mark(mark.line, mark.column + 1) if event.style and event.style in "'\"" else mark
    return Leaf(inside, text, scalar_value(text, quoted=bool(event.style)))


def scalar_value(text: str, *, quoted: bool) -> Scalar:
    """What a scalar means: words, whole and decimal numbers when it stands without quotes, else its text."""
    if quoted:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def mark_at(tree: Tree, *path: str) -> Mark:
    """Where the value at a path of keys (and places in lists) stands, or the nearest above it."""
    for step in path:
        below = tree.get(step) if isinstance(tree, Mapping) else None
        if isinstance(tree, Sequence) and step.isdecimal() and int(step) < len(tree.items):
            below = tree.items[int(step)]
        if below is None:
            break
        tree = below
    return tree.mark


def unknown_keys(tree: Mapping, known: set[str], problems: Problems, what: str) -> None:
    """Report keys that nobody reads: a misspelt key must never be ignored silently."""
    for item in tree.items:
        if item.key not in known:
            message = f"unknown key `{item.key[:60]}` in {what}"
            problems.error("unknown-key", message, item.key_mark, hint=did_you_mean(item.key, known))
