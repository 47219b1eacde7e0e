"""Make the signals that are not speech: `sounds/common/beep.ogg`, after which a caller may speak.

python -m sounds.tools.tones
"""

from pathlib import Path

import numpy as np

from sounds.tools.levels import RATE, Samples, store

ROOT = Path(__file__).resolve().parents[1]


def beep(seconds: float = 0.4, hertz: float = 1000.0, dbfs: float = -18.0) -> Samples:
    """A sine at the level of speech, its edges faded over 5 ms so that nothing clicks."""
    place = np.arange(round(seconds * RATE))
    tone = 10 ** (dbfs / 20) * np.sqrt(2) * np.sin(2 * np.pi * hertz * place / RATE)
    edge = np.minimum(1.0, np.minimum(place, place[::-1]) / (0.005 * RATE))
    result: Samples = (tone * edge).astype(np.float32)
    return result


if __name__ == "__main__":
    store(ROOT / "common" / "beep.ogg", beep())
