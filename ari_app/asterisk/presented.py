"""What a caller's network says of him, made fit to be shown and stored: he chooses it, not we (X8)."""

from __future__ import annotations

LONGEST = 120
"""Characters; no real name or number is longer."""


def presented(said: str) -> str:
    """One line of visible text: without control characters and marks that turn the writing round.

    Everything else stays: whoever shows it must still treat it as text (HTML, formulas, markup).
    """
    kept = (" " if char.isspace() else char for char in said if char.isprintable() or char.isspace())
    return "".join(kept)[:LONGEST].strip()
