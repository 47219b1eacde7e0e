"""`ramal flow publish, list, diff, rollback, retire`: versions of call flows."""

from __future__ import annotations

import asyncio
import datetime as dt
import difflib
import getpass
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ari_app.calls.flow_shelf import FlowShelf
from ari_app.ports import FlowRefused, Refusal

out = Console(highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Option("--flows", help="Folder of the flows.", envvar="RAMAL_CALLFLOWS")]
Sounds = Annotated[Path, typer.Option("--sounds", help="Folder of the prompts.", envvar="RAMAL_SOUNDS_DIR")]
State = Annotated[
    Path, typer.Option("--state", help="Folder of published versions.", envvar="RAMAL_FLOW_STATE")
]
OWN = Path(os.environ.get("RAMAL_PROMPTS", ".ramal/prompts"))
"""The admins' own prompts, which flows may name too."""
FLOWS, SOUNDS, STATE = Path("callflows"), Path("sounds"), Path(".ramal/flows")


def _shelf(flows: Path, state: Path, sounds: Path) -> FlowShelf:
    shelf = FlowShelf(flows, state, sounds, time.time, OWN)
    shelf.restore()
    return shelf


def publish(
    file: Annotated[Path, typer.Argument(help="The flow's file.")],
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    state: State = STATE,
    by: Annotated[str | None, typer.Option(help="Who publishes; you when left out.")] = None,
) -> None:
    """Make a flow live, if it passes; a running application takes it over within a second."""
    shelf = _shelf(flows, state, sounds)
    text = file.read_text("utf-8")
    try:
        done = asyncio.run(shelf.publish(file.stem, text, by=by or getpass.getuser()))
    except FlowRefused as refused:
        found = "\n".join(
            f"{p['file']}:{p['line']}:{p['column']}: {p['node']}: {p['message']} {p['hint']}"
            for p in refused.problems
        )
        typer.echo(f"refused, nothing changed:\n{found}", err=True)
        raise typer.Exit(1) from refused
    out.print(f"{done['id']} is live in version {done['version']}")


def list_versions(
    name: Annotated[str | None, typer.Argument(help="A flow: its versions.")] = None,
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    state: State = STATE,
) -> None:
    """List the live flows, or the versions of one."""
    shelf = _shelf(flows, state, sounds)
    if name is None:
        table = Table("flow", "version", "nodes", "published", "by", box=None)
        for flow in shelf.flows():
            at = _when(flow["published_at"])
            version = flow["version"] or ("retired" if flow["retired"] else "")
            table.add_row(flow["id"], version, str(flow["nodes"]), at, flow["published_by"])
    else:
        table = Table("version", "published", "by", "how", "", box=None)
        for entry in _known(shelf.versions(name), name):
            live = "live" if entry["current"] else ""
            at = _when(entry["published_at"])
            table.add_row(entry["version"], at, entry["published_by"], entry["action"], live)
    out.print(table)


def _known(versions: list[dict[str, Any]] | None, name: str) -> list[dict[str, Any]]:
    if versions is None:
        raise typer.BadParameter(f"flow `{name}` was never published")
    return versions


def _when(at: float | None) -> str:
    return "" if at is None else dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def diff(
    name: Annotated[str, typer.Argument(help="The flow.")],
    old: Annotated[str | None, typer.Argument(help="A version; the one before the live one.")] = None,
    new: Annotated[str | None, typer.Argument(help="A version; the live one.")] = None,
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    state: State = STATE,
) -> None:
    """Show what changed between two versions."""
    shelf = _shelf(flows, state, sounds)
    versions = [str(entry["version"]) for entry in _known(shelf.versions(name), name)]
    newer = new or versions[0]
    older = old or next((version for version in versions if version != newer), newer)
    texts = [shelf.source(name, version) for version in (older, newer)]
    if texts[0] is None or texts[1] is None:
        raise typer.BadParameter(f"no version {older if texts[0] is None else newer} of `{name}`")
    before, after = (text.splitlines(keepends=True) for text in (texts[0], texts[1]))
    typer.echo("".join(difflib.unified_diff(before, after, f"{name}@{older}", f"{name}@{newer}")), nl=False)


def rollback(
    name: Annotated[str, typer.Argument(help="The flow.")],
    version: Annotated[str | None, typer.Argument(help="A version; the one before when left out.")] = None,
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    state: State = STATE,
    by: Annotated[str | None, typer.Option(help="Who does it; you when left out.")] = None,
) -> None:
    """Make an earlier version live again."""
    shelf = _shelf(flows, state, sounds)
    try:
        done = asyncio.run(shelf.rollback(name, version, by=by or getpass.getuser()))
    except Refusal as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    out.print(f"{done['id']} is live in version {done['version']}")


def retire(
    name: Annotated[str, typer.Argument(help="The flow.")],
    flows: Folder = FLOWS,
    sounds: Sounds = SOUNDS,
    state: State = STATE,
    by: Annotated[str | None, typer.Option(help="Who does it; you when left out.")] = None,
) -> None:
    """Take a flow that nothing leads to out of service; `rollback` brings it back."""
    shelf = _shelf(flows, state, sounds)
    try:
        asyncio.run(shelf.retire(name, by=by or getpass.getuser()))
    except Refusal as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    out.print(f"{name} is retired; its versions are kept")
