"""Prompts are found by ear on a line that loses sound, and no other prompt is taken for one."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from ari_app.calls.catalogue import lengths_in
from ari_app.cli.live.ear import Ear, in_pieces, shipped
from ari_app.softphone import alaw
from demo.plan import REPOSITORY
from pbx.tones import RATE
from tests.support.speech import ENOUGH

SOUNDS = REPOSITORY / "sounds"
LANGUAGES = ("pt-BR", "en", "es")
SENTENCES = (
    "campaign/call-us",
    "campaign/no-operator",
    "campaign/will-not-repeat",
    "campaign/opt-out-offer",
    "campaign/opt-out-done",
    "menu/main-greeting",
    "problem/safe-exit",
    "queue/still-waiting",
    "voicemail/intro",
    "callback/offer",
)
EAR = Ear(shipped(SOUNDS))
NOISE = 0.002


@functools.cache
def others(language: str) -> tuple[str, ...]:
    """Sentences to be told from: numbers, places in line and times share their words with one another."""
    alike = ("number/", "digit/", "queue/wait-", "queue/position-", *SENTENCES)
    of = lengths_in(SOUNDS)
    names = sorted(full.partition("/")[2] for full in of if full.startswith(f"{language}/"))
    return tuple(n for n in names if not n.startswith(alike) and 1.0 < of[f"{language}/{n}"] < 8.0)


def on_the_line(sound: alaw.Samples, dice: np.random.Generator) -> alaw.Samples:
    """A-law, with the noise of a line."""
    noisy = sound + dice.normal(0, NOISE, len(sound)).astype(np.float32)
    return alaw.decode(alaw.encode(noisy))


def with_gaps(sound: alaw.Samples, kind: str, dice: np.random.Generator) -> alaw.Samples:
    """Three stretches of 100 to 250 ms are silent, or never came."""
    third = len(sound) // 3
    parts = []
    for number in range(3):
        part = sound[number * third : (number + 1) * third].copy()
        gap = int(dice.uniform(0.1, 0.25) * RATE)
        at = int(dice.integers(0, third - gap))
        if kind == "silent":
            part[at : at + gap] = 0.0
            parts.append(part)
        else:
            parts.append(np.concatenate([part[:at], part[at + gap :]]))
    return np.concatenate(parts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["silent", "missing"])
def test_a_prompt_with_gaps_and_a_cut_tail_is_found_where_it_begins(language: str, kind: str) -> None:
    dice = np.random.default_rng(20261123)
    before, after = (EAR.sample(language, name) for name in others(language)[:2])
    for name in SENTENCES:
        words = EAR.sample(language, name)
        hurt = with_gaps(words, kind, dice)[: -int(0.15 * RATE)]
        heard = on_the_line(np.concatenate([before, hurt, after]), dice)
        found = in_pieces(heard, words, ENOUGH)
        assert found is not None, name
        assert abs(found - len(before) / RATE) < 0.6, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_other_prompt_of_the_same_voice_is_taken_for_it(language: str) -> None:
    dice = np.random.default_rng(20261123)
    for name in SENTENCES[::2]:
        near = [each for each in SENTENCES if each != name]
        spoken = [*dice.permutation(others(language))[:5], *dice.permutation(near)[:3]]
        heard = on_the_line(np.concatenate([EAR.sample(language, each) for each in spoken]), dice)
        assert in_pieces(heard, EAR.sample(language, name), ENOUGH) is None, name
        assert EAR.find(heard, language, name) is None, name


def test_the_ear_finds_what_a_busy_line_left_and_neither_silence_nor_a_word_of_it() -> None:
    dice = np.random.default_rng(20261123)
    other = EAR.sample("pt-BR", others("pt-BR")[0])
    for name in SENTENCES:
        words = EAR.sample("pt-BR", name)
        loud = int(np.flatnonzero(np.abs(words) > 0.02)[0])
        gap, later = loud + int(0.4 * RATE), loud + int(0.6 * RATE)
        quiet = np.zeros(RATE, dtype=np.float32)
        heard = on_the_line(np.concatenate([quiet, words[:gap], words[later:]]), dice)
        found = EAR.find(heard, "pt-BR", name)
        assert found is not None, name
        assert abs(found - 1.0) < 0.7, name
        cut = on_the_line(np.concatenate([quiet, words[: loud + int(0.3 * RATE)], other]), dice)
        assert EAR.find(cut, "pt-BR", name) is None, name
        assert EAR.find(on_the_line(np.zeros(4 * RATE, dtype=np.float32), dice), "pt-BR", name) is None
