"""Speak a text with the product's offline voice: what `RAMAL_VOICE` may name.

    python -m sounds.tools.say MODELS pt-BR < text > sound.flac

Needs the dependency group `voice` and the program espeak-ng; fetches the model on first use (`models`).
"""

import argparse
import io
import sys
from pathlib import Path

import soundfile  # type: ignore[import-untyped, unused-ignore]

from sounds.tools import levels, models
from sounds.tools.voice import Voice

VOICES = {"pt-BR": "pf_dora", "es": "ef_dora", "en": "af_heart"}
LONGEST = 2000


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, help="folder with the speech model; filled when empty")
    parser.add_argument("language", choices=sorted(VOICES))
    arguments = parser.parse_args()
    text = " ".join(sys.stdin.read(LONGEST).replace("{", " ").replace("}", " ").split())
    voice = Voice(models.fetch(arguments.models))
    samples = levels.finish(voice.say(text, VOICES[arguments.language], 1.0))
    content = io.BytesIO()
    soundfile.write(content, samples, levels.RATE, format="FLAC")
    sys.stdout.buffer.write(content.getvalue())


if __name__ == "__main__":
    main()
