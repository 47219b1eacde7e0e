"""Judge a directory of flows against everything they name, before a caller depends on them (C3).

Each flow is judged by itself (graph, expressions) and with what lies beside it: queues, skills, calendars,
prompts in every language, the flows it calls.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import msgspec

from ari_app.flow import check_graph, check_names, opening, speech
from ari_app.flow.flow import Flow
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Mark, Problem, Problems, did_you_mean
from ari_app.flow.site import EMPTY_SITE, Site, parse_site
from ari_app.flow.yaml_tree import mark_at, read
from ari_app.model.ids import FlowId

Prompts = Mapping[str, frozenset[str]]
"""By language, the prompts that exist."""


class Library(msgspec.Struct, frozen=True):
    """What a flow may name; `prompts` None: not to be judged here."""

    flows: Mapping[FlowId, Flow]
    site: Site = EMPTY_SITE
    prompts: Mapping[str, frozenset[str]] | None = None


class Checked(msgspec.Struct, frozen=True):
    """What came of a directory: the flows that can go live and all findings."""

    flows: dict[FlowId, Flow]
    site: Site | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


def check_directory(
    sources: Mapping[str, str | bytes], site: tuple[str, str | bytes] | None, prompts: Prompts | None
) -> Checked:
    """Judge flow texts by file name, the site's file and text, and the prompts there are."""
    found: list[Problem] = []
    known_site: Site | None = EMPTY_SITE
    site_problems = Problems(site[0] if site is not None else "site.yaml")
    if site is not None:
        known_site = parse_site(site[1], site_problems)
    flows: dict[FlowId, Flow] = {}
    problems_of: dict[FlowId, Problems] = {}
    for file, text in sorted(sources.items()):
        problems = Problems(file)
        flow = parse_flow(text, file, problems)
        if flow is not None:
            _check_file_name(flow, problems)
            flows[flow.id] = flow
            problems_of[flow.id] = problems
        else:
            found.extend(problems.found)
    library = Library(flows, known_site or EMPTY_SITE, prompts)
    for flow_id, flow in flows.items():
        check_flow(flow, library, problems_of[flow_id], judge_names=known_site is not None)
        found.extend(problems_of[flow_id].found)
    if known_site is not None and site is not None:
        _check_site(known_site, {_stem(file) for file in sources}, site_problems, site[1])
    found.extend(site_problems.found)
    bad = {problem.file for problem in found if problem.severity == "error"}
    good = {flow_id: flow for flow_id, flow in flows.items() if flow.file not in bad}
    order = sorted(found, key=lambda problem: (problem.file, problem.mark.line, problem.mark.column))
    return Checked(good, known_site, tuple(order))


def check_text(text: str | bytes, file: str, library: Library) -> tuple[Flow | None, tuple[Problem, ...]]:
    """Judge one flow's text among others; the flow is None when it cannot go live."""
    problems = Problems(file)
    flow = parse_flow(text, file, problems)
    if flow is not None:
        _check_file_name(flow, problems)
        among = Library({**library.flows, flow.id: flow}, library.site, library.prompts)
        check_flow(flow, among, problems)
    order = sorted(problems.found, key=lambda problem: (problem.mark.line, problem.mark.column))
    return (None if problems.has_errors else flow), tuple(order)


def check_flow(flow: Flow, library: Library, problems: Problems, *, judge_names: bool = True) -> None:
    """Judge a flow that could be read; findings go to `problems`."""
    check_graph.check(flow, library.flows, problems)
    check_names.check_header(flow, problems)
    for placed in flow.nodes.values():
        problems.node = placed.id
        check_names.check_expressions(flow, placed, library.flows, problems)
        check_names.check_prompts(flow, placed, library.prompts, problems)
        if judge_names:
            check_names.check_site_names(flow, placed, library.site, problems)
        check_names.check_subflow(flow, placed, library.flows, problems)
    problems.node = ""


def unused_prompts(flows: Iterable[Flow], prompts: Prompts) -> dict[str, tuple[str, ...]]:
    """By language, prompts that no flow names, in folders of which flows name some: worth a look."""
    named = {
        name
        for flow in flows
        for placed in flow.nodes.values()
        for name in (
            *(each.value for each in placed.references if each.kind == "prompt"),
            *placed.node.implicit_prompts(),
        )
    }
    folders = {name.split("/")[0] for name in named}
    spoken = {str(name) for vocabulary in speech.VOCABULARIES.values() for name in vocabulary}
    return {
        language: tuple(sorted(name for name in known - named - spoken if name.split("/")[0] in folders))
        for language, known in prompts.items()
    }


def _stem(file: str) -> str:
    """`main` of `callflows/main.yaml`."""
    return file.rsplit("/", 1)[-1].removesuffix(".yaml")


def _check_file_name(flow: Flow, problems: Problems) -> None:
    stem = _stem(flow.file)
    if stem != flow.id:
        mark = flow.marks.get("flow", Mark())
        problems.error(
            "flow-name", f"the flow is `{flow.id}`, its file `{stem}`", mark, hint="make them equal"
        )


def _check_site(site: Site, flows: set[str], problems: Problems, text: str | bytes) -> None:
    @functools.cache
    def place(*path: str) -> Mark:
        tree = read(text, Problems(problems.file))
        return Mark() if tree is None else mark_at(tree, *path)

    for number, config in site.numbers.items():
        if config.flow not in flows:
            message = f"number {number} leads to flow `{config.flow}`, which does not exist"
            mark = place("numbers", number, "flow")
            problems.error("unknown-flow", message, mark, hint=did_you_mean(config.flow, flows))
    for name, calendar in site.calendars.items():
        for fault in opening.check(calendar):
            mark = place("calendars", name, *fault.path)
            problems.error("calendar", f"calendar `{name}`: {fault.words}", mark)
    if site.default_queue not in site.queues:
        problems.error("unknown-queue", f"`default_queue` names no queue: `{site.default_queue}`",
                       place("default_queue"))  # fmt: skip
