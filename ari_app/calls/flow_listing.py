"""Flows and their versions as people are shown them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ari_app.calls.flow_store import FlowStore, Log
from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Problem
from ari_app.model.ids import FlowId


def flow_rows(
    book: FlowBook, store: FlowStore, names: Iterable[FlowId], problems: Mapping[FlowId, Iterable[Problem]]
) -> list[dict[str, Any]]:
    """Flows that are live, retired, or never went live; by name."""
    return [_row(book, store.log(name), name, problems.get(name, ())) for name in sorted(names)]


def _row(book: FlowBook, log: Log, name: FlowId, problems: Iterable[Problem]) -> dict[str, Any]:
    flow, publications = book.flow(name), log.publications
    return {
        "id": name,
        "version": None if flow is None else flow.version,
        "description": "" if flow is None else flow.description,
        "published_at": publications[-1].at if publications else None,
        "published_by": publications[-1].by if publications else None,
        "nodes": 0 if flow is None else len(flow.nodes),
        "retired": flow is None and bool(publications),
        "problems": [problem.as_dict() for problem in problems],
    }


def version_rows(log: Log) -> list[dict[str, Any]] | None:
    """Every publication, newest first; None: there is none."""
    if not log.publications:
        return None
    return [
        {
            "version": entry.version,
            "published_at": entry.at,
            "published_by": entry.by,
            "action": entry.action,
            "current": index == 0 and log.current is not None,
        }
        for index, entry in enumerate(reversed(log.publications))
    ]
