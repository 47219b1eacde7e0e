# ruff: noqa: RUF001 - phonetic letters are meant
"""Speak a text with Kokoro-82M, whole or cut at word boundaries out of a longer sentence.

A number that is spoken in pieces sounds right only when each piece was *said* in its place: "duzentos e" as
the beginning of "duzentos e trinta". So a text may mark what is kept with braces, `{duzentos e} trinta`, and
the model's own predicted durations tell where to cut.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-not-found, import-untyped, unused-ignore]

from sounds.tools.levels import Samples, Utterance

FRAME = 600
"""Samples per unit of the model's predicted durations: 25 ms."""
LANGUAGES = {"p": "pt-br", "e": "es-419", "a": "en-us"}
"""espeak-ng's name of the language of a voice, by the first letter of the voice's name."""
LEAD = 3
"""Frames by which the sound runs ahead of the predicted durations; Kokoro's own time stamps do the same."""
DURATIONS = b"/encoder/Gather_output_0"
"""The tensor inside the model that holds the duration of each token."""
# espeak-ng's tied IPA pairs as the single symbols of the model's vocabulary
TIES = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O",
    "ə^ʊ": "Q", "s^s": "S", "t^s": "ʦ", "t^ʃ": "ʧ", "ɔ^ɪ": "Y",
}  # fmt: skip


class Voice:
    """Kokoro-82M in memory; one core for each call of `say`, so call it from several threads."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._vocabulary: dict[str, int] = json.loads((models / "vocab.json").read_text())["vocab"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # two single threads do a quarter more than one pair
        model = (models / "kokoro.onnx").read_bytes() + _expose(DURATIONS)
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._styles: dict[str, Samples] = {}

    def say(self, text: str, voice: str, speed: float = 1.0) -> Utterance:
        """Speak `text`, whose braces mark the part to keep; raises ValueError for one that is too long."""
        parts = re.fullmatch(r"(?P<before>[^{}]*)\{(?P<keep>[^{}]+)\}(?P<after>[^{}]*)", text)
        texts = list(parts.group("before", "keep", "after")) if parts else ["", text, ""]
        tokens: list[int] = []
        edges = []
        for part in texts:
            sounds = phonemes(part, LANGUAGES[voice[0]])
            new = [self._vocabulary[c] for c in sounds if c in self._vocabulary]
            if tokens and new and sounds[0] not in ".,;:!?":
                tokens.append(self._vocabulary[" "])
            edges.append(len(tokens))
            tokens += new
            edges.append(len(tokens))
        if not 0 < len(tokens) <= 510:
            raise ValueError(f"{len(tokens)} sounds, 1 to 510 can be spoken: {text!r}")
        style = self._style(voice)[len(tokens) - 1]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style,
            "speed": np.array([speed], dtype=np.float32),
        }
        audio, durations = self._session.run(None, inputs)
        ends = (np.concatenate([[0], np.cumsum(durations.ravel())]).astype(int) - LEAD) * FRAME
        samples = np.asarray(audio, dtype=np.float32).ravel()
        cut_start, cut_stop = bool(texts[0].strip()), bool(texts[2].strip(" .,;:!?"))
        # token i of `tokens` is i + 1 of the model's, which begins with a pause
        start = int(ends[edges[2] + 1]) if cut_start else 0
        stop = int(ends[edges[3] + 1]) if cut_stop else len(samples)
        return Utterance(samples, start, stop, cut_start, cut_stop)

    def _style(self, voice: str) -> Samples:
        if voice not in self._styles:
            data = np.fromfile(self._models / "voices" / f"{voice}.bin", dtype=np.float32)
            self._styles[voice] = data.reshape(-1, 1, 256)
        return self._styles[voice]


def phonemes(text: str, language: str) -> str:
    """The sounds of `text` in the model's alphabet, punctuation kept, by espeak-ng."""
    spoken = []
    for clause in re.findall(r"[^.,;:!?]+[.,;:!?]?|[.,;:!?]", text):
        stop = clause[-1] if clause[-1] in ".,;:!?" else ""
        words = clause.strip(".,;:!? ")
        if not words:
            spoken.append(stop)
            continue
        command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", language, "--", words]
        ipa = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        ipa = re.sub(r"\([a-z-]+\)", "", ipa.strip().replace("\n", " "))
        for tied, symbol in TIES.items():
            ipa = ipa.replace(tied, symbol)
        spoken.append(ipa.replace("^", "").replace("-", "") + stop)
    return " ".join(s for s in spoken if s)


def _expose(tensor: bytes) -> bytes:
    """Bytes that, after a serialised ONNX model, make `tensor` one of its outputs.

    Protocol Buffers merge a message that is given twice: this adds ModelProto.graph (7).output (12).name (1).
    """

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    return field(7, field(12, field(1, tensor)))
