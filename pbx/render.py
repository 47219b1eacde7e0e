"""Fill configuration templates: `@name@` stands for a value, so that Asterisk's own `${…}` stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pbx.backend import PbxError

_PLACE = re.compile(r"@([a-z][a-z0-9_]*)@")
_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f]")


def render(text: str, values: Mapping[str, str], origin: str) -> str:
    """Fill one template; a name without a value raises PbxError with file and line."""

    def fill(place: re.Match[str]) -> str:
        try:
            return values[place[1]]
        except KeyError:
            line = text.count("\n", 0, place.start()) + 1
            raise PbxError(f"{origin}:{line}: @{place[1]}@ has no value") from None

    return _PLACE.sub(fill, text)


def render_folder(templates: Path, target: Path, values: Mapping[str, str]) -> list[Path]:
    """Render every `*.conf` of a folder; files are readable by their owner only, as they hold secrets."""
    for name, value in values.items():
        if _UNSAFE.search(value):
            raise PbxError(f"the value of @{name}@ holds a control character")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[Path] = []
    for template in sorted(templates.glob("*.conf")):
        filled = render(template.read_text(encoding="utf-8"), values, str(template))
        path = target / template.name
        path.touch(mode=0o600)
        path.write_text(filled, encoding="utf-8")
        made.append(path)
    if not made:
        raise PbxError(f"{templates} holds no *.conf template")
    return made


def required_modules(modules_conf: str) -> list[str]:
    """Names of the modules that a modules.conf loads."""
    return re.findall(r"^\s*(?:load|preload|require)\s*=>?\s*(\S+\.so)", modules_conf, re.MULTILINE)
