"""Money, dates, times, durations, digits and letters, sentence by sentence."""

import math
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.flow.speech import (
    LANGUAGES,
    VOCABULARIES,
    UnspeakableError,
    say_date,
    say_digits,
    say_duration,
    say_money,
    say_phone,
    say_position,
    say_protocol,
    say_spelled,
    say_time,
    say_waiting_time,
    text_of,
)


@pytest.mark.parametrize(
    ("hundredths", "currency", "language", "text"),
    [
        (0, "BRL", "pt-BR", "zero reais"),
        (1, "BRL", "pt-BR", "um centavo"),
        (50, "BRL", "pt-BR", "cinquenta centavos"),
        (100, "BRL", "pt-BR", "um real"),
        (101, "BRL", "pt-BR", "um real e um centavo"),
        (2_150, "BRL", "pt-BR", "vinte e um reais e cinquenta centavos"),
        (123_456, "BRL", "pt-BR", "mil duzentos e trinta e quatro reais e cinquenta e seis centavos"),
        (100_000_000, "BRL", "pt-BR", "um milhão de reais"),
        (200_000_005, "BRL", "pt-BR", "dois milhões de reais e cinco centavos"),
        (150_000_000, "BRL", "pt-BR", "um milhão e quinhentos mil reais"),
        (-500, "USD", "pt-BR", "menos cinco dólares"),
        (200, "EUR", "pt-BR", "dois euros"),
        (100, "BRL", "es", "un real"),
        (2_100, "USD", "es", "veintiún dólares"),
        (2_101, "EUR", "es", "veintiún euros con un céntimo"),
        (100_000_000, "EUR", "es", "un millón de euros"),
        (3_100_000, "USD", "es", "treinta y un mil dólares"),
        (100, "USD", "en", "one dollar"),
        (10_501, "USD", "en", "one hundred and five dollars and one cent"),
        (100_000_000, "EUR", "en", "one million euros"),
        (199, "BRL", "en", "one real and ninety-nine centavos"),
    ],
)
def test_C10_money(hundredths: int, currency: str, language: str, text: str) -> None:
    assert text_of(say_money(hundredths, currency, language), language) == text


@pytest.mark.parametrize(
    ("day", "language", "text"),
    [
        (date(2026, 3, 1), "pt-BR", "domingo, primeiro de março de dois mil e vinte e seis"),
        (
            date(1999, 12, 21),
            "pt-BR",
            "terça-feira, vinte e um de dezembro de mil novecentos e noventa e nove",
        ),
        (date(2026, 3, 1), "es", "domingo, primero de marzo de dos mil veintiséis"),
        (date(2031, 1, 21), "es", "martes, veintiuno de enero de dos mil treinta y uno"),
        (date(2026, 3, 1), "en", "Sunday, March first twenty twenty-six"),
        (date(2005, 7, 22), "en", "Friday, July twenty-second two thousand and five"),
        (date(1905, 1, 2), "en", "Monday, January second nineteen oh five"),
        (date(1900, 1, 1), "en", "Monday, January first nineteen hundred"),
        (date(2100, 1, 1), "en", "Friday, January first twenty-one hundred"),
    ],
)
def test_C10_dates(day: date, language: str, text: str) -> None:
    assert text_of(say_date(day, language, weekday=True), language) == text


def test_C10_a_date_without_year_ends_with_its_month() -> None:
    assert say_date(date(2026, 5, 2), "pt-BR", year=False)[-1] == "month/5"
    assert text_of(say_date(date(2026, 5, 2), "en", year=False), "en") == "May second"


@pytest.mark.parametrize(
    ("at", "portuguese", "spanish", "english"),
    [
        (time(0, 0), "meia-noite", "medianoche", "midnight"),
        (time(0, 5), "meia-noite e cinco minutos", "medianoche y cinco minutos", "twelve oh five a.m."),
        (time(1, 1), "uma hora e um minuto", "una hora y un minuto", "one oh one a.m."),
        (time(8, 0), "oito horas", "ocho horas", "eight a.m."),
        (time(12, 0), "meio-dia", "mediodía", "noon"),
        (time(12, 30), "meio-dia e trinta minutos", "mediodía y treinta minutos", "twelve thirty p.m."),
        (time(14, 31), "quatorze horas e trinta e um minutos", "catorce horas y treinta y un minutos",
         "two thirty-one p.m."),
        (time(21, 0), "vinte e uma horas", "veintiuna horas", "nine p.m."),
        (time(22, 15), "vinte e duas horas e quinze minutos", "veintidós horas y quince minutos",
         "ten fifteen p.m."),
    ],
)  # fmt: skip
def test_C10_times(at: time, portuguese: str, spanish: str, english: str) -> None:
    assert text_of(say_time(at, "pt-BR"), "pt-BR") == portuguese
    assert text_of(say_time(at, "es"), "es") == spanish
    assert text_of(say_time(at, "en"), "en") == english


@pytest.mark.parametrize(
    ("seconds", "language", "text"),
    [
        (0, "pt-BR", "zero segundos"),
        (1, "pt-BR", "um segundo"),
        (62, "pt-BR", "um minuto e dois segundos"),
        (7_200, "pt-BR", "duas horas"),
        (93_784, "pt-BR", "um dia, duas horas, três minutos e quatro segundos"),
        (75_660, "es", "veintiuna horas y un minuto"),
        (3_725, "en", "one hour, two minutes and five seconds"),
        (59.6, "en", "one minute"),
    ],
)
def test_C10_durations(seconds: float, language: str, text: str) -> None:
    assert text_of(say_duration(seconds, language), language) == text


def test_C10_digits_breathe_between_groups_and_fall_at_the_end() -> None:
    assert say_digits("1234567", "en") == (
        "digit/1-mid", "digit/2-mid", "digit/3-pause", "digit/4-mid", "digit/5-mid", "digit/6-mid", "digit/7",
    )  # fmt: skip
    assert say_digits("12", "en", (1, 1)) == ("digit/1-pause", "digit/2")


@given(st.text("0123456789", min_size=1, max_size=64))
def test_C10_no_digit_is_lost_and_none_stands_alone(digits: str) -> None:
    spoken = say_protocol(digits, "pt-BR")
    assert "".join(name.removeprefix("digit/")[0] for name in spoken) == digits
    assert not any(name.endswith("-pause") for name in spoken[-2:]) or len(digits) < 3


@pytest.mark.parametrize("bad", ["", "12a", "٣", "-1", " 1", "1" * 65])
def test_what_is_no_digit_string_is_refused(bad: str) -> None:
    with pytest.raises(UnspeakableError):
        say_digits(bad, "pt-BR")


@pytest.mark.parametrize(
    ("number", "breaths"),
    [
        ("+5511987654321", [1, 6]),
        ("11987654321", [1, 6]),
        ("1133334444", [1, 5]),
        ("+14155550123", [2, 5, 8 - 1]),
    ],
)
def test_C13_brazilian_numbers_are_read_as_area_code_and_two_halves(number: str, breaths: list[int]) -> None:
    spoken = say_phone(number, "pt-BR")
    found = [place for place, name in enumerate(spoken) if name.endswith("-pause")]
    if number.startswith("+1"):
        assert len(spoken) == 11
    else:
        assert found == breaths


def test_C10_spelling_names_letters_digits_and_signs() -> None:
    assert text_of(say_spelled("Çã-1", "pt-BR"), "pt-BR") == "cê cedilha á hífen um,"
    assert text_of(say_spelled("ñ@", "es"), "es") == "eñe arroba"
    assert text_of(say_spelled("W 2", "en"), "en") == "W two,"


@pytest.mark.parametrize("bad", ["", "   ", "日本", "a\n\x00", "x" * 65])
def test_what_cannot_be_spelled_is_refused(bad: str) -> None:
    with pytest.raises(UnspeakableError):
        say_spelled(bad, "pt-BR")


def test_C12_position_in_line_is_one_sentence_where_it_can_be() -> None:
    assert say_position(1, "pt-BR") == ("queue/next-in-line",)
    assert text_of(say_position(3, "pt-BR"), "pt-BR") == "Você é o número três na fila."
    assert say_position(27, "en") == ("queue/position-intro", "number/27")
    with pytest.raises(UnspeakableError):
        say_position(0, "en")


@pytest.mark.parametrize(
    ("seconds", "prompt"),
    [
        (None, "queue/wait-unknown"),
        (math.nan, "queue/wait-unknown"),
        (0, "queue/wait-under-one-minute"),
        (59, "queue/wait-under-one-minute"),
        (60, "queue/wait-1"),
        (61, "queue/wait-2"),
        (180, "queue/wait-3"),
        (601, "queue/wait-15"),
        (1_201, "queue/wait-30"),
        (3_600, "queue/wait-60"),
        (3_601, "queue/wait-over-one-hour"),
        (math.inf, "queue/wait-over-one-hour"),
    ],
)
def test_C12_the_waiting_time_is_never_promised_shorter(seconds: float | None, prompt: str) -> None:
    assert say_waiting_time(seconds, "es") == (prompt,)


def test_C12_the_waiting_time_in_words() -> None:
    assert text_of(say_waiting_time(150, "pt-BR"), "pt-BR") == (
        "O tempo estimado de espera é de aproximadamente três minutos."
    )


@pytest.mark.parametrize("bad", [-1, math.inf, math.nan])
def test_durations_that_are_none_are_refused(bad: float) -> None:
    with pytest.raises(UnspeakableError):
        say_duration(bad, "en")


@pytest.mark.parametrize("currency", ["brl", "XYZ", ""])
def test_unknown_currencies_are_refused(currency: str) -> None:
    with pytest.raises(UnspeakableError, match="BRL, EUR, USD"):
        say_money(1, currency, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@given(st.data())
def test_C10_whatever_is_said_has_a_clip(language: str, data: st.DataObject) -> None:
    spoken = [
        *say_money(data.draw(st.integers(-99_999_999_999, 99_999_999_999)), "USD", language),
        *say_date(data.draw(st.dates()), language, weekday=True, year=data.draw(st.booleans())),
        *say_time(data.draw(st.times()), language),
        *say_duration(data.draw(st.floats(0, timedelta(days=9_999).total_seconds())), language),
        *say_spelled(data.draw(st.text("abzABZ059-./@_+#*éÃ", min_size=1, max_size=20)), language),
    ]
    own = set(VOCABULARIES[language])
    assert set(spoken) <= own


def test_C10_a_clip_keeps_its_words_in_its_sentence() -> None:
    for language in LANGUAGES:
        for name, clip in VOCABULARIES[language].items():
            assert clip.text, name
            assert clip.speak.count("{") == clip.speak.count("}") <= 1, name
