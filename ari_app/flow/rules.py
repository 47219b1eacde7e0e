"""Rules that keyed-in numbers obey: check digits of documents and cards, shapes of telephone numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

RuleName = Literal["cpf", "cnpj", "luhn", "phone", "date"]


def luhn(digits: str) -> bool:
    """Card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return len(digits) > 1 and total % 10 == 0


def _weighted(digits: str, weights: range | list[int]) -> str:
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return str(0 if rest < 2 else 11 - rest)


def cpf(digits: str) -> bool:
    """Brazil's number of a person: 11 digits, the last two check the rest (Receita Federal)."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    first = _weighted(digits[:9], range(10, 1, -1))
    return digits[9:] == first + _weighted(digits[:9] + first, range(11, 1, -1))


def cnpj(digits: str) -> bool:
    """Brazil's number of a company: 14 digits, the last two check the rest (Receita Federal)."""
    if len(digits) != 14 or len(set(digits)) == 1:
        return False
    weights = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    first = _weighted(digits[:12], weights)
    return digits[12:] == first + _weighted(digits[:12] + first, [6, *weights])


def phone(digits: str) -> bool:
    """A number that can be called back: 8 to 15 digits (E.164), not all alike."""
    return 8 <= len(digits) <= 15 and len(set(digits)) > 1


def date(digits: str) -> bool:
    """A day keyed as day, month, year: 24122026."""
    if len(digits) != 8:
        return False
    try:
        dt.date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return False
    return True


RULES: dict[str, Callable[[str], bool]] = {
    "cpf": cpf,
    "cnpj": cnpj,
    "luhn": luhn,
    "phone": phone,
    "date": date,
}


def obeys(rule: str, digits: str) -> bool:
    """Whether the digits obey a rule; anything but digits obeys none."""
    return digits.isascii() and digits.isdigit() and RULES[rule](digits)
