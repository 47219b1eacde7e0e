"""CEL in flows: checked when loaded, evaluated by the `cel` library, faults told as the author's mistakes."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Mapping
from typing import Any

import msgspec

from ari_app.flow.cel_parse import Ast, CelSyntaxError, parse
from ari_app.flow.cel_types import CelTypeError, names_in, type_of
from ari_app.flow.turn import FlowError, Turn
from ari_app.lean import without

with without("cel.cli"):  # its command line brings terminal libraries: 150 ms of CPU
    import cel

CALL_NAMES: dict[str, str] = {
    "caller": "text",
    "caller_name": "text",
    "called": "text",
    "direction": "text",
    "language": "text",
    "digits": "text",
    "operator": "text",
    "protocol": "text",
    "today": "text",
    "weekday": "text",
    "hour": "whole",
    "minute": "whole",
}
"""Names that every expression knows besides the flow's variables, with their types."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Compiled(msgspec.Struct, frozen=True):
    """An expression ready to run; `names` are those it reads."""

    source: str
    tree: Ast
    program: Any
    names: frozenset[str]


class Fault(msgspec.Struct, frozen=True):
    """Why an expression is refused; `column` counts from 1 within it."""

    message: str
    column: int
    hint: str = ""


@functools.lru_cache(maxsize=8192)
def compiled(source: str) -> Compiled:
    """Compile, once per text. Raises `CelSyntaxError`."""
    tree = parse(source)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise CelSyntaxError(str(error).splitlines()[0][:200], 1) from error
    return Compiled(source, tree, program, frozenset(names_in(tree)))


def check(source: str, names: Mapping[str, str], wanted: str | None = None) -> Fault | None:
    """Judge an expression by the names it may use; `wanted` is the type it must have (None: any)."""
    try:
        kind = type_of(parse(source), names)
        compiled(source)
    except CelSyntaxError as error:
        return Fault(str(error), error.column)
    except CelTypeError as error:
        return Fault(str(error), error.column, error.hint)
    if wanted is not None and kind not in (wanted, "json"):
        return Fault(f"gives {kind}, must give {wanted}", 1)
    return None


def evaluate(source: str, turn: Turn) -> Any:
    """The value of an expression now. Raises `FlowError`."""
    return _run(source, turn, {})


def evaluate_answer(source: str, turn: Turn, answer: Any, status: int) -> Any:
    """The value of an expression over another system's answer. Raises `FlowError`."""
    return _run(source, turn, {"answer": answer, "status": status})


def _run(source: str, turn: Turn, more: Mapping[str, Any]) -> Any:
    try:
        expression = compiled(source)
    except CelSyntaxError as error:
        raise FlowError(f"`{source}`: {error}") from error
    values = {name: more[name] if name in more else value_of(name, turn) for name in expression.names}
    try:
        return expression.program.execute(values)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library's panics are no `Exception`s
        words = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise FlowError(f"`{source}` cannot be evaluated: {words}") from error


def decide(source: str, turn: Turn) -> bool:
    """The value of a condition. Raises `FlowError` when it is neither true nor false."""
    value = evaluate(source, turn)
    if not isinstance(value, bool):
        raise FlowError(f"`{source}` gave {type(value).__name__}, not true or false")
    return value


def value_of(name: str, turn: Turn) -> Any:
    """What a name holds now. Raises `FlowError` for names that do not exist."""
    variables = turn.variables
    if name in variables:
        return variables[name]
    if name in ("caller", "caller_name", "called", "direction", "language"):
        return str(turn.get(name))
    if name == "digits":
        return turn.digits
    if name in ("operator", "protocol"):
        return str(turn.get(name) or "")
    if name not in CALL_NAMES:
        raise FlowError(f"unknown name `{name}`")
    local = local_time(turn.now, turn.flow.timezone)
    match name:
        case "today":
            return local.date().isoformat()
        case "weekday":
            return _WEEKDAYS[local.weekday()]
        case "hour":
            return local.hour
    return local.minute


@functools.lru_cache(maxsize=256)
def zone(name: str) -> zoneinfo.ZoneInfo:
    """A time zone. Raises `zoneinfo.ZoneInfoNotFoundError` or `ValueError` for names that are none."""
    return zoneinfo.ZoneInfo(name)


def local_time(now: float, timezone: str) -> dt.datetime:
    """The wall clock in a zone."""
    return dt.datetime.fromtimestamp(now, zone(timezone))
