"""`ramal campaign`: create, list, import, start, pause, resume, stop, stats, export (O1, O12, O15)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ari_app.cli.client import ApiAddress, Client, Token, connect
from ari_app.cli.plain import plain_console, visible

app = typer.Typer(no_args_is_help=True, help="Outbound campaigns and their contact lists.")
out = plain_console()

Ident = Annotated[str, typer.Argument(help="The campaign's id.")]
ASK_S = 0.5
WAITING = frozenset({"preparing", "running"})


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    settings: Annotated[
        Path | None, typer.Option(help="A JSON file with further fields, as POST /campaigns takes them.")
    ] = None,
    mode: Annotated[
        str, typer.Option(help="preview, progressive, power, predictive, agentless.")
    ] = "progressive",
    queue: Annotated[str | None, typer.Option(help="Whose operators serve the answered.")] = None,
    caller_id: Annotated[list[str] | None, typer.Option(help="A number to show; or several.")] = None,
    api: ApiAddress = "",
    token: Token = "",
) -> None:
    """Create a campaign, as a draft; prints its id."""
    fields: dict[str, Any] = msgspec.json.decode(settings.read_bytes()) if settings else {}
    fields |= {"name": name, "mode": mode}
    fields |= {"queue": queue} if queue else {}
    fields |= {"caller_ids": caller_id} if caller_id else {}
    typer.echo(connect(api, token).ask("POST", "/campaigns", body=fields)["id"])


@app.command("list")
def list_campaigns(api: ApiAddress = "", token: Token = "") -> None:
    """List the campaigns."""
    table = Table("id", "name", "mode", "status", "queue", "priority", box=None)
    for one in connect(api, token).items("/campaigns"):
        fields = (one["id"], one["name"], one["mode"], one["status"], one["queue"] or "", one["priority"])
        table.add_row(*(visible(str(field)) for field in fields))
    out.print(table)


@app.command("import")
def import_list(
    campaign: Ident,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.", exists=True, dir_okay=False)],
    column: Annotated[list[str] | None, typer.Option("--map", help="COLUMN=ROLE: Celular=phone.")] = None,
    region: Annotated[str, typer.Option(help="Country of numbers without its code.")] = "BR",
    area_code: Annotated[str | None, typer.Option(help="Area code of numbers without one.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of numbers that tell none.")] = None,
    preview: Annotated[bool, typer.Option(help="Only show how it would be read.")] = False,
    report: Annotated[Path | None, typer.Option(help="Where to write what is told of each row.")] = None,
    api: ApiAddress = "",
    token: Token = "",
) -> None:
    """Import a contact list; exit status 1 when it fails."""
    client = connect(api, token)
    query = {"name": file.name, "region": region, "area_code": area_code, "zone": zone, "begin": not preview}
    if column:
        pairs = [text.rpartition("=") for text in column]
        query["mapping"] = msgspec.json.encode({name: role for name, _, role in pairs}).decode()
    path = f"/campaigns/{campaign}"
    job = _sent(client, f"{path}/contacts", file, query)
    job = _watched(client, f"{path}/imports/{job['id']}", job)
    for note in job["notes"]:
        out.print(f"note: {note}")
    if job["state"] == "ready":
        _show_preview(job)
        if preview and not job["problem"]:
            client.ask("DELETE", f"{path}/imports/{job['id']}")
            return
    if job["state"] != "done":
        typer.echo(f"ramal: not imported: {job['problem'] or job['state']}", err=True)
        raise typer.Exit(1)
    counts = job["counts"]
    told = ", ".join(
        f"{counts[key]:,} {key}" for key in ("accepted", "updated", "rejected", "blank", "warned")
    )
    out.print(f"{counts['rows']:,} rows: {told}")
    for code, count in sorted(job["codes"].items(), key=lambda item: -item[1]):
        out.print(f"  {code}: {count:,}")
    if report is not None:
        client.fetch(f"{path}/imports/{job['id']}/report", {}, report)
        out.print(f"report: {report}")


def _sent(client: Client, path: str, file: Path, query: dict[str, Any]) -> Any:
    with Progress(TextColumn("sending"), BarColumn(), DownloadColumn(), console=out, transient=True) as bar:
        task = bar.add_task("", total=file.stat().st_size)
        return client.send(path, file, query, lambda count: bar.advance(task, count))


def _watched(client: Client, path: str, job: Any) -> Any:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=out, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        while job["state"] in WAITING:
            bar.update(task, completed=job["progress"], description=f"{job['counts']['rows']:,} rows")
            time.sleep(ASK_S)
            job = client.ask("GET", path)
    return job


def _show_preview(job: Any) -> None:
    columns = ", ".join(f"{name} = {role}" for name, role in job["mapping"].items())
    out.print(visible(f"{job['encoding']}, cells divided by {job['delimiter']!r}; {columns}"))
    table = Table("row", "person", "name", "phones", "problems", box=None)
    for row in job["preview"]:
        phones, problems = " ".join(row["phones"]), "; ".join(row["problems"])
        table.add_row(*map(visible, (str(row["line"]), row["person"], row["name"], phones, problems)))
    out.print(table)


def _act(name: str, campaign: str, api: str, token: str) -> None:
    done = connect(api, token).ask("POST", f"/campaigns/{campaign}/{name}")
    out.print(visible(f"{done['name']} is {done['status']}"))
    for number in done["still_ringing"]:
        out.print(f"  still ringing: {number}")


@app.command()
def start(campaign: Ident, api: ApiAddress = "", token: Token = "") -> None:
    """Start a draft, a stopped or a finished campaign."""
    _act("start", campaign, api, token)


@app.command()
def pause(campaign: Ident, api: ApiAddress = "", token: Token = "") -> None:
    """Dial nobody more; who rings or talks goes on."""
    _act("pause", campaign, api, token)


@app.command()
def resume(campaign: Ident, api: ApiAddress = "", token: Token = "") -> None:
    """Go on after a pause."""
    _act("resume", campaign, api, token)


@app.command()
def stop(campaign: Ident, api: ApiAddress = "", token: Token = "") -> None:
    """Stop dialling; tells what still rings."""
    _act("stop", campaign, api, token)


@app.command()
def delete(campaign: Ident, api: ApiAddress = "", token: Token = "") -> None:
    """Delete a campaign that never dialled, with its list; one that dialled is evidence."""
    connect(api, token).ask("DELETE", f"/campaigns/{campaign}")
    out.print(f"{campaign} is deleted")


@app.command()
def stats(campaign: Ident, api: ApiAddress = "", token: Token = "") -> None:
    """Show the figures of now and since the start."""
    told = connect(api, token).ask("GET", f"/campaigns/{campaign}/stats")
    held = (told["live"] or {}).pop("held", None)
    if held:
        out.print(held["text"])
    table = Table("figure", "value", box=None)
    for group in ("contacts", "results", "live"):
        for name, value in (told.pop(group) or {}).items():
            table.add_row(f"{group}: {name}", str(value))
    for name, value in told.items():
        table.add_row(name, "" if value is None else str(value))
    out.print(table)


@app.command()
def export(
    campaign: Ident,
    target: Annotated[Path, typer.Argument(help="The file to write: .csv or .xlsx.")],
    what: Annotated[str, typer.Option(help="contacts or attempts.")] = "contacts",
    api: ApiAddress = "",
    token: Token = "",
) -> None:
    """Write all contacts or attempts to a file that is safe to open in a spreadsheet."""
    query = {"what": what, "format": "xlsx" if target.suffix.lower() == ".xlsx" else "csv"}
    size = connect(api, token).fetch(f"/campaigns/{campaign}/export", query, target)
    out.print(f"{target}: {size:,} bytes")
