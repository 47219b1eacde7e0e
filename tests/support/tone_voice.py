"""A voice that says every text as one tone: what a text-to-speech program is to `RAMAL_VOICE`.

Run as `python -m tests.support.tone_voice {language}`: text on standard input, sound on standard output.
"""

from __future__ import annotations

import sys

from tests.support.tones import tone_bytes

VOICE_HZ = 980.0


def main() -> None:
    """The text must have words, as it must for a voice."""
    if sys.stdin.buffer.read().strip():
        sys.stdout.buffer.write(tone_bytes(VOICE_HZ))


if __name__ == "__main__":
    main()
