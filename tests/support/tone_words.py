"""A transcriber that understands tones: a WAV file in, words like `tone850` out, each as long as it sounds.

Run as a program: `python tests/support/tone_words.py {language}`; it is to `recordings.transcribing` what a
recogniser of speech is.
"""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import soundfile

STEP_S = 0.1


def main() -> None:
    samples, rate = soundfile.read(io.BytesIO(sys.stdin.buffer.read()), dtype="int16")
    assert samples.ndim == 1, "one channel"
    step = int(STEP_S * rate)
    words: list[dict[str, object]] = []
    for number in range(len(samples) // step):
        piece = samples[number * step : (number + 1) * step].astype(float)
        if np.abs(piece).max() < 500:
            continue
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(step)))
        hertz = round(float(np.argmax(spectrum)) * rate / step / 10) * 10
        text, start = f"tone{hertz}", number * STEP_S
        if words and words[-1]["text"] == text and abs(float(str(words[-1]["end_s"])) - start) < 0.01:
            words[-1]["end_s"] = start + STEP_S
        else:
            words.append({"start_s": start, "end_s": start + STEP_S, "text": text, "sure": 0.9})
    sys.stdout.write(json.dumps(words))


if __name__ == "__main__":
    main()
