"""Values as YAML text that every reader takes for the same: one line each, or a block of such lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 88
"""A mapping or list that fits here stands on one line."""

_PLAIN = re.compile(r"[^\W\d_](?:[\w .()/&'+-]*[\w.()/'+])?\Z")
_SPECIAL = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
"""Words that YAML 1.1 or 1.2 takes for something else."""
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def inline(value: Any) -> str:
    """The value on one line, as it may stand in a block or between `{}` and `[]`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline(str(key))}: {inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(inline(one) for one in value) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(value)
    text = str(value)
    if _PLAIN.match(text) and text.lower() not in _SPECIAL:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def after_key(value: Any, column: int) -> str:
    """What follows `key:` where the key stands at this column: the value in one line, or lines below."""
    line = inline(value)
    if len(line) + column <= WIDTH or not isinstance(value, Mapping | list | tuple):
        return f" {line}"
    return "".join(f"\n{each}" for each in _lines(value, column + 2))


def entry(key: str, value: Any, column: int) -> str:
    """A key with its value at this column, without a line's end."""
    return f"{' ' * column}{inline(key)}:{after_key(value, column)}"


def block(value: Mapping[str, Any], column: int) -> str:
    """A mapping's entries, a line each or more, every line after a line's end."""
    return "".join(f"\n{entry(key, one, column)}" for key, one in value.items())


def _lines(value: Any, column: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield entry(key, one, column)
    else:
        for one in value:
            yield f"{' ' * column}- {inline(one)}"
