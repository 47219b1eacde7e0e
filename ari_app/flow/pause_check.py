"""Which pauses may have a limit: nobody is timed on the toilet or after an abusive call (P12, P9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.flow.problems import Problems, did_you_mean
from ari_app.flow.yaml_tree import Tree, mark_at
from ari_app.model.operator import NO_REASON, PAUSE_KEYS, UNLIMITED

if TYPE_CHECKING:
    from ari_app.flow.site import Site

LIMITED = frozenset({*PAUSE_KEYS.values(), NO_REASON}) - UNLIMITED
"""The product's own reasons that a limit may name; those that others set over the API may be limited too."""


def check_pauses(site: Site, problems: Problems, tree: Tree) -> None:
    """Every error is at the line of its reason."""
    for reason in site.pauses:
        mark = mark_at(tree, "pauses", reason, "longest_s")
        if reason in UNLIMITED:
            message = f"pauses: {reason}: longest_s: nobody is timed in this pause"
            problems.error("pause-unlimited", message, mark, hint=f"take `{reason}` out of `pauses`")
        elif reason not in LIMITED:
            message = f"pauses: {reason}: no phone code and no button sets this reason"
            problems.warning("pause-reason", message, mark, hint=did_you_mean(reason, LIMITED))
