"""What a machine understood of a recording, word by word (M10)."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import RecordingId


class Word(msgspec.Struct, frozen=True):
    """One word, in seconds from the recording's start."""

    channel: Literal["caller", "operator"]
    start_s: float
    end_s: float
    text: str
    sure: float = 1.0
    """How sure the machine is, 0 to 1."""


class Transcript(msgspec.Struct, frozen=True):
    """The words of both channels in time's order; card-data pauses are not in it."""

    recording: RecordingId
    model: str
    words: tuple[Word, ...]
    created_at: float

    @property
    def text(self) -> str:
        """For the search."""
        return " ".join(word.text.strip() for word in self.words)
