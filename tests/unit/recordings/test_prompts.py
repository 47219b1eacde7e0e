"""Own prompts: any usual sound file in, telephone sound out; hostile files refused (C7, C10)."""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped, unused-ignore]

from ari_app.model.ids import DEFAULT_CLIENT, ClientId
from ari_app.ports import NotFound, Refusal
from ari_app.recordings.prompts import OwnPrompt, PromptLibrary, Voice
from pbx.tones import amplitude, read_wav

WELCOME = OwnPrompt(name="welcome", language="pt-BR", text="Bem-vindo.", by="ana")


def sound(
    rate: int, channels: int = 1, seconds: float = 1.0, level: float = 0.05, hertz: float = 700.0
) -> np.ndarray:
    """A quiet tone with half a second of silence before and behind."""
    place = np.arange(int(seconds * rate)) / rate
    silence = np.zeros(rate // 2)
    mono = np.concatenate([silence, level * np.sin(2 * np.pi * hertz * place), silence])
    return np.stack([mono] * channels, axis=1)


def file_of(samples: np.ndarray, rate: int, form: str, subtype: str | None = None) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, samples, rate, format=form, subtype=subtype)
    return content.getvalue()


FORMATS = {
    "CD": file_of(sound(44_100, 2), 44_100, "WAV"),
    "floats": file_of(sound(48_000), 48_000, "WAV", "FLOAT"),
    "telephone": file_of(sound(8_000), 8_000, "WAV", "ALAW"),
    "FLAC": file_of(sound(16_000), 16_000, "FLAC"),
    "Opus": file_of(sound(48_000), 48_000, "OGG", "OPUS"),
    "Vorbis": file_of(sound(22_050, 2), 22_050, "OGG", "VORBIS"),
    "MP3": file_of(sound(22_050), 22_050, "MP3"),
    "AIFF": file_of(sound(11_025), 11_025, "AIFF"),
}


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS.keys())
async def test_C10_any_usual_file_becomes_telephone_sound_trimmed_and_levelled(
    data: bytes, tmp_path: Path
) -> None:
    library = PromptLibrary(tmp_path)
    done = await library.put(WELCOME, data)
    assert done.duration_s == pytest.approx(1.1, abs=0.12), "the silence at both ends is cut"
    for suffix, rate in ((".wav", 8_000), (".wav16", 16_000)):
        heard, found = read_wav(tmp_path / "default" / "pt-BR" / f"welcome{suffix}")
        assert (found, heard.shape[1]) == (rate, 1)
        level = float(np.median(amplitude(heard[:, 0], 700.0, rate)))
        assert 0.12 < level < 0.25, "as loud as the product's own prompts"
    assert library.find(DEFAULT_CLIENT, "pt-BR", "welcome") == done
    assert library.place(DEFAULT_CLIENT, "pt-BR", "own/welcome") == "default/pt-BR/welcome"
    assert library.seconds("default/pt-BR/welcome") == pytest.approx(done.duration_s, abs=0.02)


def lying_header() -> bytes:
    """A WAV that promises two gigabytes."""
    head = (
        b"RIFF"
        + struct.pack("<I", 0x7FFFFFFF)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    )
    return head + b"data" + struct.pack("<I", 0x7FFFFFF0) + b"\x00\x01" * 100


HOSTILE = {
    "nothing": (b"", "no usable prompt"),
    "words": (b"<html>no sound</html>" * 50, "that can be read"),
    "cut off": (FORMATS["FLAC"][:40], "no usable prompt"),
    "a header that lies": (lying_header(), "shorter than"),
    "silence": (file_of(np.zeros((8000, 1)), 8000, "WAV"), "nothing can be heard"),
    "a click": (file_of(np.ones((4, 1)) * 0.5, 8000, "WAV"), "shorter than"),
    "no numbers": (file_of(np.full((8000, 1), np.nan), 8000, "WAV", "FLOAT"), "nothing can be heard"),
    "200 seconds": (file_of(np.ones((200 * 8000, 1)) * 0.1, 8000, "WAV"), "longer than 180"),
    "sixteen channels": (file_of(sound(8000, 16), 8000, "WAV"), "at most 8"),
    "1 kHz": (file_of(sound(1000), 1000, "WAV"), "4 to 192 kHz"),
    "too large": (b"\x00" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
}


@pytest.mark.parametrize(("data", "words"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_C10_hostile_file_is_refused_with_its_reason_and_nothing_changes(
    data: bytes, words: str, tmp_path: Path
) -> None:
    library = PromptLibrary(tmp_path)
    kept = await library.put(WELCOME, FORMATS["FLAC"])
    with pytest.raises(Refusal, match=words):
        await library.put(WELCOME, data)
    assert library.all() == [kept]
    assert sorted(f.name for f in (tmp_path / "default/pt-BR").iterdir()) == [
        "welcome.json", "welcome.wav", "welcome.wav16",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "language"),
    [("../x", "pt-BR"), ("a/b", "en"), ("", "en"), ("A", "en"), ("a", "../en"), ("a", "english")],
)
async def test_C10_a_prompts_name_is_no_path(name: str, language: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        await PromptLibrary(tmp_path).put(OwnPrompt(name=name, language=language), FORMATS["FLAC"])
    assert PromptLibrary(tmp_path).place(DEFAULT_CLIENT, language, f"own/{name}") is None


async def test_T1_a_clients_own_prompt_is_heard_on_that_clients_calls_alone(tmp_path: Path) -> None:
    library, acme = PromptLibrary(tmp_path), ClientId("acme")
    await library.put(WELCOME, FORMATS["FLAC"])
    await library.put(OwnPrompt(name="welcome", language="pt-BR", client=acme), FORMATS["Opus"])
    assert library.place(acme, "pt-BR", "own/welcome") == "acme/pt-BR/welcome"
    assert library.place(ClientId("beta"), "pt-BR", "own/welcome") == "default/pt-BR/welcome"
    library.delete(library.find(acme, "pt-BR", "welcome"))
    assert library.place(acme, "pt-BR", "own/welcome") == "default/pt-BR/welcome"
    with pytest.raises(NotFound):
        library.find(acme, "pt-BR", "welcome")
    (tmp_path / "default/pt-BR/welcome.wav").unlink()
    assert library.place(acme, "pt-BR", "own/welcome") is None


async def test_C10_text_is_spoken_by_the_configured_program_without_a_shell(tmp_path: Path) -> None:
    (tmp_path / "voice.wav").write_bytes(FORMATS["CD"])
    words = "import sys; t = sys.stdin.read(); assert t == 'Olá; rm -rf /', t; assert sys.argv[1] == 'pt-BR'"
    program = tmp_path / "voice.py"
    program.write_text(
        f"{words}\nsys.stdout.buffer.write(open({str(tmp_path / 'voice.wav')!r}, 'rb').read())\n"
    )
    voice = Voice(f"{sys.executable} {program} {{language}}")
    assert await voice.speak("Olá; rm -rf /", "pt-BR") == FORMATS["CD"]
    for broken in ("/nowhere/voice", f"{sys.executable} -c 'raise SystemExit(1)'"):
        with pytest.raises(Refusal, match="gave no sound within"):
            await Voice(broken).speak("x", "en")
    with pytest.raises(Refusal, match="no voice is configured"):
        await Voice("").speak("x", "en")
