"""`ramal flow test --live` and `call-me`: flows on a running Ramal, on real telephones."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ari_app.cli.live.ear import Ear, shipped
from ari_app.cli.live.runner import Ran, Where, run_all
from ari_app.cli.remote import Remote, RemoteError, connect, demo_of
from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Problems
from ari_app.flow.scenario.script import Scenario, parse_scenarios
from ari_app.model.ids import FlowId
from ari_app.softphone.sip import Account

DEMO = Path(".ramal/demo.json")
Demo = Annotated[Path, typer.Option(help="The running demo's file.", envvar="RAMAL_DEMO")]
WATCH_S = 5.0
out = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flows and scenarios, and how many calls at once."""

    flows: tuple[str, ...]
    words: tuple[str, ...]
    at_once: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class Files:
    """Scenario files by name, the folder of prompts and their lengths."""

    scenarios: dict[str, str | bytes]
    sounds: Path
    durations: dict[str, float]


def run_live(book: FlowBook, files: Files, wanted: Wanted, demo: Path) -> int:
    """All wanted scenarios as real calls; gives the exit status."""
    try:
        where = Where(connect(demo), account_of(demo), Ear(shipped(files.sounds)), files.durations)
    except RemoteError as error:
        raise typer.BadParameter(str(error)) from error
    began, ran = time.monotonic(), list[Ran]()
    table = Table("flow", "on the line", "failed", "virtual only", box=None)
    for name, text in sorted(files.scenarios.items()):
        parsed = parse_scenarios(text, name, Problems(name))
        if parsed is None or (wanted.flows and parsed.flow not in wanted.flows):
            continue
        chosen = [each for each in parsed.scenarios if _is_wanted(each, wanted.words)]
        if not chosen or book.flow(FlowId(parsed.flow)) is None:
            continue
        done = run_all(
            where,
            book,
            chosen,
            FlowId(parsed.flow),
            _tell,
            at_once=wanted.at_once,
            longest_s=wanted.longest_s,
        )
        ran += done
        counted = Counter("virtual" if r.virtual_only else "failed" if r.failure else "passed" for r in done)
        called = counted["passed"] + counted["failed"]
        table.add_row(parsed.flow, str(called), str(counted["failed"]), str(counted["virtual"]))
    if not ran:
        raise typer.BadParameter("no scenario is wanted")
    out.print(table)
    failed = sum(each.failure is not None for each in ran)
    aside = sum(bool(each.virtual_only) for each in ran)
    took = time.monotonic() - began
    out.print(
        f"{len(ran) - failed - aside} passed on the line, {failed} failed, {aside} virtual only, {took:.0f} s"
    )
    return 1 if failed else 0


def account_of(demo: Path) -> Account:
    """The test phone: `RAMAL_SIP` (`host:port`) and `RAMAL_TEST_PHONE` (`user:password`), else the demo's."""
    server, phone = os.environ.get("RAMAL_SIP"), os.environ.get("RAMAL_TEST_PHONE")
    if server and phone:
        host, _, port = server.partition(":")
        user, _, password = phone.partition(":")
        return Account(host, int(port or 5060), user, password)
    found = demo_of(demo)
    caller, sip = found["callers"][-1], found["sip"]
    return Account(sip["host"], int(sip["port"]), caller["user"], caller["password"])


def _is_wanted(scenario: Scenario, words: tuple[str, ...]) -> bool:
    return not words or any(word in scenario.name for word in words)


def _tell(ran: Ran) -> None:
    failure, name = ran.failure, ran.scenario.name
    if ran.virtual_only:
        out.print(f"[dim]virtual only «{name}»: {ran.virtual_only}[/dim]")
    elif failure is None:
        out.print(f"heard and passed «{name}»")
    else:
        out.print(f"FAILED {failure.file}:{failure.mark.line} «{name}»: {failure.message}", markup=False)
        out.print("\n".join(f"    {line}" for line in failure.way), markup=False)


def call_me(
    name: Annotated[str, typer.Argument(help="The flow.")],
    number: Annotated[str, typer.Argument(help="An operator's extension or an outside number.")],
    file: Annotated[Path | None, typer.Option(help="A draft instead of the live version.")] = None,
    demo: Demo = DEMO,
) -> None:
    """Call a phone with a flow, or a draft of it, and show the trace as it happens.

    Line, voice and keys are real; no operator is rung and nothing is promised.
    """
    try:
        remote = connect(demo)
        plan: dict[str, Any] = {"call": number, "real_lookups": True}
        if file is not None:
            plan["source"] = file.read_text("utf-8")
        view = remote.ask("POST", f"/flows/{name}/rehearsals", plan)
        out.print(f"calling {number} …")
        _follow(remote, view)
    except RemoteError as error:
        for problem in error.errors:
            typer.echo(f"{problem.get('file')}:{problem.get('line')}: {problem.get('message')}", err=True)
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _follow(remote: Remote, view: dict[str, Any]) -> None:
    seen = 0
    while True:
        for fact in view["facts"]:
            out.print(f"  {' '.join(str(value) for key, value in fact.items() if key != 'at')}", markup=False)
        seen = view["next"]
        if view["state"] in {"ended", "unanswered"}:
            out.print(view["state"])
            return
        query = f"?after={seen}&moves={view['moves']}&wait_s={WATCH_S}"
        view = remote.ask("GET", f"/rehearsals/{view['id']}{query}")
