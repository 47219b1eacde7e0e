"""Read and check `sounds/<language>/prompts.yaml`, the texts of everything the product says."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

LANGUAGES = ("pt-BR", "en", "es")
PROMPT_ID = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")

CUT = 2
"""Version of the rule by which clips are cut: another one makes all of them out of date."""


class CatalogueError(ValueError):
    """A prompts.yaml that cannot be used; the message names file, prompt and field."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing the product says: its text, and how the voice must be told to say it."""

    id: str
    text: str
    speak: str
    voice: str
    speed: float
    rest: float
    """Seconds of silence after it."""

    @property
    def spoken_sha256(self) -> str:
        """Changes whenever the sound would: what is spoken, by whom, how fast."""
        rest = f"\n{self.rest}" if self.rest else ""
        rest += f"\n{CUT}" if "{" in self.speak else ""
        return hashlib.sha256(f"{self.voice}\n{self.speed}\n{self.speak}{rest}".encode()).hexdigest()


def load(path: Path) -> Mapping[str, Prompt]:
    """The prompts of one language by id, in the order of the file; raises `CatalogueError`."""
    try:
        document = YAML(typ="safe").load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise CatalogueError(f"{path}: {error}") from error
    if not isinstance(document, dict) or set(document) != {"language", "voice", "prompts"}:
        raise CatalogueError(f"{path}: expected exactly the keys language, voice, prompts")
    if not isinstance(document["prompts"], dict):
        raise CatalogueError(f"{path}: prompts: expected a mapping of id to text")
    return {k: _prompt(path, str(k), v, str(document["voice"])) for k, v in document["prompts"].items()}


def _prompt(path: Path, name: str, value: object, voice: str) -> Prompt:
    if not PROMPT_ID.fullmatch(name):
        raise CatalogueError(f"{path}: {name!r} is no prompt id (small letters, digits, hyphens, slashes)")
    fields: object = {"text": value} if isinstance(value, str) else value
    if not isinstance(fields, dict) or "text" not in fields:
        raise CatalogueError(f"{path}: {name}: expected a text, or a mapping with text")
    if unknown := set(fields) - {"text", "speak", "voice", "speed", "rest"}:
        raise CatalogueError(f"{path}: {name}: unknown field {min(unknown, key=str)!r}")
    for field in ("text", "speak", "voice"):
        if not isinstance(fields.get(field, "x"), str) or not str(fields.get(field, "x")).strip():
            raise CatalogueError(f"{path}: {name}: {field}: expected words")
    numbers = {"speed": (1.0, 0.5, 2.0), "rest": (0.0, 0.0, 2.0)}
    for field, (usual, low, high) in numbers.items():
        found = fields.setdefault(field, usual)
        if not isinstance(found, float) or not low <= found <= high:
            raise CatalogueError(f"{path}: {name}: {field}: expected a number from {low} to {high}")
    return Prompt(
        id=name,
        text=str(fields["text"]),
        speak=str(fields.get("speak", fields["text"])),
        voice=str(fields.get("voice", voice)),
        speed=float(fields["speed"]),
        rest=float(fields["rest"]),
    )
