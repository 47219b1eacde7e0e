"""The tools around the prompts: expanding them for the PBX, and reading their texts."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sounds.tools import catalogue, levels
from sounds.tools.expand import SOUNDS, ExpandError, expand, resample


@pytest.fixture
def few_sounds(tmp_path: Path) -> Path:
    """A small tree of sounds: two prompts of one language."""
    folder = tmp_path / "sounds"
    for name in ("menu/invalid", "number/7"):
        path = folder / "pt-BR" / f"{name}.ogg"
        path.parent.mkdir(parents=True)
        path.write_bytes((SOUNDS / "pt-BR" / f"{name}.ogg").read_bytes())
    return folder


def test_C10_prompts_are_expanded_for_narrow_and_wide_band(few_sounds: Path, tmp_path: Path) -> None:
    target = tmp_path / "pbx"
    assert expand(target, few_sounds).written == 2
    stored, _ = soundfile.read(few_sounds / "pt-BR" / "menu" / "invalid.ogg")
    for suffix, rate in ((".wav", 8_000), (".wav16", 16_000)):
        path = target / "pt-BR" / "menu" / f"invalid{suffix}"
        with path.open("rb") as file:
            samples, found = soundfile.read(file)
        assert (found, soundfile.info(path).subtype) == (rate, "PCM_16")
        assert len(samples) / rate == pytest.approx(len(stored) / levels.RATE, abs=0.001)
        assert levels.active_dbfs(samples, rate) == pytest.approx(levels.active_dbfs(stored), abs=1.5)


def test_expanding_again_writes_only_what_changed(few_sounds: Path, tmp_path: Path) -> None:
    target = tmp_path / "pbx"
    expand(target, few_sounds)
    again = expand(target, few_sounds)
    assert (again.written, again.kept, again.removed) == (0, 2, 0)
    source = few_sounds / "pt-BR" / "number" / "7.ogg"
    source.write_bytes((few_sounds / "pt-BR" / "menu" / "invalid.ogg").read_bytes())
    assert expand(target, few_sounds).written == 1
    (target / "pt-BR" / "number" / "7.wav16").unlink()
    assert expand(target, few_sounds).written == 1
    source.unlink()
    assert expand(target, few_sounds).removed == 1
    assert not (target / "pt-BR" / "number" / "7.wav").exists()


def test_a_broken_prompt_is_named(few_sounds: Path, tmp_path: Path) -> None:
    (few_sounds / "pt-BR" / "number" / "7.ogg").write_bytes(b"OggS, but no more")
    with pytest.raises(ExpandError, match=r"number/7\.ogg"):
        expand(tmp_path / "pbx", few_sounds)


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_C10_resampling_keeps_speech_and_lets_no_alias_through(rate: int) -> None:
    time = np.arange(levels.RATE) / levels.RATE
    for hertz in (200, 1_000, 3_000):
        kept = next(resample(np.sin(2 * np.pi * hertz * time), [rate]))[400:-400]
        assert np.sqrt(2 * (kept**2).mean()) == pytest.approx(1.0, abs=0.01)
    for hertz in (rate // 2 + 300, 11_000):
        alias = next(resample(np.sin(2 * np.pi * hertz * time), [rate]))[400:-400]
        assert np.abs(alias).max() < 0.001


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("language: en\nvoice: v\nprompts:\n  Menu/Bad: x\n", "Menu/Bad"),
        ("language: en\nvoice: v\nprompts:\n  menu/a: {speak: x}\n", "menu/a"),
        ("language: en\nvoice: v\nprompts:\n  menu/a: {text: x, sung: y}\n", "sung"),
        ("language: en\nvoice: v\nprompts:\n  menu/a: {text: x, speed: 9.0}\n", "speed"),
        ("language: en\nvoice: v\nprompts:\n  menu/a: {text: ' '}\n", "text"),
        ("language: en\nvoice: v\nprompts: [a]\n", "prompts"),
        ("language: en\nprompts: {}\n", "voice"),
        ("a: [", "prompts.yaml"),
    ],
)
def test_a_bad_catalogue_is_refused_by_name(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "prompts.yaml"
    path.write_text(content)
    with pytest.raises(catalogue.CatalogueError, match=message):
        catalogue.load(path)
