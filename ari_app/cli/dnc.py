"""`ramal dnc`: the do-not-call lists (O6)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ari_app.cli.client import ApiAddress, Client, Token, connect
from ari_app.cli.plain import plain_console

app = typer.Typer(no_args_is_help=True, help="Numbers that must not be called.")
out = plain_console()
MANY = 5000

Everybody = Annotated[bool, typer.Option("--everybody", help="The list of all clients.")]
Numbers = Annotated[list[str], typer.Argument(help="Numbers, in any way of writing.")]


@app.command()
def add(
    numbers: Numbers,
    everybody: Everybody = False,
    source: Annotated[str, typer.Option(help="Where it comes from.")] = "cli",
    api: ApiAddress = "",
    token: Token = "",
) -> None:
    """Never call these numbers again; exit status 1 when one of them is none."""
    _add(connect(api, token), iter(numbers), source, everybody=everybody)


@app.command()
def remove(number: str, everybody: Everybody = False, api: ApiAddress = "", token: Token = "") -> None:
    """Take a number (E.164) off a list."""
    connect(api, token).ask("DELETE", f"/dnc/{number}", query={"everybody": everybody})
    out.print(f"{number} may be called again")


@app.command("import")
def import_numbers(
    file: Annotated[Path, typer.Argument(help="Text: one number a line.", exists=True, dir_okay=False)],
    everybody: Everybody = False,
    api: ApiAddress = "",
    token: Token = "",
) -> None:
    """Add all numbers of a file; exit status 1 when a line is no number."""
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        stripped = (line.strip(" \t\r\n;,\"'")[:120] for line in lines)
        _add(connect(api, token), (line for line in stripped if line), file.name, everybody=everybody)


@app.command()
def check(number: str, api: ApiAddress = "", token: Token = "") -> None:
    """Whether a number must not be called; exit status 1 when it must not."""
    told = connect(api, token).ask("GET", "/dnc/check", query={"number": number})
    out.print(f"{told['number']}: {'must not be called' if told['blocked'] else 'may be called'}")
    raise typer.Exit(int(told["blocked"]))


def _add(client: Client, numbers: Iterator[str], source: str, *, everybody: bool) -> None:
    added = known = 0
    refused: list[dict[str, Any]] = []
    while some := list(itertools.islice(numbers, MANY)):
        body = {"numbers": some, "everybody": everybody, "source": source[:200]}
        done = client.ask("POST", "/dnc", body=body)
        added, known, refused = added + done["added"], known + done["known"], refused + done["refused"]
    out.print(f"{added:,} added, {known:,} known before, {len(refused):,} refused")
    for one in refused:
        typer.echo(f"  {one['value']!r}: {one['message']}", err=True)
    if refused:
        raise typer.Exit(1)
