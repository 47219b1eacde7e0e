"""Scenarios run where flows are edited: those beside a flow, or a text of them, against the draft (C5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ari_app.calls.flow_shelf import FlowShelf
from ari_app.flow.testing import SUFFIX, Tested, run_directory
from ari_app.model.ids import FlowId


class ScenarioDesk:
    """Implements `ports.ScenarioOffice`. `folder`: the admins' files; `lengths`: seconds of each prompt."""

    def __init__(self, shelf: FlowShelf, folder: Path, lengths: Mapping[str, float]) -> None:
        self._shelf = shelf
        self._folder = folder
        self._lengths = lengths

    async def text(self, flow: str) -> str:
        """The scenarios beside a flow; empty: there are none."""
        try:
            return await asyncio.to_thread((self._folder / f"{flow}{SUFFIX}").read_text, encoding="utf-8")
        except OSError:
            return ""

    async def run(self, flow: str, source: str | None, scenarios: str | None) -> dict[str, Any]:
        """Play them in virtual time. Raises `NotFound`, `FlowRefused` for a draft with errors."""
        book = await self._shelf.draft(flow, source)
        text = await self.text(flow) if scenarios is None else scenarios
        sources = {f"{flow}{SUFFIX}": text} if text.strip() else {}
        tested = await asyncio.to_thread(run_directory, book, sources, self._lengths, [flow])
        return _told(tested, FlowId(flow))


def _told(tested: Tested, flow: FlowId) -> dict[str, Any]:
    known = tested.coverage.get(flow)
    return {
        "results": [
            {
                "name": result.scenario.name,
                "line": result.scenario.mark.line,
                "took_s": result.took_s,
                "failure": None
                if result.failure is None
                else {
                    "line": result.failure.mark.line,
                    "message": result.failure.message,
                    "way": list(result.failure.way),
                },
            }
            for result in tested.results
        ],
        "problems": [problem.as_dict() for problem in tested.problems if problem.file == f"{flow}{SUFFIX}"],
        "coverage": None if known is None else round(known.percent, 1),
        "untested": [] if known is None else [str(node) for node in known.untested_nodes],
    }
