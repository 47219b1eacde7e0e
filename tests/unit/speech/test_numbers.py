"""Spoken numbers against a table of sentences that was made independently of the rules."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.flow.speech import (
    LANGUAGES,
    VOCABULARIES,
    Gender,
    UnspeakableError,
    say_number,
    say_ordinal,
    text_of,
)

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "numbers.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
FEMININE = [
    (1, "uma", "una"),
    (2, "duas", "dos"),
    (11, "onze", "once"),
    (21, "vinte e uma", "veintiuna"),
    (32, "trinta e duas", "treinta y dos"),
    (61, "sessenta e uma", "sesenta y una"),
    (100, "cem", "cien"),
    (101, "cento e uma", "ciento una"),
    (112, "cento e doze", "ciento doce"),
    (200, "duzentas", "doscientas"),
    (241, "duzentas e quarenta e uma", "doscientas cuarenta y una"),
    (500, "quinhentas", "quinientas"),
    (702, "setecentas e duas", "setecientas dos"),
    (1000, "mil", "mil"),
    (1001, "mil e uma", "mil una"),
    (2000, "duas mil", "dos mil"),
    (21_000, "vinte e uma mil", "veintiún mil"),
    (200_000, "duzentas mil", "doscientas mil"),
    (201_000, "duzentas e uma mil", "doscientas un mil"),
    (1_000_000, "um milhão", "un millón"),
    (2_000_002, "dois milhões e duas", "dos millones dos"),
    (201_200_221, "duzentos e um milhões duzentas mil duzentas e vinte e uma",
     "doscientos un millones doscientas mil doscientas veintiuna"),
]  # fmt: skip


def test_C10_numbers_are_spoken_as_the_table_says() -> None:
    wrong = []
    for number, *texts in ROWS:
        for language, expected in zip(("pt-BR", "en", "es"), texts, strict=True):
            spoken = text_of(say_number(int(number), language), language)
            if spoken != expected:
                wrong.append((number, language, spoken, expected))
    assert len(ROWS) > 600
    assert wrong == []


@pytest.mark.parametrize(("number", "portuguese", "spanish"), FEMININE)
def test_C10_what_is_counted_gives_its_gender(number: int, portuguese: str, spanish: str) -> None:
    assert text_of(say_number(number, "pt-BR", Gender.FEMININE), "pt-BR") == portuguese
    assert text_of(say_number(number, "es", Gender.FEMININE), "es") == spanish
    masculine = say_number(number, "en")
    assert say_number(number, "en", Gender.FEMININE) == masculine


@pytest.mark.parametrize("language", LANGUAGES)
@given(number=st.integers(-999_999_999, 999_999_999), gender=st.sampled_from(Gender))
def test_C10_every_number_has_clips_and_its_own_words(language: str, number: int, gender: Gender) -> None:
    spoken = say_number(number, language, gender)
    assert set(spoken) <= set(VOCABULARIES[language])
    assert len(spoken) <= 1 + 3 * 3 + 2
    assert text_of(spoken, language) != text_of(
        say_number(number + 1 if number < 0 else 1 - number, language), language
    )
    assert not spoken[-1].endswith(("-mid", "-join", "-of")), "a number that stands alone must end like one"


@pytest.mark.parametrize("language", LANGUAGES)
def test_C10_different_numbers_sound_different(language: str) -> None:
    heard = {text_of(say_number(n, language), language) for n in range(0, 100_000, 7)}
    assert len(heard) == len(range(0, 100_000, 7))


def test_C10_negative_numbers_say_so() -> None:
    assert text_of(say_number(-12, "pt-BR"), "pt-BR") == "menos doze"
    assert text_of(say_number(-1, "en"), "en") == "minus one"


@pytest.mark.parametrize("number", [10**9, -(10**9)])
def test_numbers_beyond_the_words_are_refused(number: int) -> None:
    with pytest.raises(UnspeakableError, match="cannot be spoken"):
        say_number(number, "en")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnspeakableError, match="'fr'"):
        say_number(1, "fr")


@pytest.mark.parametrize(
    ("number", "language", "gender", "text"),
    [
        (1, "pt-BR", Gender.MASCULINE, "primeiro"),
        (1, "pt-BR", Gender.FEMININE, "primeira"),
        (10, "pt-BR", Gender.FEMININE, "décima"),
        (21, "pt-BR", Gender.FEMININE, "vigésima primeira"),
        (99, "pt-BR", Gender.MASCULINE, "nonagésimo nono"),
        (3, "es", Gender.FEMININE, "tercera"),
        (13, "es", Gender.MASCULINE, "decimotercero"),
        (42, "es", Gender.FEMININE, "cuadragésima segunda"),
        (1, "en", Gender.MASCULINE, "first"),
        (12, "en", Gender.MASCULINE, "twelfth"),
        (21, "en", Gender.FEMININE, "twenty-first"),
        (40, "en", Gender.MASCULINE, "fortieth"),
        (42, "en", Gender.MASCULINE, "forty-second"),
    ],
)
def test_C10_ordinals(number: int, language: str, gender: Gender, text: str) -> None:
    assert text_of(say_ordinal(number, language, gender), language) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [0, -1, 100])
def test_ordinals_beyond_the_words_are_refused(language: str, number: int) -> None:
    with pytest.raises(UnspeakableError):
        say_ordinal(number, language)
