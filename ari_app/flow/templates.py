"""Text with `${CEL}` in it."""

from __future__ import annotations

import re

from ari_app.flow.turn import Turn

PLACE = re.compile(r"\$\{([^{}]*)\}")


def render(template: str, turn: Turn) -> str:
    """Fill in the places with the values of their expressions."""
    return PLACE.sub(lambda match: as_text(turn.variables.get(match.group(1).strip(), "")), template)


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
