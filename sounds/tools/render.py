"""Speak every prompt whose text or voice has changed, and keep `sounds/manifest.json` in step.

    python -m sounds.tools.render MODELS                      # everything that is out of date
    python -m sounds.tools.render MODELS --language pt-BR --only menu/ --only queue/

Needs the dependency group `voice` and the program espeak-ng; fetches the model on first use (`models`).
"""

import argparse
import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from sounds.tools import catalogue, levels, models
from sounds.tools.voice import Voice

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "manifest.json"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, help="folder with the speech model; filled when empty")
    parser.add_argument("--language", action="append", choices=catalogue.LANGUAGES)
    parser.add_argument("--only", action="append", metavar="PREFIX", help="only ids that begin like this")
    parser.add_argument("--workers", type=int, default=2, help="prompts spoken at the same time")
    arguments = parser.parse_args()
    voice = Voice(models.fetch(arguments.models))
    for language in arguments.language or catalogue.LANGUAGES:
        render(voice, language, tuple(arguments.only or ("",)), arguments.workers)


def render(voice: Voice, language: str, prefixes: tuple[str, ...], workers: int) -> None:
    """Speak what is out of date in one language; files of prompts that no longer exist are removed."""
    manifest = read_manifest()
    prompts = catalogue.load(ROOT / language / "prompts.yaml")
    entries = manifest.setdefault(language, {})
    for gone in [name for name in entries if name not in prompts]:
        (ROOT / language / f"{gone}.ogg").unlink(missing_ok=True)
        del entries[gone]
    stale = [
        p
        for p in prompts.values()
        if p.id.startswith(prefixes) and not _fresh(entries.get(p.id), language, p)
    ]
    begun = time.monotonic()
    try:
        with ThreadPoolExecutor(workers) as pool:
            for count, (name, entry) in enumerate(pool.map(partial(_speak, voice, language), stale), 1):
                entries[name] = entry
                if count % 20 == 0:
                    write_manifest(manifest)
                    took = time.monotonic() - begun
                    print(f"{language} {count}/{len(stale)} {took / count:.2f} s each", flush=True)
    finally:
        write_manifest(manifest)


def _speak(voice: Voice, language: str, prompt: catalogue.Prompt) -> tuple[str, dict[str, Any]]:
    path = ROOT / language / f"{prompt.id}.ogg"
    levels.store(path, levels.finish(voice.say(prompt.speak, prompt.voice, prompt.speed), prompt.rest))
    return prompt.id, {"spoken": prompt.spoken_sha256, **levels.measure(path)}


def read_manifest() -> dict[str, dict[str, Any]]:
    """What was rendered: language, prompt id, then hashes and duration in seconds."""
    if not MANIFEST.exists():
        return {}
    content: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text())
    return content


def write_manifest(manifest: dict[str, dict[str, Any]]) -> None:
    """One prompt a line, sorted, so that a diff shows what changed."""
    MANIFEST.write_text("{\n" + ",\n".join(_language_lines(manifest)) + "\n}\n")


def _language_lines(manifest: dict[str, dict[str, Any]]) -> Iterable[str]:
    for language, entries in sorted(manifest.items()):
        lines = ",\n".join(f'  "{name}": {json.dumps(entry)}' for name, entry in sorted(entries.items()))
        yield f' "{language}": {{\n{lines}\n }}'


def _fresh(entry: dict[str, Any] | None, language: str, prompt: catalogue.Prompt) -> bool:
    path = ROOT / language / f"{prompt.id}.ogg"
    return entry is not None and entry["spoken"] == prompt.spoken_sha256 and path.is_file()


if __name__ == "__main__":
    main()
