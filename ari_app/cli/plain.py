"""Text of others at the terminal: lists, names and numbers are shown as they are and command nothing (X8)."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 200
"""Characters to a line of what goes into a file or another program: rich would cut names at 80."""
UNSEEN = "\N{REPLACEMENT CHARACTER}"


def plain_console() -> Console:
    """Takes `[red]` in a name for text, which would otherwise colour, link, or end the command."""
    width = None if sys.stdout.isatty() else WIDE
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)


def visible(text: str) -> str:
    """Control characters, which terminals obey, and marks that turn the writing round are seen as such."""
    return "".join(char if char.isprintable() else UNSEEN for char in text)
