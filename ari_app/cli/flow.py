"""`ramal flow`: check, test, play, draw, document and publish call flows."""

from __future__ import annotations

import enum
import json
import time
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ari_app.calls.catalogue import lengths_in, prompts_in
from ari_app.cli import flow_live, flow_versions
from ari_app.cli.flow_live import DEMO, Demo
from ari_app.cli.flow_play import play_call
from ari_app.flow import docs as node_docs
from ari_app.flow import graph as drawing
from ari_app.flow import prover, report
from ari_app.flow.admission import check as check_texts
from ari_app.flow.book import FlowBook
from ari_app.flow.check import Checked, unused_prompts
from ari_app.flow.flow import Flow
from ari_app.flow.problems import Problem
from ari_app.flow.schema import schema as flow_schema
from ari_app.flow.schema import site_schema
from ari_app.flow.testing import SUFFIX, run_directory
from ari_app.model.ids import FlowId

app = typer.Typer(help="Check, test, play, draw and publish call flows.", no_args_is_help=True)
app.command("publish")(flow_versions.publish)
app.command("list")(flow_versions.list_versions)
app.command("diff")(flow_versions.diff)
app.command("rollback")(flow_versions.rollback)
app.command("retire")(flow_versions.retire)
app.command("call-me")(flow_live.call_me)
out = Console(highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Option("--flows", help="Folder of the flows.", envvar="RAMAL_CALLFLOWS")]
Sounds = Annotated[Path, typer.Option("--sounds", help="Folder of the prompts.", envvar="RAMAL_SOUNDS_DIR")]
Names = Annotated[list[str] | None, typer.Argument(help="Flows; all when left out.")]
FLOWS, SOUNDS = Path("callflows"), Path("sounds")


class Format(enum.StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class Picture(enum.StrEnum):
    """How a flow is drawn."""

    SVG = "svg"
    MERMAID = "mermaid"


def _texts(folder: Path) -> dict[str, str]:
    """The flow files and the site file of a folder, by name."""
    if not folder.is_dir():
        raise typer.BadParameter(f"no folder {folder}")
    return {
        file.name: file.read_bytes().decode("utf-8", "surrogateescape")
        for file in sorted(folder.glob("*.yaml"))
        if not file.name.endswith(SUFFIX)
    }


def _checked(folder: Path, sounds: Path) -> tuple[Checked, dict[str, str]]:
    texts = _texts(folder)
    return check_texts(texts, prompts_in(sounds, flow_versions.OWN) or None), texts


def _book(checked: Checked) -> FlowBook:
    if checked.site is None:
        raise typer.BadParameter("the site file has errors: run `ramal flow check`")
    return FlowBook.of(checked.flows.values(), checked.site)


def _flow(book: FlowBook, name: str) -> Flow:
    flow = book.flow(FlowId(name))
    if flow is None:
        known = ", ".join(sorted(book.current)) or "none"
        raise typer.BadParameter(f"no sound flow `{name}` (there are: {known})")
    return flow


@app.command()
def check(
    names: Names = None,
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    form: Annotated[Format, typer.Option("--format", help="How to print findings.")] = Format.TEXT,
    profile: Annotated[str | None, typer.Option(help="Also prove a legal profile: br-sac.")] = None,
    warnings: Annotated[bool, typer.Option(help="Also ways never tested and prompts never used.")] = False,
    calls: Annotated[Path | None, typer.Option(help="Folder for the calls that show violations.")] = None,
) -> None:
    """Judge flows with everything they name; exit 1 when one has errors."""
    began = time.perf_counter()
    checked, texts = _checked(flows, sounds)
    problems = [*checked.problems]
    if profile is not None:
        if profile not in prover.PROFILES:
            raise typer.BadParameter(f"no profile `{profile}` (there are: {', '.join(prover.PROFILES)})")
        called = {name for flow in checked.flows.values() for name in flow.subflows}
        for flow in checked.flows.values():
            if flow.id in names if names else flow.id not in called:
                found = prover.prove(flow, checked.flows)
                problems += prover.as_problems(found, checked.flows)
                if calls is not None and found:
                    calls.mkdir(parents=True, exist_ok=True)
                    (calls / f"{flow.id}{SUFFIX}").write_text(prover.as_scenarios(flow, found), "utf-8")
    if warnings:
        tested = run_directory(_book(checked), _scenarios(flows), lengths_in(sounds))
        problems += [problem for problem in tested.problems if problem.severity == "warning"]
    if names:
        problems = [problem for problem in problems if problem.file.removesuffix(".yaml") in names]
    _print_problems(problems, texts, form, flows)
    errors = sum(problem.severity == "error" for problem in problems)
    if form is Format.TEXT:
        took = (time.perf_counter() - began) * 1000
        kept = f", {profile} holds" if profile is not None and not errors else ""
        if warnings:
            for language, unused in unused_prompts(
                checked.flows.values(), prompts_in(sounds, flow_versions.OWN)
            ).items():
                out.print(f"{language}: {len(unused)} prompts that no flow names: {', '.join(unused)}")
        out.print(f"{len(checked.flows)} sound flows, {errors} errors{kept}, {took:.0f} ms")
    raise typer.Exit(1 if errors else 0)


def _print_problems(problems: list[Problem], texts: dict[str, str], form: Format, folder: Path) -> None:
    match form:
        case Format.JSON:
            typer.echo(json.dumps(report.as_json(problems), indent=2, ensure_ascii=False))
        case Format.SARIF:
            sarif = report.as_sarif(problems, metadata.version("ramal"))
            for result in sarif["runs"][0]["results"]:
                place = result["locations"][0]["physicalLocation"]["artifactLocation"]
                place["uri"] = (folder / place["uri"]).as_posix()
            typer.echo(json.dumps(sarif, indent=2, ensure_ascii=False))
        case Format.TEXT:
            if problems:
                typer.echo(report.as_text(problems, texts))


@app.command("test")
def run_scenarios(
    names: Names = None,
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    untested: Annotated[bool, typer.Option(help="Also list ways that no scenario takes.")] = False,
    live: Annotated[bool, typer.Option("--live", help="As real calls on a running Ramal.")] = False,
    demo: Demo = DEMO,
    scenario: Annotated[list[str] | None, typer.Option(help="Live: only scenarios with these words.")] = None,
    at_once: Annotated[int, typer.Option(min=1, max=20, help="Live: calls at the same time.")] = 6,
    longest_s: Annotated[float, typer.Option("--longest", help="Live: longer ones stay virtual.")] = 90.0,
) -> None:
    """Run the scenarios beside the flows, in virtual time or as real calls; exit 1 when one fails."""
    if live:
        book = _book(_checked(flows, sounds)[0])
        wanted = flow_live.Wanted(tuple(names or ()), tuple(scenario or ()), at_once, longest_s)
        files = flow_live.Files(_scenarios(flows), sounds, lengths_in(sounds))
        raise typer.Exit(flow_live.run_live(book, files, wanted, demo))
    began = time.perf_counter()
    checked, texts = _checked(flows, sounds)
    tested = run_directory(_book(checked), _scenarios(flows), lengths_in(sounds), names or ())
    for result in tested.results:
        failure = result.failure
        if failure is not None:
            where = f"{failure.file}:{failure.mark.line}"
            typer.echo(f"FAILED {where} «{failure.scenario}»: {failure.message}")
            typer.echo("\n".join(f"    {line}" for line in failure.way))
    shown = [problem for problem in tested.problems if untested or problem.severity == "error"]
    if shown:
        typer.echo(report.as_text(shown, texts))
    table = Table("flow", "scenarios", "nodes", "ways", "coverage", box=None)
    for flow_id, coverage in tested.coverage.items():
        count = sum(bool(r.facts) and r.scenario.file == f"{flow_id}{SUFFIX}" for r in tested.results)
        nodes = f"{coverage.nodes_seen}/{coverage.nodes}"
        ways = f"{coverage.exits_seen}/{coverage.exits}"
        table.add_row(flow_id, str(count), nodes, ways, f"{coverage.percent:.0f} %")
    out.print(table)
    took = (time.perf_counter() - began) * 1000
    out.print(f"{len(tested.results) - tested.failed} passed, {tested.failed} failed, {took:.0f} ms")
    raise typer.Exit(0 if tested.ok else 1)


def _scenarios(folder: Path) -> dict[str, str | bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob(f"*{SUFFIX}"))}


@app.command()
def play(
    name: Annotated[str, typer.Argument(help="The flow.")],
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    caller: Annotated[str, typer.Option(help="The caller's number.")] = "11987654321",
) -> None:
    """Walk a flow in the terminal as a caller would."""
    checked, _ = _checked(flows, sounds)
    book = _book(checked)
    play_call(book, _flow(book, name), caller, sounds, lengths_in(sounds))


@app.command()
def graph(
    name: Annotated[str, typer.Argument(help="The flow.")],
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    picture: Annotated[Picture, typer.Option("--format", help="SVG or Mermaid.")] = Picture.SVG,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File instead of the screen.")] = None,
) -> None:
    """Draw a flow."""
    checked, _ = _checked(flows, sounds)
    flow = _flow(_book(checked), name)
    text = drawing.svg(flow) if picture is Picture.SVG else drawing.mermaid(flow)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")


@app.command()
def docs(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Where the pages go.")] = Path("docs/nodes"),
) -> None:
    """Write a page of documentation per node type."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = node_docs.pages()
    for file, text in pages.items():
        (folder / file).write_text(text, "utf-8")
    out.print(f"{len(pages)} pages in {folder}")


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File instead of the screen.")] = None,
    *,
    site: Annotated[bool, typer.Option("--site", help="That of the site file.")] = False,
) -> None:
    """Print the JSON Schema of the flow language, or of the site file."""
    text = json.dumps(site_schema() if site else flow_schema(), indent=1, ensure_ascii=False) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
