"""The unit of speech: a clip of some words that was recorded in its place in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ari_app.model.ids import PromptId


class Gender(Enum):
    """Grammatical gender of what is counted: "duas horas", "dois minutos"."""

    MASCULINE = "masculine"
    FEMININE = "feminine"


class UnspeakableError(ValueError):
    """A value for which there are no words: out of range, not digits, a letter of another script."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What a clip says, and the sentence out of which it is cut.

    `speak` marks the clip's part with braces: `{duzentos e} trinta`. A clip with words after it goes on
    ("mid", "join"), one before a full stop falls: that is what makes spoken numbers sound whole.
    `rest` seconds of silence follow.
    """

    text: str
    speak: str
    rest: float = 0.0


Vocabulary = Mapping[PromptId, Clip]
"""All clips that one language's rules can ask for."""


def clip(text: str, before: str = "", after: str = "") -> Clip:
    """A clip of `text`, said between the words `before` and `after`."""
    if not before and not after:
        return Clip(text, f"{text}.")
    return Clip(text, f"{before} {{{text}}}{'' if after.startswith(('.', ',')) else ' '}{after}".strip())
