"""Text with `${CEL}` in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ari_app.flow.condition import evaluate
from ari_app.flow.turn import Turn

PLACE = re.compile(r"\$\{([^{}]*)\}")


def places(template: str) -> list[tuple[str, int]]:
    """The expressions in a template with the column (from 1) where each begins."""
    return [(match.group(1), match.start(1) + 1) for match in PLACE.finditer(template)]


def render(template: str, turn: Turn, encode: Callable[[str], str] = str) -> str:
    """Fill in the places; `encode` makes each value safe for where it goes. Raises `FlowError`."""
    return PLACE.sub(lambda match: encode(as_text(evaluate(match.group(1), turn))), template)


def fill(value: Any, turn: Turn) -> Any:
    """Fill in all texts of a structure; a text that is one place alone keeps its value's type."""
    match value:
        case str():
            whole = PLACE.fullmatch(value)
            return evaluate(whole.group(1), turn) if whole else render(value, turn)
        case list():
            return [fill(item, turn) for item in value]
        case dict():
            return {key: fill(item, turn) for key, item in value.items()}
    return value


def as_text(value: object) -> str:
    """A value as a caller's system would write it: no quotes, `true` and `false`, no `.0`."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
