"""Text of others at the terminal: lists, names and numbers are shown as they are and command nothing (X8)."""

from __future__ import annotations

from rich.console import Console

UNSEEN = "\N{REPLACEMENT CHARACTER}"


def plain_console() -> Console:
    """Takes `[red]` in a name for text, which would otherwise colour, link, or end the command."""
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def visible(text: str) -> str:
    """Control characters, which terminals obey, and marks that turn the writing round are seen as such."""
    return "".join(char if char.isprintable() else UNSEEN for char in text)
