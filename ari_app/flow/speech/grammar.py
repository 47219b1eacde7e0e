"""What the languages share: numbers in groups of three, things that are counted, grouped digits.

Every language is one `Grammar`: tables of words, and methods where it differs. Ids are the same in all
languages where the words play the same part; `-mid` goes on to another word, `-join` ends in the language's
"and" (or in the form that needs more words), `f-` is feminine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from types import MappingProxyType
from typing import ClassVar

from ari_app.flow.speech.clips import Clip, Gender, UnspeakableError, clip

LIMIT = 10**9
HUNDREDS = range(100, 1000, 100)
WHOLE_POSITIONS = range(2, 11)
"""Places in line that are said as one sentence."""
WAIT_MINUTES = (*range(1, 11), 15, 20, 30, 45, 60)
"""Estimates that are announced; one between two is rounded up, because a broken promise annoys."""
DICTATION_REST = 0.25
"""Seconds after a group of digits, for the one who writes them down."""
SOFT = "aeiouhscfr"
"""First letters of words that cannot be cut off from a vowel before them: they are said after a pause."""
SYMBOLS = {
    "-": "hyphen", ".": "dot", "/": "slash", "@": "at", "_": "underscore", "+": "plus", "#": "hash",
    "*": "star",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noun:
    """Something that is counted."""

    one: str
    many: str
    gender: Gender = Gender.MASCULINE


class Grammar:
    """The rules of one language; results are prompt ids in the order in which they are played."""

    language: str
    link: str
    """"and" between two counted things."""
    of: str = ""
    """Between a round million and what is counted: "um milhão *de* reais"."""
    thousand: str
    counted_word: str
    """Something counted, off which a number before it is cut."""
    million: Noun
    minus: str
    units: ClassVar[Mapping[str, Noun]]
    currencies: ClassVar[Mapping[str, tuple[Noun, Noun]]]
    """By ISO 4217 code: the currency and its hundredth."""
    money_link: str
    months: Sequence[str]
    weekdays: Sequence[str]
    """Monday first."""
    letter: str
    """The word for a letter."""
    letters: ClassVar[Mapping[str, str]]
    """By the id's last part: the name of a letter or symbol."""
    pronunciation: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """By clip: what the voice must read where it gets the plain words wrong."""
    feminine: frozenset[int] = frozenset()
    """Clips of numbers that have a feminine form."""

    whole_ends_below: int = 100
    whole_mids_below: int = 30
    """Numbers at the end, and before other words, are one clip below this, else tens and unit."""

    # -- numbers -------------------------------------------------------------------------------------

    def number(self, n: int, gender: Gender, *, noun: bool = False) -> list[str]:
        """A cardinal number; `noun` when the name of what is counted follows."""
        if not 0 <= n < LIMIT:
            raise UnspeakableError(f"{n} cannot be spoken: numbers go from 0 to {LIMIT - 1}")
        groups = [(n // 10**6, "million"), (n // 1000 % 1000, "thousand"), (n % 1000, "")]
        groups = [(value, scale) for value, scale in groups if value] or [(0, "")]
        spoken: list[str] = []
        for place, (value, scale) in enumerate(groups):
            if not scale:
                spoken += self._hundreds(value, gender, "-mid" if noun else "")
                continue
            spoken += self._multiplier(value, scale, gender)
            name = self._scale(value, scale, first=place == 0)
            rest = groups[place + 1 :]
            if not rest:
                end = "" if not noun else "-of" if scale == "million" and self.of else "-mid"
            else:
                end = "-join" if len(rest) == 1 and self.links(*rest[0]) else "-mid"
            spoken.append(name + end)
        return spoken

    def _scale(self, value: int, scale: str, *, first: bool) -> str:
        if scale == "million":
            return "number/millions" if value > 1 else "number/million"
        alone = first and value == 1 and not self.says_one_thousand()
        return "number/1000" if alone else "number/thousand"

    def links(self, last_group: int, scale: str) -> bool:
        """Whether "and" is said before the last group of three digits; its `scale` is empty below 1000."""
        raise NotImplementedError

    def says_one_thousand(self) -> bool:
        """Whether 1000 is "one thousand" rather than "mil"."""
        return False

    def scale_gender(self, scale: str, gender: Gender, value: int) -> Gender:
        """The gender in which the thousands or millions are counted."""
        del value
        return gender if scale == "thousand" else Gender.MASCULINE

    def _multiplier(self, value: int, scale: str, gender: Gender) -> list[str]:
        if value == 1 and scale == "thousand" and not self.says_one_thousand():
            return []
        return self._hundreds(value, self.scale_gender(scale, gender, value), "-mid")

    def _hundreds(self, value: int, gender: Gender, end: str) -> list[str]:
        rest = value % 100
        if value > 100 and rest:
            return [self._word(value - rest, gender, "-join"), *self._tens(rest, gender, end)]
        return self._tens(value, gender, end)

    def _tens(self, value: int, gender: Gender, end: str) -> list[str]:
        if self._is_one_clip(value, end):
            return [self._word(value, gender, end)]
        unit = value % 10
        return [f"number/{value - unit}-join", self._word(unit, gender, end)]

    def _is_one_clip(self, value: int, end: str) -> bool:
        """Whether a number below 1000 was said whole; otherwise "trinta e" and "quatro" are two clips."""
        return value % 10 == 0 or value < (self.whole_mids_below if end else self.whole_ends_below)

    def _word(self, n: int, gender: Gender, end: str) -> str:
        mark = "f-" if gender is Gender.FEMININE and n in self.feminine else ""
        return f"number/{mark}{n}{end}"

    def counted(self, n: int, noun: Noun, name: str, end: str = "") -> list[str]:
        """A number and what it counts: "vinte e uma horas"."""
        return [
            *self.number(n, noun.gender, noun=True),
            f"{name}-one{end}" if n == 1 else f"{name}-many{end}",
        ]

    # -- dates and times -------------------------------------------------------------------------------

    def date(self, day: date, *, year: bool, weekday: bool) -> list[str]:
        raise NotImplementedError

    def time(self, at: time) -> list[str]:
        """The time of day in hours of 24; hours are feminine in Portuguese and Spanish."""
        special = {0: "time/midnight", 12: "time/noon"}.get(at.hour)
        join = "-join" if at.minute else ""
        spoken = [special + join] if special else self.counted(at.hour, self.units["hour"], "unit/hour", join)
        return spoken + (self.counted(at.minute, self.units["minute"], "unit/minute") if at.minute else [])

    def ordinal(self, n: int, gender: Gender) -> list[str]:
        raise NotImplementedError

    # -- the clips -------------------------------------------------------------------------------------

    def cardinal(self, n: int, gender: Gender, *, noun: bool) -> str:
        """The words of a number that is one clip: 0 to 99 and the full hundreds."""
        raise NotImplementedError

    def hundred_joined(self, n: int, gender: Gender) -> str:
        """The words of full hundreds that go on: "cento e", "ciento", "one hundred and"."""
        raise NotImplementedError

    def tens_joined(self, n: int) -> Clip:
        """Tens that go on to the unit: "trinta e"."""
        three = self.cardinal(3, Gender.MASCULINE, noun=False)
        return clip(f"{self.cardinal(n, Gender.MASCULINE, noun=False)} {self.link}", after=three)

    def sentences(self) -> Iterator[tuple[str, Clip]]:
        """Announcements with a number in the middle, whole: positions and waiting times."""
        raise NotImplementedError

    def own_clips(self) -> Iterator[tuple[str, Clip]]:
        """Clips for dates, times and ordinals, which differ most."""
        raise NotImplementedError

    def clips(self) -> Iterator[tuple[str, Clip]]:
        """Every clip that the rules of this language can ask for, by id."""
        for name, made in self._all_clips():
            yield name, replace(made, speak=self.pronunciation.get(name, made.speak))

    def _all_clips(self) -> Iterator[tuple[str, Clip]]:
        yield from self._number_clips()
        yield from self._scale_clips()
        yield from self._noun_clips()
        yield from self._digit_clips()
        yield "number/minus", clip(self.minus, after=self.cardinal(20, Gender.MASCULINE, noun=False))
        for weekday, name in enumerate(self.weekdays, 1):
            yield f"weekday/{weekday}-mid", clip(f"{name},", after=self.months[2])
        for letter, name in self.letters.items():
            yield f"letter/{letter}", clip(name, self.letter, ".")
        yield from self.sentences()
        yield from self.own_clips()

    def _number_clips(self) -> Iterator[tuple[str, Clip]]:
        thirty = self.cardinal(30, Gender.MASCULINE, noun=False)
        for n in (*range(100), *HUNDREDS):
            for gender in Gender:
                if gender is Gender.FEMININE and n not in self.feminine:
                    continue
                if self._is_one_clip(n, ""):
                    yield self._word(n, gender, ""), clip(self.cardinal(n, gender, noun=False))
                if self._is_one_clip(n, "-mid"):
                    words = clip(self.cardinal(n, gender, noun=True), after=self.counted_word)
                    yield self._word(n, gender, "-mid"), words
                if n in HUNDREDS:
                    yield self._word(n, gender, "-join"), clip(self.hundred_joined(n, gender), after=thirty)
                elif n % 10 == 0 and n >= self.whole_mids_below:
                    yield self._word(n, gender, "-join"), self.tens_joined(n)

    def _scale_clips(self) -> Iterator[tuple[str, Clip]]:
        four = self.cardinal(34, Gender.MASCULINE, noun=True)
        one = self.cardinal(1, Gender.MASCULINE, noun=True)
        two_hundred = self.cardinal(200, Gender.MASCULINE, noun=False)
        thirty = self.cardinal(30, Gender.MASCULINE, noun=False)
        real = self.currencies["BRL"][0].many
        for name, before, words in (
            ("1000", "", self.thousand),
            ("thousand", four, self.thousand),
            ("million", one, self.million.one),
            ("millions", four, self.million.many),
        ):
            if not before and self.says_one_thousand():
                continue
            yield f"number/{name}", clip(words, before, ".")
            yield f"number/{name}-mid", clip(words, before, f", {two_hundred}" if before else two_hundred)
            if self.links(30, ""):
                yield f"number/{name}-join", clip(f"{words} {self.link}", before, thirty)
            if self.of and name.startswith("million"):
                yield f"number/{name}-of", clip(f"{words} {self.of}", before, real)

    def _noun_clips(self) -> Iterator[tuple[str, Clip]]:
        thirty = self.cardinal(30, Gender.MASCULINE, noun=True)
        four = self.cardinal(4, Gender.MASCULINE, noun=True)
        for name, noun, link, goes_on in self._nouns():
            for number, words in (("one", noun.one), ("many", noun.many)):
                before = f"{four}," if words[0] in SOFT else four
                yield f"{name}-{number}", clip(words, before, ".")
                if goes_on:
                    yield f"{name}-{number}-join", clip(f"{words} {link}", before, thirty)
                if goes_on and name.startswith("unit/"):
                    yield f"{name}-{number}-mid", clip(f"{words},", before, thirty)

    def _nouns(self) -> Iterator[tuple[str, Noun, str, bool]]:
        for name, noun in self.units.items():
            yield f"unit/{name}", noun, self.link, name != "second"
        for code, (currency, hundredth) in self.currencies.items():
            yield f"currency/{code.lower()}", currency, self.money_link, True
            yield f"currency/{code.lower()}-cent", hundredth, "", False

    def _digit_clips(self) -> Iterator[tuple[str, Clip]]:
        words = [self.cardinal(n, Gender.MASCULINE, noun=False) for n in range(10)]
        for n, word in enumerate(words):
            yield f"digit/{n}", clip(word, f"{words[7]},", ".")
            yield f"digit/{n}-mid", clip(word, f"{words[4]},", f", {words[2]}")
            yield f"digit/{n}-pause", Clip(f"{word},", f"{words[7]}, {{{word},}} {words[3]}.", DICTATION_REST)
