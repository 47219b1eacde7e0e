"""Run the scenario files of a directory against its flows, with coverage: what `ramal flow test` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Mark, Problem, Problems
from ari_app.flow.scenario.coverage import Coverage, as_problems, measure
from ari_app.flow.scenario.run import Result, run
from ari_app.flow.scenario.script import ScenarioFile, parse_scenarios
from ari_app.model.facts import Fact
from ari_app.model.ids import FlowId

SUFFIX = ".scenarios.yaml"


class Tested(msgspec.Struct, frozen=True):
    """What came of all scenarios: results, coverage by flow, and problems of the scenario files."""

    results: tuple[Result, ...]
    coverage: dict[FlowId, Coverage]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> int:
        return sum(result.failure is not None for result in self.results)

    @property
    def ok(self) -> bool:
        return self.failed == 0 and not any(problem.severity == "error" for problem in self.problems)


def run_directory(
    book: FlowBook,
    sources: Mapping[str, str | bytes],
    durations: Mapping[str, float],
    only: Iterable[str] = (),
) -> Tested:
    """Run scenario files (text by file name) against a book; `only` names flows."""
    wanted = set(only)
    results: list[Result] = []
    problems: list[Problem] = []
    files: list[ScenarioFile] = []
    for file, text in sorted(sources.items()):
        found = Problems(file)
        parsed = parse_scenarios(text, file, found)
        problems.extend(found.found)
        if parsed is not None and (not wanted or parsed.flow in wanted):
            files.append(parsed)
            if book.flow(FlowId(parsed.flow)) is None:
                message = f"no sound flow `{parsed.flow}`"
                problems.append(Problem("error", "unknown-flow", message, file, Mark()))
    for parsed in files:
        if book.flow(FlowId(parsed.flow)) is not None:
            results.extend(run(book, FlowId(parsed.flow), each, durations) for each in parsed.scenarios)
    facts: list[Fact] = [fact for result in results for fact in result.facts]
    coverage: dict[FlowId, Coverage] = {}
    for flow_id in book.current:
        flow = book.flow(flow_id)
        if flow is not None and (not wanted or flow_id in wanted):
            coverage[flow_id] = measure(flow, facts)
            problems.extend(as_problems(flow, coverage[flow_id]))
    return Tested(tuple(results), coverage, tuple(problems))
