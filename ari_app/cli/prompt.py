"""`ramal prompt`: own prompts of a running Ramal: list, upload, speak, record by phone, listen, delete."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ari_app.cli.flow_live import DEMO, Demo
from ari_app.cli.remote import RemoteError, connect

app = typer.Typer(help="Make the prompts that flows name `own/…`.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
Name = Annotated[str, typer.Argument(help="The prompt's name, without `own/`.")]
Language = Annotated[str, typer.Option(help="Language of the prompt.")]
Client = Annotated[str | None, typer.Option(help="Instead of the installation's, this client's prompt.")]
Text = Annotated[str, typer.Option(help="What it says, for people.")]


def _ask(demo: Path, method: str, path: str, body: Any = None) -> Any:
    try:
        return connect(demo).ask(method, path, body)
    except RemoteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _with(client: str | None, **fields: Any) -> dict[str, Any]:
    return fields if client is None else {**fields, "client": client}


def _query(client: str | None) -> str:
    return "" if client is None else f"?client={client}"


@app.command("list")
def list_prompts(client: Client = None, *, shipped: bool = False, demo: Demo = DEMO) -> None:
    """List own prompts; with --shipped the product's too."""
    table = Table("prompt", "language", "seconds", "made by", "used by", "text", box=None)
    for item in _ask(demo, "GET", f"/prompts{_query(client)}")["items"]:
        if item["own"] or shipped:
            used = ", ".join(item["used_by"])
            seconds = f"{item['duration_s']:.1f}" if item["own"] else ""
            made = item.get("made_by", "")
            table.add_row(item["name"], item["language"], seconds, made, used, item.get("text", ""))
    out.print(table)


@app.command()
def add(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A sound file: WAV, FLAC, OGG, Opus, MP3, AIFF.")],
    language: Language = "pt-BR",
    text: Text = "",
    client: Client = None,
    demo: Demo = DEMO,
) -> None:
    """Make a prompt of a sound file, or replace it."""
    audio = base64.b64encode(file.read_bytes()).decode()
    done = _ask(demo, "PUT", f"/prompts/{language}/{name}", _with(client, audio=audio, text=text))
    out.print(f"{done['name']} lasts {done['duration_s']:.1f} s")


@app.command()
def speak(
    name: Name, text: str, language: Language = "pt-BR", client: Client = None, demo: Demo = DEMO
) -> None:
    """Have a text spoken by the configured voice."""
    done = _ask(demo, "POST", f"/prompts/{language}/{name}/speak", _with(client, text=text))
    out.print(f"{done['name']} lasts {done['duration_s']:.1f} s")


@app.command()
def record(
    name: Name,
    phone: Annotated[str, typer.Argument(help="An operator's extension or an outside number.")],
    language: Language = "pt-BR",
    text: Text = "",
    client: Client = None,
    demo: Demo = DEMO,
) -> None:
    """Call a phone and record there: speak after the beep, keep it with 1."""
    _ask(demo, "POST", f"/prompts/{language}/{name}/record", _with(client, phone=phone, text=text))
    out.print(f"calling {phone}: speak after the beep, keep it with 1")


@app.command()
def listen(
    name: Name,
    file: Annotated[Path, typer.Argument(help="Where the WAV goes.")],
    language: Language = "pt-BR",
    client: Client = None,
    demo: Demo = DEMO,
) -> None:
    """Fetch a prompt's sound."""
    try:
        url = f"/prompts/{language}/{name}/audio{_query(client)}"
        file.write_bytes(connect(demo).raw("GET", url, None, ""))
    except RemoteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    out.print(f"{file}")


@app.command()
def delete(name: Name, language: Language = "pt-BR", client: Client = None, demo: Demo = DEMO) -> None:
    """Delete a prompt that no live flow uses."""
    _ask(demo, "DELETE", f"/prompts/{language}/{name}{_query(client)}")
    out.print(f"own/{name} is deleted")
