"""Turn values into the prompts that say them, grammatically, in the caller's language."""

import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, time
from types import MappingProxyType

from ari_app.flow.speech.clips import Gender, UnspeakableError, Vocabulary
from ari_app.flow.speech.english import English
from ari_app.flow.speech.grammar import SYMBOLS, WAIT_MINUTES, WHOLE_POSITIONS, Grammar
from ari_app.flow.speech.portuguese import Portuguese
from ari_app.flow.speech.spanish import Spanish
from ari_app.model.ids import Language, PromptId

GRAMMARS: Mapping[str, Grammar] = MappingProxyType(
    {g.language: g for g in (Portuguese(), English(), Spanish())}
)
LANGUAGES = tuple(Language(language) for language in GRAMMARS)
VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {name: {PromptId(k): v for k, v in grammar.clips()} for name, grammar in GRAMMARS.items()}
)
"""By language, every clip that the functions here can ask for."""

Prompts = tuple[PromptId, ...]
MAX_CHARACTERS = 64
"""Longest string that is read out; more is a mistake or an attack on the caller's patience."""


def say_number(n: int, language: str, gender: Gender = Gender.MASCULINE) -> Prompts:
    """A whole number from -999,999,999 to 999,999,999; raises `UnspeakableError` outside."""
    grammar = _grammar(language)
    sign = ["number/minus"] if n < 0 else []
    return _prompts([*sign, *grammar.number(abs(n), gender)])


def say_ordinal(n: int, language: str, gender: Gender = Gender.MASCULINE) -> Prompts:
    """An ordinal from 1 to 99: "primeira", "twenty-first"."""
    return _prompts(_grammar(language).ordinal(n, gender))


def say_digits(digits: str, language: str, groups: Iterable[int] = ()) -> Prompts:
    """Digits one by one, with a breath after each group; `groups` are their lengths, else threes."""
    _grammar(language)
    if not digits or not digits.isascii() or not digits.isdigit() or len(digits) > MAX_CHARACTERS:
        raise UnspeakableError(f"{digits[:80]!r} cannot be spoken: 1 to {MAX_CHARACTERS} digits are expected")
    lengths = list(groups) or _threes(len(digits))
    ends, total = set(), 0
    for length in lengths:
        total += length
        ends.add(total)
    last = len(digits)
    return _prompts(
        f"digit/{digit}" + ("" if place == last else "-pause" if place in ends else "-mid")
        for place, digit in enumerate(digits, 1)
    )


def say_protocol(protocol: str, language: str) -> Prompts:
    """A protocol (reference) number, in groups that can be written down."""
    return say_digits(protocol, language)


def say_phone(number: str, language: str) -> Prompts:
    """A telephone number, `+` allowed; Brazilian ones as area code and two halves."""
    digits = number.removeprefix("+")
    if language == "pt-BR" and number.startswith("+55") and len(digits) in {12, 13}:
        digits = digits[2:]
    if language == "pt-BR" and len(digits) in {10, 11}:
        return say_digits(digits, language, (2, len(digits) - 6, 4))
    return say_digits(digits, language)


def say_spelled(text: str, language: str) -> Prompts:
    """Letters by their names, digits and the usual signs; accents are left out, spaces are skipped."""
    if not text.strip() or len(text) > MAX_CHARACTERS:
        raise UnspeakableError(
            f"{text[:80]!r} cannot be spelled: 1 to {MAX_CHARACTERS} characters are expected"
        )
    grammar = _grammar(language)
    return _prompts(_letter(grammar, character) for character in text if not character.isspace())


def say_money(hundredths: int, currency: str, language: str) -> Prompts:
    """An amount in hundredths of BRL, EUR or USD: "mil reais e cinquenta centavos"."""
    grammar = _grammar(language)
    if currency not in grammar.currencies:
        known = ", ".join(sorted(grammar.currencies))
        raise UnspeakableError(f"currency {currency!r} cannot be spoken: {known} are known")
    noun, hundredth = grammar.currencies[currency]
    name = f"currency/{currency.lower()}"
    whole, cents = divmod(abs(hundredths), 100)
    spoken = ["number/minus"] if hundredths < 0 else []
    if whole or not cents:
        spoken += grammar.counted(whole, noun, name, "-join" if cents else "")
    if cents:
        spoken += grammar.counted(cents, hundredth, f"{name}-cent")
    return _prompts(spoken)


def say_date(day: date, language: str, *, year: bool = True, weekday: bool = False) -> Prompts:
    """A date: "segunda-feira, primeiro de março de dois mil e vinte e seis"."""
    return _prompts(_grammar(language).date(day, year=year, weekday=weekday))


def say_time(at: time, language: str) -> Prompts:
    """A time of day to the minute: "quatorze horas e trinta minutos", "two thirty p.m."."""
    return _prompts(_grammar(language).time(at))


def say_duration(seconds: float, language: str) -> Prompts:
    """Days, hours, minutes and seconds, without those that are nought."""
    grammar = _grammar(language)
    if not 0 <= seconds < math.inf:
        raise UnspeakableError(f"a duration of {seconds} s cannot be spoken")
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    amounts = {"day": hours // 24, "hour": hours % 24, "minute": minute, "second": second}
    parts = [(name, n) for name, n in amounts.items() if n] or [("second", 0)]
    spoken: list[str] = []
    for left, (name, n) in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
        end = "" if left == 0 else "-join" if left == 1 else "-mid"
        spoken += grammar.counted(n, grammar.units[name], f"unit/{name}", end)
    return _prompts(spoken)


def say_position(position: int, language: str) -> Prompts:
    """The caller's place in line, as a sentence; 1 is the next to be served."""
    if position < 1:
        raise UnspeakableError(f"there is no place {position} in a line")
    if position == 1:
        return _prompts(["queue/next-in-line"])
    if position in WHOLE_POSITIONS:
        return _prompts([f"queue/position-{position}"])
    return _prompts(["queue/position-intro", *say_number(position, language)])


def say_waiting_time(seconds: float | None, language: str) -> Prompts:
    """An honest estimate of the waiting time, rounded up; None is "we cannot say yet"."""
    _grammar(language)
    if seconds is None or not seconds >= 0:
        return _prompts(["queue/wait-unknown"])
    if seconds < 60:
        return _prompts(["queue/wait-under-one-minute"])
    minutes = next((m for m in WAIT_MINUTES if m * 60 >= seconds), None)
    return _prompts(["queue/wait-over-one-hour" if minutes is None else f"queue/wait-{minutes}"])


def text_of(prompts: Iterable[str], language: str) -> str:
    """The words of what the functions above return, as a caller hears them."""
    vocabulary = VOCABULARIES[_grammar(language).language]
    return " ".join(vocabulary[PromptId(prompt)].text for prompt in prompts).replace("- ", "-")


def _grammar(language: str) -> Grammar:
    if language not in GRAMMARS:
        raise UnspeakableError(f"language {language!r} cannot be spoken: {', '.join(GRAMMARS)} are known")
    return GRAMMARS[language]


def _prompts(names: Iterable[str]) -> Prompts:
    return tuple(PromptId(name) for name in names)


def _threes(count: int) -> list[int]:
    """Lengths of groups of three, the last of two to four, so that no digit stands alone."""
    full, rest = divmod(count, 3)
    if rest == 1 and full:
        return [3] * (full - 1) + [4]
    return [3] * full + ([rest] if rest else [])


def _letter(grammar: Grammar, character: str) -> str:
    if character.isascii() and character.isdigit():
        return f"digit/{character}-pause"
    small = character.lower()
    named = {"ç": "c-cedilla", "ñ": "n-tilde"}.get(small, "") or SYMBOLS.get(small, "")
    if named not in grammar.letters:
        named = unicodedata.normalize("NFD", small)[:1]
    if named not in grammar.letters:
        raise UnspeakableError(f"{character!r} cannot be spelled in {grammar.language}")
    return f"letter/{named}"
