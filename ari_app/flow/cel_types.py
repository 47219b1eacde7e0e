"""Types of CEL expressions, inferred when a flow is loaded: no unknown name or wrong type waits for night.

A value that came from another system is `json`: anything may be asked of it, and what it cannot answer at
run time takes the caller to the safe exit.
"""

from __future__ import annotations

from collections.abc import Mapping

from ari_app.flow.cel_parse import Ast
from ari_app.flow.problems import did_you_mean

ANY = "json"
_METHODS = {"startsWith": 1, "endsWith": 1, "contains": 1, "matches": 1}
_MACROS = {"exists": "boolean", "all": "boolean", "exists_one": "boolean", "filter": "list", "map": "list"}
_CONVERSIONS = {"string": "text", "int": "whole", "double": "decimal"}
FUNCTIONS = frozenset({"size", "has", *_METHODS, *_MACROS, *_CONVERSIONS})
MAX_LOOPS = 2


class CelTypeError(ValueError):
    """The expression asks for something that cannot be; `column` counts from 1 within it."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.column = column
        self.hint = hint


def type_of(tree: Ast, names: Mapping[str, str], loops: int = 0) -> str:
    """text, whole, decimal, boolean, list, null or json. Raises `CelTypeError`."""
    match tree.op:
        case "literal":
            return _literal(tree)
        case "name":
            if tree.value not in names:
                hint = did_you_mean(tree.value, names)
                raise CelTypeError(f"unknown name `{tree.value}`", tree.column, hint)
            return names[tree.value]
        case "list":
            for part in tree.parts:
                type_of(part, names, loops)
            return "list"
        case "field":
            return _of_json(tree, type_of(tree.parts[0], names, loops), f"`.{tree.value}`")
        case "index":
            inner = type_of(tree.parts[0], names, loops)
            type_of(tree.parts[1], names, loops)
            return ANY if inner == "list" else _of_json(tree, inner, "`[…]`")
        case "call":
            return _call(tree, names, loops)
        case "?:":
            _want(tree.parts[0], names, loops, "boolean")
            return _either(tree, names, loops)
    return _operator(tree, names, loops)


def _either(tree: Ast, names: Mapping[str, str], loops: int) -> str:
    yes, no = (type_of(part, names, loops) for part in tree.parts[1:])
    if yes == no:
        return yes
    if ANY in (yes, no) or "null" in (yes, no):
        return ANY
    raise CelTypeError(f"`? :` gives {yes} or {no}", tree.column, "let both sides be of one type")


def names_in(tree: Ast, bound: frozenset[str] = frozenset()) -> set[str]:
    """The free names of an expression."""
    if tree.op == "name":
        return set() if tree.value in bound else {tree.value}
    if tree.op == "call" and tree.value[0] in _MACROS and len(tree.parts) == 3:
        item = tree.parts[1]
        inner = bound | {item.value} if item.op == "name" else bound
        return names_in(tree.parts[0], bound) | names_in(tree.parts[2], inner)
    return {name for part in tree.parts for name in names_in(part, bound)}


def _literal(tree: Ast) -> str:
    match tree.value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            if tree.value >= 2**63:
                raise CelTypeError("the number is too large", tree.column)
            return "whole"
        case float():
            return "decimal"
    return "text"


def _of_json(tree: Ast, inner: str, what: str) -> str:
    if inner != ANY:
        raise CelTypeError(f"a {inner} has no {what}", tree.column)
    return ANY


def _want(tree: Ast, names: Mapping[str, str], loops: int, *kinds: str) -> str:
    found = type_of(tree, names, loops)
    if found != ANY and found not in kinds:
        raise CelTypeError(f"expected {' or '.join(kinds)}, found {found}", tree.column)
    return found


def _operator(tree: Ast, names: Mapping[str, str], loops: int) -> str:
    match tree.op:
        case "!":
            _want(tree.parts[0], names, loops, "boolean")
            return "boolean"
        case "-x":
            return _want(tree.parts[0], names, loops, "whole", "decimal")
        case "&&" | "||":
            for part in tree.parts:
                _want(part, names, loops, "boolean")
            return "boolean"
        case "in":
            type_of(tree.parts[0], names, loops)
            _want(tree.parts[1], names, loops, "list")
            return "boolean"
    left, right = (type_of(part, names, loops) for part in tree.parts)
    nullable = tree.op in ("==", "!=") and "null" in (left, right)
    if ANY not in (left, right) and left != right and not nullable:
        hint = "convert one of them: double(…), int(…), string(…)"
        raise CelTypeError(f"`{tree.op}` between {left} and {right}", tree.column, hint)
    if tree.op in ("==", "!="):
        return "boolean"
    known = right if left == ANY else left
    allowed = {"+": ("text", "whole", "decimal", "list"), "%": ("whole",)}.get(tree.op, ("whole", "decimal"))
    if tree.op in ("<", "<=", ">", ">="):
        allowed = ("text", "whole", "decimal")
    if known != ANY and known not in allowed:
        raise CelTypeError(f"`{tree.op}` does not work on {known}", tree.column)
    return "boolean" if tree.op in ("<", "<=", ">", ">=") else known


def _call(tree: Ast, names: Mapping[str, str], loops: int) -> str:
    name, method = tree.value
    if name not in FUNCTIONS:
        raise CelTypeError(f"unknown function `{name}`", tree.column, did_you_mean(name, FUNCTIONS))
    if name in _MACROS:
        return _macro(tree, names, loops)
    wanted = 2 if name in _METHODS else 1
    if len(tree.parts) != wanted or ((name in _METHODS) != method and name != "size"):
        raise CelTypeError(f"`{name}` is not used like this", tree.column, _usage(name))
    if name == "has":
        if tree.parts[0].op != "field":
            raise CelTypeError("`has` asks for a field: has(answer.name)", tree.column)
        type_of(tree.parts[0], names, loops)
        return "boolean"
    if name == "size":
        _want(tree.parts[0], names, loops, "text", "list")
        return "whole"
    if name in _CONVERSIONS:
        _want(tree.parts[0], names, loops, "text", "whole", "decimal")
        return _CONVERSIONS[name]
    for part in tree.parts:
        _want(part, names, loops, "text")
    return "boolean"


def _usage(name: str) -> str:
    return f'text.{name}("…")' if name in _METHODS else f"{name}(…)"


def _macro(tree: Ast, names: Mapping[str, str], loops: int) -> str:
    name, method = tree.value
    if not method or len(tree.parts) != 3 or tree.parts[1].op != "name":
        raise CelTypeError(f"`{name}` is not used like this", tree.column, f"list.{name}(item, …)")
    if loops >= MAX_LOOPS:
        raise CelTypeError(f"more than {MAX_LOOPS} loops inside one another", tree.column)
    _want(tree.parts[0], names, loops, "list")
    inner = {**names, tree.parts[1].value: ANY}
    kind = type_of(tree.parts[2], inner, loops + 1)
    if name != "map" and kind not in ("boolean", ANY):
        raise CelTypeError(f"`{name}` needs a condition, found {kind}", tree.column)
    return _MACROS[name]
