"""A transcriber on faster-whisper with a local model: `python -m ari_app.recordings.whisper MODEL LANGUAGE`.

MODEL is the folder of a model in CTranslate2's form; nothing is fetched. Reads a WAV file from the standard
input, writes words as `recordings.transcribing` wants them. Needs the package `faster-whisper`.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import msgspec

THREADS = 1
"""Beside calls, not in their way."""
BEAM = 1


def main(model: str, language: str) -> None:
    """Write down what is said."""
    import faster_whisper  # noqa: PLC0415 - optional: only who transcribes has it

    engine: Any = faster_whisper.WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True
    )
    segments, _ = engine.transcribe(
        io.BytesIO(sys.stdin.buffer.read()),
        language=language.partition("-")[0],
        beam_size=BEAM,
        word_timestamps=True,
        vad_filter=True,
        condition_on_previous_text=False,
    )
    words = [
        {
            "start_s": float(word.start),
            "end_s": float(word.end),
            "text": word.word.strip(),
            "sure": float(word.probability),
        }
        for segment in segments
        for word in segment.words or ()
    ]
    sys.stdout.buffer.write(msgspec.json.encode(words) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
