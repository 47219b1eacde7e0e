"""Which column of a list is what: by its name in three languages, else by what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ari_app.campaigns.lists.numbers import BadNumber, NumberReader
from ari_app.model.contact_import import Role

_PHONE = r"(?:tele)?fones?|tels?|cel(?:ular)?(?:es)?|phones?|mobile|whats ?app|zap|telefonos?|movil|msisdn"
_NAMES: dict[Role, str] = {
    "ignore": r"fax|nascimento|birth.*|data de nasc.*|e ?mail.*|rg",
    "area_code": r"ddd|area ?code|cod(?:igo)? de area",
    "phone": rf"(?:{_PHONE})(?: .*|\d*)|.* (?:{_PHONE})(?: number)?(?: ?\d+)?",
    "person": r"cpf|cnpj|cpf ?cnpj|documento?|document|id|codigo|cod|matricula|dni|rut|person"
    r"|(?:customer|client|contact) ?id|id ?cliente",
    "name": r"nomes?|nome completo|name|full ?name|cliente|customer|nombre|razao social",
    "region": r"uf|estado|state|region|regiao|provincia",
    "postal_code": r"cep|postal ?code|zip(?: ?code)?|codigo postal",
    "zone": r"time ?zone|fuso(?: horario)?|tz|zona horaria",
    "priority": r"priority|prioridade?|prioridad",
    "segment": r"segmento?",
}
_PATTERNS = [(role, re.compile(pattern)) for role, pattern in _NAMES.items()]
DIGITS_OF_A_NUMBER = 8


def plain_name(column: str) -> str:
    """A column's name as the patterns know it: no accents, no case, no punctuation."""
    text = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def names_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names, each once: an empty one is called after its place."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        name = " ".join(cell.split())[:80] or f"column {place}"
        unique, same = name, 1
        while unique in names:
            same += 1
            unique = f"{name} ({same})"
        names[unique] = None
    return tuple(names)


def has_header(first: Sequence[str], reader: NumberReader) -> bool:
    """Whether the first row names the columns: no cell of it is a phone number."""
    return not any(_is_number(cell, reader) for cell in first)


def guess(columns: Sequence[str], samples: Sequence[Sequence[str]], reader: NumberReader) -> dict[str, Role]:
    """Each column's role by its name, and the phones by contents where no name tells."""
    roles: dict[str, Role] = {}
    for column in columns:
        role = _role_of(plain_name(column))
        again = role != "phone" and role in roles.values()
        roles[column] = "data" if role == "ignore" or again else role
    if "phone" not in roles.values():
        for place, column in enumerate(columns):
            cells = [row[place] for row in samples if place < len(row) and row[place].strip()]
            likely = sum(_is_number(cell, reader) for cell in cells)
            if roles[column] == "data" and cells and likely * 2 >= len(cells):
                roles[column] = "phone"
    return roles


def _role_of(name: str) -> Role:
    for role, pattern in _PATTERNS:
        if pattern.fullmatch(name):
            return role
    return "data"


def _is_number(cell: str, reader: NumberReader) -> bool:
    try:
        reader.read(cell)
    except BadNumber:
        return False
    return sum(character.isdigit() for character in cell) >= DIGITS_OF_A_NUMBER
