"""Which prompts exist, by language: what the flow checker judges prompt names by."""

from __future__ import annotations

import json
from pathlib import Path

from ari_app.flow import speech
from ari_app.flow.check import Prompts
from ari_app.flow.problems import Problems
from ari_app.flow.yaml_tree import Mapping, read
from ari_app.recordings.prompts import own_names


def prompts_in(sounds: Path, own: Path | None = None) -> Prompts:
    """The prompts of each language: of its `prompts.yaml`, clips of spoken numbers, the admins' own."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted(sounds.glob("*/prompts.yaml")):
        tree = read(file.read_bytes(), Problems(str(file)))
        entries = tree.get("prompts") if isinstance(tree, Mapping) else None
        names = {item.key for item in entries.items} if isinstance(entries, Mapping) else set()
        clips = speech.VOCABULARIES.get(file.parent.name, {})
        found[file.parent.name] = frozenset(names | {str(name) for name in clips})
    for language, name in own_names(own) if own is not None else ():
        found[language] = found.get(language, frozenset()) | {name}
    return found


def lengths_in(sounds: Path) -> dict[str, float]:
    """The length of each prompt as recorded, in seconds, by `<language>/<prompt>`, as far as known."""
    try:
        manifest = json.loads((sounds / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        f"{language}/{prompt}": float(entry["duration_s"])
        for language, entries in manifest.items()
        for prompt, entry in entries.items()
        if isinstance(entry, dict) and "duration_s" in entry
    }
