"""Write the clips of spoken numbers, dates and letters into every `prompts.yaml`, below a marker line.

    python -m sounds.tools.vocabulary

The rules in `ari_app.flow.speech` are where they come from; run this after changing them, then `render`.
"""

import json
from pathlib import Path

from ari_app.flow.speech import VOCABULARIES, Clip

MARKER = "  # --- Clips of ari_app.flow.speech, written by sounds.tools.vocabulary: do not edit below ---\n"
ROOT = Path(__file__).resolve().parents[1]


def with_vocabulary(content: str, language: str) -> str:
    """The content of a `prompts.yaml` with its lower part as the rules want it now."""
    lines = [f"  {name}: {_entry(clip)}\n" for name, clip in VOCABULARIES[language].items()]
    return "".join([content.partition(MARKER)[0], MARKER, *lines])


def _entry(clip: Clip) -> str:
    rest = f", rest: {clip.rest}" if clip.rest else ""
    return f"{{text: {_quoted(clip.text)}, speak: {_quoted(clip.speak)}{rest}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> None:
    """Run from the command line."""
    for language in VOCABULARIES:
        path = ROOT / language / "prompts.yaml"
        path.write_text(with_vocabulary(path.read_text("utf-8"), language), "utf-8")


if __name__ == "__main__":
    main()
