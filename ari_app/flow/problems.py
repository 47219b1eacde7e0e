"""What is wrong with a file that an admin wrote, told so that it can be put right: place, words, hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning"]


class Mark(msgspec.Struct, frozen=True):
    """A place in a file; lines and columns count from 1."""

    line: int = 1
    column: int = 1


class Problem(msgspec.Struct, frozen=True):
    """One finding; `code` is stable (documentation, SARIF, suppressions), `message` is for people."""

    severity: Severity
    code: str
    message: str
    file: str
    mark: Mark = Mark()
    node: str = ""
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The form that the API and the editor use."""
        return {
            "severity": self.severity,
            "file": self.file,
            "line": self.mark.line,
            "column": self.mark.column,
            "node": self.node,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


class Problems:
    """Collects findings while one file is read; bounded, so that a hostile file cannot flood."""

    LIMIT = 200

    def __init__(self, file: str) -> None:
        self.file = file
        self.node = ""
        self.found: list[Problem] = []

    def error(self, code: str, message: str, mark: Mark, *, hint: str = "", node: str | None = None) -> None:
        """Note something that keeps the file from going live."""
        self._add("error", code, message, mark, hint, node)

    def warning(
        self, code: str, message: str, mark: Mark, *, hint: str = "", node: str | None = None
    ) -> None:
        """Note something that deserves a look."""
        self._add("warning", code, message, mark, hint, node)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.found)

    def _add(
        self, severity: Severity, code: str, message: str, mark: Mark, hint: str, node: str | None
    ) -> None:
        if len(self.found) < self.LIMIT:
            where = self.node if node is None else node
            self.found.append(Problem(severity, code, message, self.file, mark, where, hint))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name: the nearest known one, or what there is; empty when nothing is known."""
    names = sorted(known)
    near = difflib.get_close_matches(name[:80], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    if 0 < len(names) <= 12:
        return "known: " + ", ".join(names)
    return ""
