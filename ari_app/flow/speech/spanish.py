"""Latin American Spanish: "uno" shortens before a noun, hundreds have gender, no "and" between groups.

Before "mil" the one of a feminine count keeps the short form ("veintiún mil personas"), the hundreds do not
("doscientas mil personas"); both are accepted (Diccionario panhispánico de dudas, "cardinales").
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from ari_app.flow.speech.clips import Clip, Gender, UnspeakableError, clip
from ari_app.flow.speech.grammar import HUNDREDS, WAIT_MINUTES, WHOLE_POSITIONS, Grammar, Noun

SMALL = [
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once",
    "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte",
    "veintiuno", "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete",
    "veintiocho", "veintinueve",
]  # fmt: skip
TENS = [
    "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa",
]  # fmt: skip
FULL_HUNDREDS = [
    "cien", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos",
    "ochocientos", "novecientos",
]  # fmt: skip
ORDINALS = [
    "primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno",
    "décimo", "undécimo", "duodécimo", "decimotercero", "decimocuarto", "decimoquinto", "decimosexto",
    "decimoséptimo", "decimoctavo", "decimonoveno",
]  # fmt: skip
ORDINAL_TENS = [
    "vigésimo", "trigésimo", "cuadragésimo", "quincuagésimo", "sexagésimo", "septuagésimo", "octogésimo",
    "nonagésimo",
]  # fmt: skip
F, M = Gender.FEMININE, Gender.MASCULINE


class Spanish(Grammar):
    """Rules and words of Spanish."""

    language = "es"
    link = "y"
    of = "de"
    thousand = "mil"
    counted_word = "reales"
    million = Noun("millón", "millones")
    minus = "menos"
    units: ClassVar[Mapping[str, Noun]] = {
        "day": Noun("día", "días"),
        "hour": Noun("hora", "horas", F),
        "minute": Noun("minuto", "minutos"),
        "second": Noun("segundo", "segundos"),
    }
    currencies: ClassVar[Mapping[str, tuple[Noun, Noun]]] = {
        "BRL": (Noun("real", "reales"), Noun("centavo", "centavos")),
        "EUR": (Noun("euro", "euros"), Noun("céntimo", "céntimos")),
        "USD": (Noun("dólar", "dólares"), Noun("centavo", "centavos")),
    }
    money_link = "con"
    months = (
        "enero", "febrero", "marzo", "abril", "mayo", "junio",
        "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    )  # fmt: skip
    weekdays = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
    letter = "letra"
    letters: ClassVar[Mapping[str, str]] = {
        "a": "a", "b": "be", "c": "ce", "d": "de", "e": "e", "f": "efe", "g": "ge", "h": "hache", "i": "i",
        "j": "jota", "k": "ka", "l": "ele", "m": "eme", "n": "ene", "o": "o", "p": "pe", "q": "cu",
        "r": "erre", "s": "ese", "t": "te", "u": "u", "v": "uve", "w": "doble uve", "x": "equis", "y": "ye",
        "z": "zeta", "n-tilde": "eñe", "hyphen": "guion", "dot": "punto", "slash": "barra", "at": "arroba",
        "underscore": "guion bajo", "plus": "más", "hash": "numeral", "star": "asterisco",
    }  # fmt: skip
    whole_ends_below = 30
    feminine = frozenset([1, 21, *(n for n in HUNDREDS if n > 100)])

    def links(self, last_group: int, scale: str) -> bool:
        """Never: "mil uno", "mil cien"."""
        del last_group, scale
        return False

    def _multiplier(self, value: int, scale: str, gender: Gender) -> list[str]:
        spoken = super()._multiplier(value, scale, gender)
        if spoken and gender is F and scale == "thousand" and value % 100:
            spoken[-1] = spoken[-1].replace("/f-", "/")
        return spoken

    def cardinal(self, n: int, gender: Gender, *, noun: bool) -> str:
        """The words of a clip; "uno" shortens before a noun."""
        if n >= 100:
            words = FULL_HUNDREDS[n // 100 - 1]
            return f"{words[:-2]}as" if gender is F and n > 100 else words
        words = SMALL[n] if n < 30 else TENS[n // 10 - 3] + (f" y {SMALL[n % 10]}" if n % 10 else "")
        if n % 10 != 1 or n == 11:
            return words
        if gender is F:
            return f"{words[:-1]}a"
        return "veintiún" if noun and n == 21 else words[:-1] if noun else words

    def hundred_joined(self, n: int, gender: Gender) -> str:
        """Like "ciento", "doscientas"."""
        return "ciento" if n == 100 else self.cardinal(n, gender, noun=True)

    def date(self, day: date, *, year: bool, weekday: bool) -> list[str]:
        """Like "lunes, primero de marzo de dos mil veintiséis"."""
        spoken = [f"weekday/{day.isoweekday()}-mid"] if weekday else []
        spoken += [f"day/{day.day}", f"month/{day.month}-of" if year else f"month/{day.month}"]
        return spoken + (self.number(day.year, M) if year else [])

    def ordinal(self, n: int, gender: Gender) -> list[str]:
        """Like "primero", "vigésima primera"."""
        if not 1 <= n <= 99:
            raise UnspeakableError(f"{n} cannot be spoken as an ordinal: they go from 1 to 99")
        mark = "f-" if gender is F else ""
        tens, unit = n - n % 10, n % 10
        if n < 20 or not unit:
            return [f"ordinal/{mark}{n}"]
        return [f"ordinal/{mark}{tens}-mid", f"ordinal/{mark}{unit}"]

    def sentences(self) -> Iterator[tuple[str, Clip]]:
        """Positions and waiting times."""
        for n in WHOLE_POSITIONS:
            text = f"Usted es el número {self.cardinal(n, M, noun=False)} en la fila."
            yield f"queue/position-{n}", Clip(text, text)
        for n in WAIT_MINUTES:
            words = f"{self.cardinal(n, M, noun=True)} {'minuto' if n == 1 else 'minutos'}"
            text = f"El tiempo estimado de espera es de aproximadamente {words}."
            yield f"queue/wait-{n}", Clip(text, text)

    def own_clips(self) -> Iterator[tuple[str, Clip]]:
        """Days, months before a year, noon and midnight, ordinals."""
        for n in range(1, 32):
            yield (
                f"day/{n}",
                clip(f"{'primero' if n == 1 else self.cardinal(n, M, noun=False)} de", after="marzo"),
            )
        for n, month in enumerate(self.months, 1):
            yield f"month/{n}", clip(month)
            yield f"month/{n}-of", clip(f"{month} de", after="dos mil")
        for name, words in (("midnight", "medianoche"), ("noon", "mediodía")):
            yield f"time/{name}", clip(words)
            yield f"time/{name}-join", clip(f"{words} y", after="treinta")
        for gender, mark in ((M, ""), (F, "f-")):
            third = "tercera" if gender is F else "tercero"
            tens = {10 * n: word for n, word in enumerate(ORDINAL_TENS, 2)}
            for n, word in (dict(enumerate(ORDINALS, 1)) | tens).items():
                spoken = word if gender is M else f"{word[:-1]}a"
                yield f"ordinal/{mark}{n}", clip(spoken)
                if n >= 20:
                    yield f"ordinal/{mark}{n}-mid", clip(spoken, after=third)
