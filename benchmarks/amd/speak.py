"""Speak the corpus once with synthetic voices; its files are part of the repository.

    python -m benchmarks.amd.speak MODELS    # as of sounds.tools.models, with the voices named in texts

Needs the dependency group `voice` and the program espeak-ng.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.amd.texts import MACHINES, PEOPLE, VOICES
from sounds.tools import levels
from sounds.tools.voice import Voice

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    """Speak what is missing; `corpus.json` lists what each file is."""
    voice = Voice(Path(sys.argv[1]))
    index = []
    for language, voices in VOICES.items():
        for kind, texts, speakers in (
            ("person", PEOPLE[language], voices),
            ("machine", MACHINES[language], voices[:2]),
        ):
            for number, text in enumerate(texts):
                for speaker in speakers:
                    name = f"{language}-{kind}-{number}-{speaker}"
                    path = CORPUS / f"{name}.ogg"
                    if not path.exists():
                        levels.store(path, levels.finish(voice.say(text, speaker)))
                        print(name, flush=True)
                    index.append({"file": path.name, "language": language, "kind": kind, "text": text})
    (CORPUS / "corpus.json").write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
