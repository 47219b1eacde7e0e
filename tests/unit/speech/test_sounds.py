"""The files in `sounds/`: every prompt is there, in every language, made from its text, and levelled."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
import soundfile

from ari_app.flow.speech import LANGUAGES, VOCABULARIES
from sounds.tools import catalogue, levels
from sounds.tools.expand import SOUNDS
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
