"""The `ramal` command."""

from __future__ import annotations

import os
import sys

import typer

from ari_app import config
from ari_app.app.importing import import_list as run_import
from ari_app.app.serve import serve as serve_application
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
    try:
        settings = config.read(os.environ)
    except config.ConfigError as error:
        print(f"ramal: {error}", file=sys.stderr)  # noqa: T201 - to the person who started it
        raise typer.Exit(2) from error
    raise typer.Exit(serve_application(settings))


@app.command("import-list", hidden=True)
def import_list(ident: str) -> None:
    """Run one import of contacts: started by the application itself."""
    raise typer.Exit(run_import(ident, os.environ["RAMAL_DATABASE"], os.environ["RAMAL_IMPORTS"]))


def main() -> None:
    """Entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
