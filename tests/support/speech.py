"""Find a prompt of the catalogue in what somebody heard: how tests know which words were spoken, and when."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from ari_app.cli.live.ear import in_pieces
from pbx.patience import PATIENCE_S
from pbx.tones import RATE, Samples, read_raw, read_wav

ENOUGH = 0.4
"""Share of a prompt's pieces: a machine that is busy leaves gaps in what is heard."""
AGAIN_S = 2.0
"""So much more than the prompt's length is searched again when more was heard."""


def spoken_at(heard: Samples, prompt: Path) -> float | None:
    """Second at which a prompt (8 kHz WAV) begins in mono sound; None: not there."""
    return in_pieces(heard.astype(np.float32), _sound(prompt), ENOUGH)


def wait_spoken(file: Path, prompt: Path, timeout_s: float = PATIENCE_S) -> float:
    """Wait until a prompt is in a recording that grows; the second at which it begins."""
    deadline, searched = time.monotonic() + timeout_s, 0
    again = len(_sound(prompt)) + int(AGAIN_S * RATE)
    while True:
        heard = read_raw(file)[:, 0] if file.exists() else np.zeros(0)
        begin = max(0, searched - again)
        found = spoken_at(heard[begin:], prompt)
        if found is not None:
            return begin / RATE + found
        searched = len(heard)
        assert time.monotonic() < deadline, f"{prompt.name} was not heard in {searched / RATE:.1f} s"
        time.sleep(0.2)


def _sound(prompt: Path) -> np.typing.NDArray[np.float32]:
    words: np.typing.NDArray[np.float32] = read_wav(prompt)[0][:, 0].astype(np.float32)
    return words
