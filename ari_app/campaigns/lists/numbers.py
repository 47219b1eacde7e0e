"""Reads phone numbers as people and spreadsheets write them, and tells what is wrong with the others."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, timezone
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

_PLAIN = re.compile(r"^\+?[0-9]{6,17}$")
_SPACING = str.maketrans("", "", " -().\u00a0\t")
_FLOAT = re.compile(r"^[0-9]+(?:[.,][0-9]+)?(?:[eE]\+?[0-9]{1,2})?$")
_TEXT_FORMULA = re.compile(r'^="([^"]*)"$')
_SEVERAL = re.compile(r"\s*(?:[;/|]|\bou\b|\bor\b)\s*", re.IGNORECASE)
_REFUSED_TYPES = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PAGER, PhoneNumberType.VOICEMAIL, PhoneNumberType.UAN}
)
_EXTENSION = re.compile(r"\s*(?:ramal|ext\.?|extension)\s*[0-9]{1,6}$", re.IGNORECASE)
"""Behind a company's number: people are asked for, not dialled."""
SEVERAL_MOST = 10
LONGEST = 120


class BadNumber(Exception):  # noqa: N818 - an answer about a cell
    """The cell holds no number that may be dialled. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NumberReader:
    """Reads numbers of one list. `region`: ISO country of numbers without a country code.

    Raises:
        ValueError: no such region.

    """

    def __init__(self, region: str = "BR", area_code: str | None = None) -> None:
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"region: {region!r} is no country whose numbers are known")
        self._region = region
        self._country = phonenumbers.country_code_for_region(region)
        self._area_code = area_code
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        self._trunk = (metadata.national_prefix or "") if metadata is not None else ""
        usual = (metadata.mobile, metadata.fixed_line) if metadata is not None else ()
        patterns = [one.national_number_pattern for one in usual if one and one.national_number_pattern]
        self._usual = re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")

    def several(self, cell: str) -> list[str]:
        """The numbers of one cell: `11 98888-0000 / 11 3333-0000` holds two."""
        if len(cell) <= 20:
            return [cell]
        return [part for part in _SEVERAL.split(cell[:1000]) if part][:SEVERAL_MOST]

    def read(self, cell: str, area_code: str | None = None) -> tuple[str, tuple[str, ...]]:
        """The number as E.164 and its IANA zones (none: not known). Raises `BadNumber`."""
        plain = _plain(cell)
        if _PLAIN.match(plain):
            quick = self._quick(plain, area_code or self._area_code)
            if quick is not None:
                return f"+{self._country}{quick}", _zones_by_prefix(f"{self._country}{quick}")
        number = self._parsed(plain)
        if phonenumbers.number_type(number) in _REFUSED_TYPES:
            raise BadNumber("premium_number", "a number that costs extra, or reaches no person")
        e164 = f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
        return e164, _zones_of(number)

    def _quick(self, plain: str, area_code: str | None) -> str | None:
        """The national number of an ordinary number of digits alone, without the library's parser, which
        takes most of an import's time; None: to be judged by the library.
        """
        country = str(self._country)
        if plain.startswith("00"):
            plain = "+" + plain[2:]
        if plain.startswith("+"):
            national = plain[1:].removeprefix(country)
            return national if plain.startswith("+" + country) and self._usual.fullmatch(national) else None
        if self._usual.fullmatch(plain):
            return plain
        if self._trunk and plain.startswith(self._trunk):
            national = plain.removeprefix(self._trunk)
            return national if self._usual.fullmatch(national) else None
        if area_code and not plain.startswith("0") and self._usual.fullmatch(area_code + plain):
            return area_code + plain
        national = plain.removeprefix(country)
        return national if national != plain and self._usual.fullmatch(national) else None

    def _parsed(self, plain: str) -> PhoneNumber:
        text = "+" + plain[2:] if plain.startswith(f"00{self._country}") else plain
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException as error:
            raise BadNumber("not_a_number", f"no phone number: {_reason(error)}") from error
        if not phonenumbers.is_valid_number(number):
            length = phonenumbers.is_possible_number_with_reason(number)
            raise BadNumber("invalid_number", _LENGTHS.get(length, "no number of this form was given out"))
        return number


_LENGTHS = {
    phonenumbers.ValidationResult.TOO_SHORT: "too short",
    phonenumbers.ValidationResult.TOO_LONG: "too long",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no such country code",
}


def _reason(error: phonenumbers.NumberParseException) -> str:
    return str(error).partition(")")[2].strip() or str(error)


def _zones_by_prefix(digits: str) -> tuple[str, ...]:
    """The zones of an ordinary number that is known to be valid."""
    for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1):
        zones = TIMEZONE_DATA.get(digits[:length])
        if zones is not None:
            return tuple(zones)
    return ()


def _zones_of(number: PhoneNumber) -> tuple[str, ...]:
    return tuple(zone for zone in timezone.time_zones_for_number(number) if zone != "Etc/Unknown")


def _plain(cell: str) -> str:
    """The cell without what spreadsheets and people put round a number. Raises `BadNumber`."""
    text = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
    text = text.strip().removeprefix("'")
    if text.startswith("="):
        quoted = _TEXT_FORMULA.match(text)
        if quoted is None:
            raise BadNumber("formula", "a formula, not a number")
        text = quoted.group(1).strip()
    if not text:
        raise BadNumber("empty", "no number")
    text = _EXTENSION.sub("", text)
    if len(text) > LONGEST:
        raise BadNumber("not_a_number", "no phone number: too long")
    if ("." in text or "e" in text or "E" in text or "," in text) and _FLOAT.match(text):
        text = _whole(text)
    bare = text.translate(_SPACING)
    return bare if _PLAIN.match(bare) else text


def _whole(text: str) -> str:
    """A number that a spreadsheet made of a phone number, if no digit was lost."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:  # pragma: no cover - the pattern admits none
        raise BadNumber("not_a_number", "no phone number") from None
    mantissa, _, power = text.lower().partition("e")
    if value != value.to_integral_value():
        if re.fullmatch(r"[0-9]{2,5}[.,][0-9]{4,5}", text):  # 98888.0000 is how some write a number
            return text.replace(".", "").replace(",", "")
        raise BadNumber("not_a_number", "no phone number: it has decimals")
    decimals = re.split(r"[.,]", mantissa)[1:]
    if power and len(decimals[0] if decimals else "") < int(power):
        raise BadNumber("rounded", "a spreadsheet has rounded it: its last digits are lost")
    if not power and re.fullmatch(r"[0-9]{2,5}[.,][0-9]{4}", text):
        return text.replace(".", "").replace(",", "")
    return str(int(value))
