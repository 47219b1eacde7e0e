"""Which prompts exist, by language: what the flow checker judges prompt names by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ari_app.flow import speech
from ari_app.flow.check import Prompts
from ari_app.recordings.prompts import own_names


def prompts_in(sounds: Path, own: Path | None = None) -> Prompts:
    """The prompts of each language: of its `prompts.yaml`, clips of spoken numbers, the admins' own."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted(sounds.glob("*/prompts.yaml")):
        names = _names_in(file)
        clips = speech.VOCABULARIES.get(file.parent.name, {})
        found[file.parent.name] = frozenset(names | {str(name) for name in clips})
    for language, name in own_names(own) if own is not None else ():
        found[language] = found.get(language, frozenset()) | {name}
    return found


_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Keys as they stand there, whatever words they are; by libyaml: each start reads all of these files."""


def _names_in(file: Path) -> set[str]:
    """The names of a `prompts.yaml`; none of one that cannot be read."""
    try:
        entries = yaml.load(file.read_bytes(), _LOADER)["prompts"]  # noqa: S506 - makes texts alone
    except (yaml.YAMLError, KeyError, TypeError):
        return set()
    return set(entries) if isinstance(entries, dict) else set()


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
