"""Findings for people (with the line and a caret), for programs (JSON) and for CI and editors (SARIF)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ari_app.flow.problems import Problem

_LINE_LIMIT = 160


def as_text(problems: Iterable[Problem], sources: Mapping[str, str]) -> str:
    """One paragraph per finding: place, words, the line with a caret, hint."""
    return "\n".join(_paragraph(problem, sources.get(problem.file, "")) for problem in problems)


def _paragraph(problem: Problem, source: str) -> str:
    where = f"{problem.file}:{problem.mark.line}:{problem.mark.column}"
    node = f" in node `{problem.node}`" if problem.node else ""
    lines = [f"{where}: {problem.severity}{node}: {problem.message} [{problem.code}]"]
    text = source.splitlines()
    if 0 < problem.mark.line <= len(text):
        line = text[problem.mark.line - 1].expandtabs(1)[:_LINE_LIMIT]
        number = str(problem.mark.line)
        lines += [f"  {number} | {line}", f"  {' ' * len(number)} | {' ' * (problem.mark.column - 1)}^"]
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    return "\n".join(lines)


def as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The findings as plain values."""
    return [problem.as_dict() for problem in problems]


def as_sarif(problems: Iterable[Problem], version: str) -> dict[str, Any]:
    """The findings as a SARIF 2.1.0 log (OASIS), which code hosts and editors show in place."""
    found = list(problems)
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "ramal flow check",
                        "version": version,
                        "rules": [{"id": code} for code in sorted({problem.code for problem in found})],
                    }
                },
                "results": [_result(problem) for problem in found],
            }
        ],
    }


def _result(problem: Problem) -> dict[str, Any]:
    words = f"{problem.node}: {problem.message}" if problem.node else problem.message
    return {
        "ruleId": problem.code,
        "level": problem.severity,
        "message": {"text": f"{words} ({problem.hint})" if problem.hint else words},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": problem.file},
                    "region": {"startLine": problem.mark.line, "startColumn": problem.mark.column},
                }
            }
        ],
    }
