"""All that can be typed after `ramal`, with help and errors."""

from __future__ import annotations

import typer

from ari_app.app import entry
from ari_app.cli.backup import backup, restore
from ari_app.cli.campaign import app as campaign_commands
from ari_app.cli.dnc import app as dnc_commands
from ari_app.cli.doctor import doctor
from ari_app.cli.flow import app as flow_commands
from ari_app.cli.prompt import app as prompt_commands

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Ramal, an open call centre on Asterisk.")


app.add_typer(flow_commands, name="flow")
app.add_typer(campaign_commands, name="campaign")
app.add_typer(dnc_commands, name="dnc")
app.add_typer(prompt_commands, name="prompt")
app.command()(doctor)
app.command()(backup)
app.command()(restore)


@app.command()
def serve() -> None:
    """Serve calls, API and console until SIGTERM. Settings come from RAMAL_… variables."""
    raise typer.Exit(entry.serve())


@app.command("import-list", hidden=True)
def import_list(ident: str) -> None:
    """Run one import of contacts: started by the application itself."""
    raise typer.Exit(entry.import_list(ident))
