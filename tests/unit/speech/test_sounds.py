"""The files in `sounds/`: every prompt is there, in every language, made from its text, and levelled."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ari_app.flow.speech import LANGUAGES, VOCABULARIES
from sounds.tools import catalogue, levels
from sounds.tools.expand import SOUNDS, ExpandError, expand, resample
from sounds.tools.vocabulary import with_vocabulary

MANIFEST: dict[str, dict[str, dict[str, Any]]] = json.loads((SOUNDS / "manifest.json").read_text("utf-8"))
PROMPTS = {str(name): catalogue.load(SOUNDS / name / "prompts.yaml") for name in LANGUAGES}
SPOKEN_ALL_LANGUAGES = set(PROMPTS["pt-BR"]) - set(VOCABULARIES["pt-BR"])
LIMIT_BYTES = 40_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_C10_every_prompt_exists_in_every_language(language: str) -> None:
    assert set(PROMPTS[language]) - set(VOCABULARIES[language]) == SPOKEN_ALL_LANGUAGES
    assert set(VOCABULARIES[language]) <= set(PROMPTS[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_C10_every_prompt_has_a_file_made_from_its_text(language: str) -> None:
    wrong = []
    for prompt in PROMPTS[language].values():
        path = SOUNDS / language / f"{prompt.id}.ogg"
        entry = MANIFEST[language].get(prompt.id, {})
        if not path.is_file() or entry.get("spoken") != prompt.spoken_sha256:
            wrong.append(f"{prompt.id}: not spoken as its text says; run sounds.tools.render")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["file"]:
            wrong.append(f"{prompt.id}: not the file of the manifest")
    assert wrong == []
    assert set(MANIFEST[language]) == set(PROMPTS[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_C10_every_prompt_is_levelled_and_lasts_as_long_as_its_text(language: str) -> None:
    wrong = []
    for prompt in PROMPTS[language].values():
        entry = MANIFEST[language][prompt.id]
        shortest, longest = 0.08 + 0.02 * len(prompt.text), 0.9 + 0.16 * len(prompt.text)
        if not shortest <= entry["duration_s"] <= longest:
            wrong.append(f"{prompt.id}: {entry['duration_s']} s for {prompt.text!r}")
        if not -25 <= entry["level_dbfs"] <= -12 or entry["peak_dbfs"] > -0.5:
            wrong.append(f"{prompt.id}: level {entry['level_dbfs']} dBFS, peak {entry['peak_dbfs']} dBFS")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_C10_files_decode_to_what_the_manifest_measured(language: str) -> None:
    for name in list(PROMPTS[language])[::25]:
        entry = dict(MANIFEST[language][name])
        del entry["spoken"]
        assert levels.measure(SOUNDS / language / f"{name}.ogg") == entry, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_C10_the_clips_in_prompts_yaml_are_those_of_the_rules(language: str) -> None:
    content = (SOUNDS / language / "prompts.yaml").read_text("utf-8")
    assert with_vocabulary(content, language) == content, "run sounds.tools.vocabulary"


def test_the_sounds_stay_small_and_hold_nothing_else() -> None:
    files = set(SOUNDS.rglob("*.ogg"))
    named = {SOUNDS / language / f"{name}.ogg" for language in LANGUAGES for name in PROMPTS[language]}
    assert files == named | {SOUNDS / "common" / "beep.ogg"}
    assert sum(path.stat().st_size for path in files) < LIMIT_BYTES


def test_the_beep_is_a_kilohertz_for_two_fifths_of_a_second() -> None:
    samples, rate = soundfile.read(SOUNDS / "common" / "beep.ogg")
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / rate)[spectrum.argmax()] == pytest.approx(1000, abs=5)
    assert len(samples) / rate == pytest.approx(0.4, abs=0.02)


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
