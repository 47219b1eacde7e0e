"""Let a speech recogniser listen to prompts at telephone quality, and count the words it gets wrong.

    python -m sounds.tools.hear MODELS pt-BR --every 8 --announcements

It hears single prompts and whole announcements put together from clips, as the PBX plays them. A recogniser
is no ear, but a mispronounced word or a bad cut shows at once. Needs the dependency group `voice`.
"""

import argparse
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile  # type: ignore[import-untyped, unused-ignore]
from faster_whisper import WhisperModel  # type: ignore[import-not-found, import-untyped, unused-ignore]

from ari_app.flow.speech import (
    VOCABULARIES,
    Gender,
    UnspeakableError,
    say_date,
    say_duration,
    say_money,
    say_number,
    say_position,
    say_protocol,
    say_time,
    text_of,
)
from sounds.tools import catalogue, models
from sounds.tools.expand import resample
from sounds.tools.levels import Samples

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = (
    7,
    21,
    61,
    105,
    234,
    1000,
    1100,
    1234,
    2021,
    21_532,
    101_000,
    345_678,
    1_000_000,
    2_300_450,
    87_654_321,
)


def announcements(language: str) -> Iterator[tuple[str, ...]]:
    """Whole announcements made of several clips: numbers of every size, money, dates, times, protocols."""
    entered, due, day_due, reopen = (
        "collect/you-entered",
        "lookup/amount-due",
        "lookup/due-date",
        "hours/reopen-at",
    )
    for n in NUMBERS:
        yield entered, *say_number(n, language)
    for n in (2021, 732):
        yield entered, *say_number(n, language, Gender.FEMININE)
    for cents in (100, 50, 123_456, 99_990, 100_000_000):
        yield due, *say_money(cents, "BRL" if language == "pt-BR" else "USD", language)
    for day in (date(2026, 3, 1), date(2025, 12, 24), date(1999, 8, 31)):
        yield day_due, *say_date(day, language, weekday=True)
    for at in (time(8), time(14, 30), time(21, 5), time(0, 15)):
        yield reopen, *say_time(at, language)
    yield "queue/wait-intro", *say_duration(3725, language)
    yield say_position(27, language)
    for protocol in ("20261123000457", "8069317"):
        yield "protocol/your-number", *say_protocol(protocol, language)


def telephone(language: str, prompts: Sequence[str]) -> Samples:
    """What a caller hears: the prompts in a row at 8 kHz, given back at the 16 kHz of the recogniser."""
    parts = [soundfile.read(ROOT / language / f"{p}.ogg", dtype="float32")[0] for p in prompts]
    narrow = next(resample(np.concatenate(parts), [8_000]))
    spectrum = np.fft.rfft(narrow)
    return np.fft.irfft(np.pad(spectrum, (0, len(narrow) // 2)), 2 * len(narrow)).astype(np.float32) * 2


def words(text: str, language: str) -> list[str]:
    """Words to compare: small letters, no accents, digits and amounts spelled out as the rules say them."""
    for symbol in ("R$", "$", "%", "a.m.", "p.m."):
        text = text.replace(symbol, f" {symbol.replace('.', '')} " if "m" in symbol else " ")
    text = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", text)
    text = re.sub(r"\d+", lambda found: f" {_spelled_out(found[0], language)} ", text)
    plain = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))


def _spelled_out(digits: str, language: str) -> str:
    try:
        return text_of(say_number(int(digits), language), language)
    except UnspeakableError:
        return " ".join(digits)


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words wrong, missing or too many (Levenshtein distance)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        before, row = row, [i]
        for j, other in enumerate(heard, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (word != other)))
    return row[-1]


def listen(recogniser: Any, language: str, cases: Sequence[tuple[str, ...]], texts: dict[str, str]) -> None:
    """Print what is heard wrong, and the rate of wrong words."""
    total = wrong = 0
    for prompts in cases:
        segments, _ = recogniser.transcribe(telephone(language, prompts), language=language[:2], beam_size=5)
        text = " ".join(texts[p] for p in prompts)
        heard = " ".join(segment.text.strip() for segment in segments)
        said = words(text, language)
        missed = errors(said, words(heard, language))
        total, wrong = total + len(said), wrong + missed
        if missed:
            print(f"  {missed}/{len(said)} {text!r} heard as {heard!r}", flush=True)
    print(
        f"{language}: {len(cases)} prompts, {total} words, {wrong} wrong, {100 * wrong / max(total, 1):.1f} %"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path)
    parser.add_argument("language", choices=catalogue.LANGUAGES)
    parser.add_argument("--every", type=int, default=8, help="listen to every n-th prompt, 0: to none")
    parser.add_argument("--announcements", action="store_true", help="also to composed announcements")
    arguments = parser.parse_args()
    folder = models.fetch(arguments.models, recogniser=True) / "whisper-base"
    recogniser = WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )
    language = arguments.language
    prompts = catalogue.load(ROOT / language / "prompts.yaml")
    texts = {p.id: p.text for p in prompts.values()}
    main_voice = [
        p.id for p in prompts.values() if p.id not in VOCABULARIES[language] and not p.id.endswith("-offer")
    ]
    if arguments.every:
        listen(recogniser, language, [(p,) for p in main_voice[:: arguments.every]], texts)
    if arguments.announcements:
        listen(recogniser, language, list(announcements(language)), texts)


if __name__ == "__main__":
    main()
