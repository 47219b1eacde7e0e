"""The ears of the tests: tones are found where they are and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbx.beep import write_beep
from pbx.instance import MUSIC
from pbx.music import compose, encode_alaw
from pbx.tones import RATE, Samples, read_raw, seconds, spans, tones_in

TEST_TONES = (440, 500, 600, 850)


def sine(frequency: float, length_s: float, level: float = 0.2) -> Samples:
    wave: Samples = level * np.sin(2 * np.pi * frequency * np.arange(int(length_s * RATE)) / RATE)
    return wave


def test_tones_are_told_apart_in_time_and_pitch() -> None:
    silence = np.zeros(RATE)
    sound = np.concatenate([silence, sine(440, 2) + np.pad(sine(600, 1), (RATE, 0)), silence])
    assert tones_in(sound, TEST_TONES) == {440, 600}
    assert spans(sound, 440) == [(1.0, 3.0)]
    assert spans(sound, 600) == [(2.0, 3.0)]


def test_noise_and_silence_hold_no_tone() -> None:
    noise = np.random.default_rng(7).normal(0, 0.1, 5 * RATE)
    assert tones_in(noise, TEST_TONES) == set()
    assert tones_in(np.zeros(RATE), TEST_TONES) == set()


def test_music_on_hold_holds_no_test_tone_and_is_what_the_program_composes() -> None:
    piece = compose()
    assert all(seconds(piece, tone) == 0 for tone in TEST_TONES)
    assert 60 <= len(piece) / RATE <= 70
    shipped = (MUSIC / "waiting.alaw").read_bytes()
    made = encode_alaw(piece)
    different = sum(a != b for a, b in zip(shipped, made, strict=True))
    assert different < len(made) / 1000  # rounding may differ between machines


@pytest.mark.parametrize("length_s", [0.002, 0.005, 0.01, 0.02, 0.05])
def test_a_scrap_of_music_where_it_begins_or_ends_is_no_tone(length_s: float) -> None:
    piece, length = compose(), int(length_s * RATE)
    for begin in range(0, len(piece) - length, RATE // 10):
        sound = np.zeros(RATE)
        sound[2_810 : 2_810 + length] = piece[begin : begin + length]
        assert all(seconds(sound, tone) == 0 for tone in TEST_TONES)


def test_beep_is_a_tone_of_1000_hz(tmp_path: Path) -> None:
    write_beep(tmp_path / "beep.sln")
    assert tones_in(read_raw(tmp_path / "beep.sln")[:, 0], [1000, *TEST_TONES], least_s=0.2) == {1000}
