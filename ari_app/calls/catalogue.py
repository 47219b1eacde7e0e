"""Which prompts exist, by language: what the flow checker judges prompt names by."""

from __future__ import annotations

from pathlib import Path

from ari_app.flow import speech
from ari_app.flow.check import Prompts
from ari_app.flow.problems import Problems
from ari_app.flow.yaml_tree import Mapping, read


def prompts_in(sounds: Path) -> Prompts:
    """The prompts that each language has: those of its `prompts.yaml` and the clips of spoken numbers."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted(sounds.glob("*/prompts.yaml")):
        tree = read(file.read_bytes(), Problems(str(file)))
        entries = tree.get("prompts") if isinstance(tree, Mapping) else None
        names = {item.key for item in entries.items} if isinstance(entries, Mapping) else set()
        clips = speech.VOCABULARIES.get(file.parent.name, {})
        found[file.parent.name] = frozenset(names | {str(name) for name in clips})
    return found
