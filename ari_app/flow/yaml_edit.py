"""Changes to a YAML text that touch nothing but what is changed: comments, order and spacing stay.

A change is a series of splices, each found anew in the text that the one before left, until the text says
what is wanted. Whoever calls this reads the result back: forms of YAML that are not foreseen here are refused
then, never written wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from ari_app.flow.yaml_tree import scalar_value
from ari_app.flow.yaml_write import after_key, block, entry, inline

MOST_SPLICES = 5000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class EditError(ValueError):
    """The text is written in a way that cannot be changed here."""


class Gone:
    """Stands for a value that is to be taken out."""


GONE = Gone()


class Splice(NamedTuple):
    """These characters are replaced by that text."""

    start: int
    end: int
    text: str


def edited(text: str, path: Sequence[str], value: Any) -> str:
    """The text with `value` at the path of keys, or without it (`GONE`). Raises `EditError`."""
    for _ in range(MOST_SPLICES):
        try:
            splice = _Editor(text).at(path, value)
        except (yaml.YAMLError, ValueError, IndexError) as error:
            raise EditError(str(error)) from error
        if splice is None:
            return text
        line_end = "\r\n" if "\r\n" in text else "\n"
        text = text[: splice.start] + splice.text.replace("\n", line_end) + text[splice.end :]
    raise EditError("too many changes at once")


def same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: 1 is not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


class _Editor:
    """Finds the next splice in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root = yaml.compose(text, Loader=_LOADER)

    def at(self, path: Sequence[str], value: Any) -> Splice | None:
        """What to splice so that the path says `value`; None: it does."""
        node, key = self._root, None
        for depth, step in enumerate(path):
            if not isinstance(node, yaml.MappingNode):
                raise EditError(f"`{'.'.join(path[:depth])}` is no mapping")
            place = next((i for i, pair in enumerate(node.value) if pair[0].value == step), None)
            last = depth == len(path) - 1
            if place is None:
                if isinstance(value, Gone):
                    return None
                for inner in reversed(path[depth + 1 :]):
                    value = {inner: value}
                return self._append(node, key, step, value)
            if last and isinstance(value, Gone):
                return self._delete(node, key, place)
            key, node = node.value[place]
        return self._change(key, node, value)

    def _change(self, key: Any, node: Any, value: Any) -> Splice | None:
        """Make a node say `value`. `key` None: it is an item of a list."""
        if same(_plain(node), value):
            return None
        if isinstance(node, yaml.MappingNode) and isinstance(value, dict) and value and node.value:
            return self._change_mapping(key, node, value)
        whole_list = isinstance(node, yaml.SequenceNode) and isinstance(value, list) and value
        if whole_list and not node.flow_style:
            return self._change_list(node, value)
        return self._replace(key, node, value)

    def _change_mapping(self, key: Any, node: Any, value: dict[str, Any]) -> Splice | None:
        places = {pair[0].value: place for place, pair in enumerate(node.value)}
        for name, wanted in value.items():
            if name not in places:
                return self._append(node, key, name, wanted)
            own, inner = node.value[places[name]]
            splice = self._change(own, inner, wanted)
            if splice is not None:
                return splice
        return next(self._delete(node, key, place) for name, place in places.items() if name not in value)

    def _change_list(self, node: Any, value: list[Any]) -> Splice | None:
        old = [_plain(item) for item in node.value]
        first = next((i for i, pair in enumerate(zip(old, value, strict=False)) if not same(*pair)), None)
        if first is None:
            first = min(len(old), len(value))
        left, right = len(old) - first, len(value) - first
        alike = 0
        while alike < min(left, right) and same(old[-1 - alike], value[-1 - alike]):
            alike += 1
        if right == alike:
            return self._delete_item(node, first)
        if left == alike:
            return self._insert_item(node, first, value[first])
        return self._change(None, node.value[first], value[first])

    # --- splices -------------------------------------------------------------------------------------------

    def _replace(self, key: Any, node: Any, value: Any) -> Splice:
        start, end = node.start_mark.index, self._end(node)
        if isinstance(node, yaml.ScalarNode) and node.style not in {"|", ">"} and end > start:
            return Splice(start, end, inline(value))
        if key is None:
            return Splice(start, end, inline(value))
        colon = self._text.index(":", key.end_mark.index)
        in_flow = not isinstance(node, yaml.ScalarNode) and node.flow_style
        new = f" {inline(value)}" if in_flow else after_key(value, key.start_mark.column)
        return Splice(colon + 1, max(end, colon + 1), new)

    def _append(self, node: Any, key: Any, name: str, value: Any) -> Splice:
        if not node.value:
            if key is None:
                raise EditError("the file is empty")
            colon = self._text.index(":", key.end_mark.index)
            on_one_line = "\n" not in self._text[colon : node.start_mark.index]
            indent = key.start_mark.column + 2
            new = block({name: value}, indent) if on_one_line else f" {inline({name: value})}"
            return Splice(colon + 1, node.end_mark.index, new)
        end = self._end(node.value[-1][1], node.value[-1][0])
        if node.flow_style:
            return Splice(end, end, f", {inline(name)}: {inline(value)}")
        after = self._line_end(end)
        column = node.start_mark.column
        if node is self._root and isinstance(value, dict) and value:
            return Splice(after, after, f"\n{inline(name)}:{block(value, column + 2)}")
        return Splice(after, after, f"\n{entry(name, value, column)}")

    def _delete(self, node: Any, key: Any, place: int) -> Splice:
        if len(node.value) == 1:
            return self._replace(key, node, {})
        own, value = node.value[place]
        start, end = own.start_mark.index, self._end(value, own)
        following = node.value[place + 1][0].start_mark.index if place + 1 < len(node.value) else None
        if node.flow_style:
            if following is not None:
                return Splice(start, following, "")
            return Splice(self._end(node.value[place - 1][1], node.value[place - 1][0]), end, "")
        if self._text[self._line_start(start) : start].strip():
            if following is None:
                raise EditError("a key stands in the line of another")
            return Splice(start, following, "")
        return self._without_lines(self._above(start), end)

    def _delete_item(self, node: Any, place: int) -> Splice:
        item = node.value[place]
        dash = self._dash(item)
        if self._text[self._line_start(dash) : dash].strip():
            raise EditError("an item stands in the line of another")
        return self._without_lines(self._above(dash), self._end(item))

    def _insert_item(self, node: Any, place: int, value: Any) -> Splice:
        indent = " " * node.start_mark.column
        if place == 0:
            before = self._line_start(node.start_mark.index)
            return Splice(before, before, f"{indent}- {inline(value)}\n")
        after = self._line_end(self._end(node.value[place - 1]))
        return Splice(after, after, f"\n{indent}- {inline(value)}")

    # --- places --------------------------------------------------------------------------------------------

    def _end(self, node: Any, key: Any = None) -> int:
        """Where what a node says ends, without the comments and empty lines that follow it."""
        if isinstance(node, yaml.ScalarNode):
            end = node.end_mark.index
            if node.style in {"|", ">"}:
                end = len(self._text[:end].rstrip())
        elif node.flow_style or not node.value:
            end = node.end_mark.index
        elif isinstance(node, yaml.MappingNode):
            end = self._end(node.value[-1][1], node.value[-1][0])
        else:
            end = self._end(node.value[-1])
        return end if key is None else max(end, self._text.index(":", key.end_mark.index) + 1)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Before the line's end."""
        end = self._text.find("\n", at)
        if end < 0:
            return len(self._text)
        return end - 1 if self._text[end - 1] == "\r" else end

    def _dash(self, item: Any) -> int:
        return self._text.rindex("-", 0, item.start_mark.index)

    def _above(self, at: int) -> int:
        """The start of the line, or of the comment that stands directly above it at the same column."""
        start = self._line_start(at)
        column = at - start
        while start > 0:
            before = self._line_start(start - 1)
            line = self._text[before : start - 1]
            if len(line) - len(line.lstrip(" ")) != column or not line.lstrip(" ").startswith("#"):
                break
            start = before
        return start

    def _without_lines(self, start: int, end: int) -> Splice:
        after = self._text.find("\n", end)
        if after >= 0:
            return Splice(start, after + 1, "")
        return Splice(max(start - 1, 0), len(self._text), "")


def _plain(node: Any) -> Any:
    """What a node says, as `yaml_tree` reads it."""
    if isinstance(node, yaml.ScalarNode):
        return scalar_value(node.value, quoted=bool(node.style))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return {key.value: _plain(value) for key, value in node.value}
