"""English: "and" after hundreds and before a last group below a hundred, twelve-hour times, ordinal dates."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import ClassVar

from ari_app.flow.speech.clips import Clip, Gender, UnspeakableError, clip
from ari_app.flow.speech.grammar import WAIT_MINUTES, WHOLE_POSITIONS, Grammar, Noun

SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
]  # fmt: skip
ORDINALS = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth",
]  # fmt: skip
M = Gender.MASCULINE


class English(Grammar):
    """Rules and words of English."""

    language = "en"
    link = "and"
    thousand = "thousand"
    counted_word = "points"
    million = Noun("million", "million")
    minus = "minus"
    units: ClassVar[Mapping[str, Noun]] = {
        "day": Noun("day", "days"),
        "hour": Noun("hour", "hours"),
        "minute": Noun("minute", "minutes"),
        "second": Noun("second", "seconds"),
    }
    currencies: ClassVar[Mapping[str, tuple[Noun, Noun]]] = {
        "BRL": (Noun("real", "reais"), Noun("centavo", "centavos")),
        "EUR": (Noun("euro", "euros"), Noun("cent", "cents")),
        "USD": (Noun("dollar", "dollars"), Noun("cent", "cents")),
    }
    money_link = "and"
    months = (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    )  # fmt: skip
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    letter = "letter"
    letters: ClassVar[Mapping[str, str]] = {name: name.upper() for name in "abcdefghijklmnopqrstuvwxyz"} | {
        "hyphen": "hyphen", "dot": "dot", "slash": "slash", "at": "at sign", "underscore": "underscore",
        "plus": "plus", "hash": "hash", "star": "star",
    }  # fmt: skip

    pronunciation: ClassVar[Mapping[str, str]] = {
        "currency/brl-one": "one {ray ahl}.",
        "currency/brl-one-join": "one {ray ahl and} thirty",
        "currency/brl-many": "four {ray ice}.",
        "currency/brl-many-join": "four {ray ice and} thirty",
        "time/am": "six thirty {eigh em}.",
    }

    def links(self, last_group: int, scale: str) -> bool:
        """Before "one thousand and *five*", not in "one million one thousand"."""
        return not scale and last_group < 100

    def says_one_thousand(self) -> bool:
        """Like "one thousand"."""
        return True

    def cardinal(self, n: int, gender: Gender, *, noun: bool) -> str:
        """The words of a clip; English knows no gender."""
        if n >= 100:
            return f"{SMALL[n // 100]} hundred"
        if n < 20:
            return SMALL[n]
        tens = TENS[n // 10 - 2]
        return f"{tens}-{self.cardinal(n % 10, gender, noun=noun)}" if n % 10 else tens

    def tens_joined(self, n: int) -> Clip:
        """Like "thirty-"."""
        tens = self.cardinal(n, M, noun=False)
        return Clip(f"{tens}-", f"{{{tens}}} three")

    def hundred_joined(self, n: int, gender: Gender) -> str:
        """Like "one hundred and"."""
        return f"{self.cardinal(n, gender, noun=False)} and"

    def date(self, day: date, *, year: bool, weekday: bool) -> list[str]:
        """Like "Monday, March first, twenty twenty-six"."""
        spoken = [f"weekday/{day.isoweekday()}-mid"] if weekday else []
        spoken += [f"month/{day.month}-mid", f"ordinal/{day.day}"]
        return spoken + (self._year(day.year) if year else [])

    def _year(self, year: int) -> list[str]:
        """Like "twenty twenty-six", "two thousand and five", "nineteen oh five", "nineteen hundred"."""
        century, rest = divmod(year, 100)
        if year < 1000 or (century % 10 == 0 and rest < 10):
            return self.number(year, M)
        if not rest:
            return [*self._tens(century, M, "-mid"), "time/hundred"]
        return [*self._tens(century, M, "-mid"), f"time/oh-{rest}" if rest < 10 else f"number/{rest}"]

    def time(self, at: time) -> list[str]:
        """Like "midnight", "six p.m.", "two oh five p.m."."""
        if not at.minute and at.hour in {0, 12}:
            return ["time/noon" if at.hour else "time/midnight"]
        spoken = [f"number/{at.hour % 12 or 12}-mid"]
        if at.minute:
            spoken += [f"time/oh-{at.minute}"] if at.minute < 10 else self._tens(at.minute, M, "-mid")
        return [*spoken, "time/pm" if at.hour >= 12 else "time/am"]

    def ordinal(self, n: int, gender: Gender) -> list[str]:
        """Like "first", "forty-second"."""
        del gender
        if not 1 <= n <= 99:
            raise UnspeakableError(f"{n} cannot be spoken as an ordinal: they go from 1 to 99")
        if n <= 31 or n % 10 == 0:
            return [f"ordinal/{n}"]
        return [f"number/{n - n % 10}-join", f"ordinal/{n % 10}"]

    def sentences(self) -> Iterator[tuple[str, Clip]]:
        """Positions and waiting times."""
        for n in WHOLE_POSITIONS:
            text = f"You are number {self.cardinal(n, M, noun=False)} in the queue."
            yield f"queue/position-{n}", Clip(text, text)
        for n in WAIT_MINUTES:
            words = f"{self.cardinal(n, M, noun=True)} {'minute' if n == 1 else 'minutes'}"
            text = f"The estimated waiting time is about {words}."
            yield f"queue/wait-{n}", Clip(text, text)

    def own_clips(self) -> Iterator[tuple[str, Clip]]:
        """Ordinals, months before a day, minutes below ten, halves of the day."""
        for n in (*range(1, 32), *range(40, 100, 10)):
            if n < 20:
                words = ORDINALS[n - 1]
            elif n % 10:
                words = f"{TENS[n // 10 - 2]}-{ORDINALS[n % 10 - 1]}"
            else:
                words = f"{TENS[n // 10 - 2][:-1]}ieth"
            yield f"ordinal/{n}", clip(words)
        for n, month in enumerate(self.months, 1):
            yield f"month/{n}-mid", clip(month, after="third.")
        for n in range(1, 10):
            yield f"time/oh-{n}", clip(f"oh {SMALL[n]}", "two", "P M")
        yield "time/hundred", clip("hundred", "nineteen", ".")
        yield "time/am", Clip("a.m.", "six thirty {A M}.")
        yield "time/pm", Clip("p.m.", "six thirty {P M}.")
        yield "time/midnight", clip("midnight")
        yield "time/noon", clip("noon")
