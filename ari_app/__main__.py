"""The `ramal` command."""

from __future__ import annotations

import gc
import sys

from ari_app.lean import without


def main() -> None:
    """Entry point of the installed command.

    What runs unattended goes past the libraries that draw help, tables and tracebacks on a terminal: while an
    application starts again, its callers wait for every import.
    """
    match sys.argv[1:]:
        case ["serve"]:
            gc.disable()  # nothing of what imports make is garbage
            with without("rich"):
                import structlog  # noqa: F401, PLC0415 - it draws tracebacks where it finds `rich`
            from ari_app.app import entry  # noqa: PLC0415

            sys.exit(entry.serve())
        case ["import-list", ident]:
            from ari_app.app import entry  # noqa: PLC0415

            sys.exit(entry.import_list(ident))
        case _:
            from ari_app.cli.commands import app  # noqa: PLC0415

            app()


if __name__ == "__main__":
    main()
