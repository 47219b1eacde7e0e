"""The part of CEL that flows may use, as a syntax tree, so that it can be judged before a call depends on it.

Evaluation is the `cel` library's; this parser only feeds the type checker (`cel_types`). What it does not
know, flows cannot use. Source of the grammar: https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

MAX_LENGTH = 1000
MAX_DEPTH = 24


class CelSyntaxError(ValueError):
    """The text is no expression; `column` counts from 1 within it."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class Ast(msgspec.Struct, frozen=True):
    """A node of the tree: `op` says what it is, `parts` are operands, `value` a name or literal.

    `op` is one of: literal, name, field, index, call, list, map, and the operators as written
    (`!`, `-x` for the sign, `?:`).
    """

    op: str
    column: int
    parts: tuple[Ast, ...] = ()
    value: Any = None


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.\d+(?:[eE][-+]?\d+)?|\d+))
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<op>\|\||&&|==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])
    )""",
    re.VERBOSE,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("==", "!=", "<=", ">=", "<", ">", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


def parse(text: str) -> Ast:
    """The tree of an expression. Raises `CelSyntaxError`."""
    if len(text) > MAX_LENGTH:
        raise CelSyntaxError(f"longer than {MAX_LENGTH} characters", 1)
    parser = _Parser(_tokens(text), len(text) + 1)
    tree = parser.expression(0)
    if parser.here is not None:
        raise CelSyntaxError(f"unexpected `{parser.here[1]}`", parser.column)
    return tree


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens: list[tuple[str, str, int]] = []
    place = 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            column = place + len(text[place:]) - len(text[place:].lstrip()) + 1
            raise CelSyntaxError(f"unexpected `{text[column - 1 :][:1]}`", column)
        tokens.append((match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup) + 1))
        place = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str, int]], end: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._end = end

    @property
    def here(self) -> tuple[str, str, int] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    @property
    def column(self) -> int:
        return self.here[2] if self.here is not None else self._end

    def _next(self) -> tuple[str, str, int]:
        token = self.here
        if token is None:
            raise CelSyntaxError("the expression ends too early", self._end)
        self._at += 1
        return token

    def _accept(self, *texts: str) -> str | None:
        token = self.here
        if token is not None and token[0] in ("op", "name") and token[1] in texts:
            self._at += 1
            return token[1]
        return None

    def _expect(self, text: str) -> None:
        if self._accept(text) is None:
            found = f"found `{self.here[1]}`" if self.here is not None else "the expression ends"
            raise CelSyntaxError(f"expected `{text}`, {found}", self.column)

    def expression(self, depth: int) -> Ast:
        if depth > MAX_DEPTH:
            raise CelSyntaxError("nested too deeply", self.column)
        column = self.column
        condition = self._binary(0, depth + 1)
        if self._accept("?") is None:
            return condition
        yes = self._binary(0, depth + 1)
        self._expect(":")
        return Ast("?:", column, (condition, yes, self.expression(depth + 1)))

    def _binary(self, level: int, depth: int) -> Ast:
        if level == len(_LEVELS):
            return self._unary(depth)
        left = self._binary(level + 1, depth)
        while True:
            column = self.column
            op = self._accept(*_LEVELS[level])
            if op is None:
                return left
            left = Ast(op, column, (left, self._binary(level + 1, depth)))

    def _unary(self, depth: int) -> Ast:
        if depth > MAX_DEPTH:
            raise CelSyntaxError("nested too deeply", self.column)
        column = self.column
        if self._accept("!"):
            return Ast("!", column, (self._unary(depth + 1),))
        if self._accept("-"):
            return Ast("-x", column, (self._unary(depth + 1),))
        return self._member(depth)

    def _member(self, depth: int) -> Ast:
        tree = self._primary(depth)
        for _ in range(MAX_LENGTH):
            column = self.column
            if self._accept("."):
                kind, name, column = self._next()
                if kind != "name":
                    raise CelSyntaxError(f"expected a name, found `{name}`", column)
                if self._accept("("):
                    tree = Ast("call", column, (tree, *self._list(")", depth)), (name, True))
                else:
                    tree = Ast("field", column, (tree,), name)
            elif self._accept("["):
                tree = Ast("index", column, (tree, self.expression(depth + 1)))
                self._expect("]")
            else:
                break
        return tree

    def _list(self, closing: str, depth: int) -> list[Ast]:
        items: list[Ast] = []
        while self._accept(closing) is None:
            if items:
                self._expect(",")
            items.append(self.expression(depth + 1))
        return items

    def _primary(self, depth: int) -> Ast:
        kind, text, column = self._next()
        if kind == "number":
            return Ast("literal", column, (), float(text) if "." in text else int(text))
        if kind == "string":
            return Ast("literal", column, (), text[1:-1])
        if kind == "name":
            if text in _CONSTANTS:
                return Ast("literal", column, (), _CONSTANTS[text])
            if self._accept("("):
                return Ast("call", column, tuple(self._list(")", depth)), (text, False))
            return Ast("name", column, (), text)
        if text == "(":
            tree = self.expression(depth + 1)
            self._expect(")")
            return tree
        if text == "[":
            return Ast("list", column, tuple(self._list("]", depth)))
        raise CelSyntaxError(f"unexpected `{text}`", column)
