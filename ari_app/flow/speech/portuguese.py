"""Brazilian Portuguese: gender in units and hundreds, "e" inside and between groups, "de" after millions.

"E" stands before the last group when that is below a hundred or a full hundred: "mil e cem", "mil e um", but
"mil duzentos e trinta e quatro" (Cunha and Cintra, Nova Gramática do Português Contemporâneo, ch. 12).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from ari_app.flow.speech.clips import Clip, Gender, UnspeakableError, clip
from ari_app.flow.speech.grammar import HUNDREDS, WAIT_MINUTES, WHOLE_POSITIONS, Grammar, Noun

SMALL = [
    "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze",
    "doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove",
]  # fmt: skip
TENS = [
    "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa",
]  # fmt: skip
FULL_HUNDREDS = [
    "cem", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos",
    "oitocentos", "novecentos",
]  # fmt: skip
ORDINALS = [
    "primeiro", "segundo", "terceiro", "quarto", "quinto", "sexto", "sétimo", "oitavo", "nono",
]  # fmt: skip
ORDINAL_TENS = [
    "décimo", "vigésimo", "trigésimo", "quadragésimo", "quinquagésimo", "sexagésimo", "septuagésimo",
    "octogésimo", "nonagésimo",
]  # fmt: skip
F, M = Gender.FEMININE, Gender.MASCULINE


class Portuguese(Grammar):
    """Rules and words of Brazilian Portuguese."""

    language = "pt-BR"
    link = "e"
    of = "de"
    thousand = "mil"
    counted_word = "reais"
    whole_mids_below = 100
    million = Noun("milhão", "milhões")
    minus = "menos"
    units: ClassVar[Mapping[str, Noun]] = {
        "day": Noun("dia", "dias"),
        "hour": Noun("hora", "horas", F),
        "minute": Noun("minuto", "minutos"),
        "second": Noun("segundo", "segundos"),
    }
    currencies: ClassVar[Mapping[str, tuple[Noun, Noun]]] = {
        "BRL": (Noun("real", "reais"), Noun("centavo", "centavos")),
        "EUR": (Noun("euro", "euros"), Noun("centavo", "centavos")),
        "USD": (Noun("dólar", "dólares"), Noun("centavo", "centavos")),
    }
    money_link = "e"
    months = (
        "janeiro", "fevereiro", "março", "abril", "maio", "junho",
        "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
    )  # fmt: skip
    weekdays = (
        "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo",
    )  # fmt: skip
    letter = "letra"
    letters: ClassVar[Mapping[str, str]] = {
        "a": "á", "b": "bê", "c": "cê", "d": "dê", "e": "é", "f": "efe", "g": "gê", "h": "agá", "i": "i",
        "j": "jota", "k": "cá", "l": "ele", "m": "eme", "n": "ene", "o": "ó", "p": "pê", "q": "quê",
        "r": "erre", "s": "esse", "t": "tê", "u": "u", "v": "vê", "w": "dáblio", "x": "xis", "y": "ípsilon",
        "z": "zê", "c-cedilla": "cê cedilha", "hyphen": "hífen", "dot": "ponto", "slash": "barra",
        "at": "arroba", "underscore": "sublinhado", "plus": "mais", "hash": "jogo da velha",
        "star": "estrela",
    }  # fmt: skip
    pronunciation: ClassVar[Mapping[str, str]] = {"letter/e": "letra {e}."}
    feminine = frozenset(
        [
            *(n for n in range(100) if n % 10 in {1, 2} and n not in {11, 12}),
            *(n for n in HUNDREDS if n > 100),
        ]
    )

    def links(self, last_group: int, scale: str) -> bool:
        """Before "mil e *um*", "mil e *cem*", "um milhão e *duzentos* mil"."""
        del scale
        return last_group < 100 or last_group % 100 == 0

    def cardinal(self, n: int, gender: Gender, *, noun: bool) -> str:
        """The words of a clip; a noun changes nothing here."""
        del noun
        if n >= 100:
            words = FULL_HUNDREDS[n // 100 - 1]
            return words.replace("os", "as") if gender is F else words
        if n < 20:
            return {1: "uma", 2: "duas"}.get(n, SMALL[n]) if gender is F else SMALL[n]
        tens, unit = TENS[n // 10 - 2], n % 10
        return f"{tens} e {self.cardinal(unit, gender, noun=False)}" if unit else tens

    def hundred_joined(self, n: int, gender: Gender) -> str:
        """Like "cento e", "duzentas e"."""
        return "cento e" if n == 100 else f"{self.cardinal(n, gender, noun=False)} e"

    def date(self, day: date, *, year: bool, weekday: bool) -> list[str]:
        """Like "segunda-feira, primeiro de março de dois mil e vinte e seis"."""
        spoken = [f"weekday/{day.isoweekday()}-mid"] if weekday else []
        spoken += [f"day/{day.day}", f"month/{day.month}-of" if year else f"month/{day.month}"]
        return spoken + (self.number(day.year, M) if year else [])

    def ordinal(self, n: int, gender: Gender) -> list[str]:
        """Like "primeiro", "vigésima primeira"."""
        if not 1 <= n <= 99:
            raise UnspeakableError(f"{n} cannot be spoken as an ordinal: they go from 1 to 99")
        mark = "f-" if gender is F else ""
        tens, unit = n - n % 10, n % 10
        if not (tens and unit):
            return [f"ordinal/{mark}{n}"]
        return [f"ordinal/{mark}{tens}-mid", f"ordinal/{mark}{unit}"]

    def sentences(self) -> Iterator[tuple[str, Clip]]:
        """Positions and waiting times."""
        for n in WHOLE_POSITIONS:
            text = f"Você é o número {self.cardinal(n, M, noun=False)} na fila."
            yield f"queue/position-{n}", Clip(text, text)
        for n in WAIT_MINUTES:
            words = f"{self.cardinal(n, M, noun=True)} {'minuto' if n == 1 else 'minutos'}"
            text = f"O tempo estimado de espera é de aproximadamente {words}."
            yield f"queue/wait-{n}", Clip(text, text)

    def own_clips(self) -> Iterator[tuple[str, Clip]]:
        """Days, months before a year, noon and midnight, ordinals."""
        for n in range(1, 32):
            yield (
                f"day/{n}",
                clip(f"{'primeiro' if n == 1 else self.cardinal(n, M, noun=False)} de", after="março"),
            )
        for n, month in enumerate(self.months, 1):
            yield f"month/{n}", clip(month)
            yield f"month/{n}-of", clip(f"{month} de", after="dois mil")
        for name, words in (("midnight", "meia-noite"), ("noon", "meio-dia")):
            yield f"time/{name}", clip(words)
            yield f"time/{name}-join", clip(f"{words} e", after="trinta")
        for gender, mark in ((M, ""), (F, "f-")):
            for n, word in enumerate(ORDINALS, 1):
                yield f"ordinal/{mark}{n}", clip(word if gender is M else f"{word[:-1]}a")
            for n, word in enumerate(ORDINAL_TENS, 1):
                spoken = word if gender is M else f"{word[:-1]}a"
                yield f"ordinal/{mark}{n}0", clip(spoken)
                yield f"ordinal/{mark}{n}0-mid", clip(spoken, after="terceira" if gender is F else "terceiro")
