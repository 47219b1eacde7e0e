"""Builders that read as sentences: flows from text, calls on a virtual line."""

from __future__ import annotations

import textwrap
from pathlib import Path

from ari_app.flow.book import FlowBook
from ari_app.flow.flow import Flow
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Problems
from ari_app.flow.site import Site, parse_site

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/scenarios/nodes"
EXAMPLES = ROOT / "callflows"


def texts_in(folder: Path) -> dict[str, str]:
    """Flow files and the site file, by name."""
    return {
        file.name: file.read_text("utf-8")
        for file in sorted(folder.glob("*.yaml"))
        if not file.name.endswith(".scenarios.yaml")
    }


def scenarios_in(folder: Path) -> dict[str, str | bytes]:
    """Scenario files, by name."""
    return {file.name: file.read_text("utf-8") for file in sorted(folder.glob("*.scenarios.yaml"))}


def given_flow(nodes: str, head: str = "", name: str = "test") -> Flow:
    """A flow of these nodes; the first one is the start."""
    body = textwrap.dedent(nodes).strip("\n")
    start = body.split(":", 1)[0]
    text = f"flow: {name}\n{textwrap.dedent(head)}start: {start}\nnodes:\n" + textwrap.indent(body, "  ")
    problems = Problems(f"{name}.yaml")
    flow = parse_flow(text + "\n", f"{name}.yaml", problems)
    assert flow is not None, problems.found
    return flow


def given_site() -> Site:
    """The golden cases' call centre."""
    site = parse_site((GOLDEN / "site.yaml").read_text("utf-8"), Problems("site.yaml"))
    assert site is not None
    return site


def given_book(*flows: Flow) -> FlowBook:
    """A book of these flows and the golden cases' call centre."""
    return FlowBook.of(flows, given_site())
