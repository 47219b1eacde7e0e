"""Processes that run unattended, each with its settings from the environment; gives the exit status."""

from __future__ import annotations

import gc
import os
import sys

from ari_app import config

WRONG_SETTINGS = 2


def serve() -> int:
    """`ramal serve`."""
    try:
        settings = config.read(os.environ)
    except config.ConfigError as error:
        print(f"ramal: {error}", file=sys.stderr)  # noqa: T201 - to the person who started it
        return WRONG_SETTINGS
    from ari_app.app.serve import serve as until_told  # noqa: PLC0415 - wrong settings are told at once

    gc.freeze()  # what was imported stays: no collection need look at it
    gc.enable()
    return until_told(settings)


def import_list(ident: str) -> int:
    """`ramal import-list`."""
    from ari_app.app.importing import import_list as run  # noqa: PLC0415 - not what `serve` needs first

    return run(ident, os.environ["RAMAL_DATABASE"], os.environ["RAMAL_IMPORTS"])
