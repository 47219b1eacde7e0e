"""Write down what is said in recordings: one at a time, at the lowest priority, by a local program (M10).

The program gets one channel as a WAV file on its standard input and gives a JSON list: `[{"start_s": 1.2,
"end_s": 1.5, "text": "good", "sure": 0.9}]`. What was said in pauses is cut out before it gets anything, and
no plain audio touches the disk. Nothing is sent anywhere.
"""

from __future__ import annotations

import asyncio
import io
import shlex
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import soundfile
import structlog

from ari_app.model.facts import RecordingAlarm
from ari_app.model.ids import ClientId, RecordingId
from ari_app.model.recording import Pause, Recording
from ari_app.model.transcript import Transcript, Word
from ari_app.ports import AudioDamaged, Clock, Journal, RecordingAudio, RecordingBook, Stamped
from ari_app.recordings.audio import HEADER_BYTES, RATE_HZ
from ari_app.recordings.prompts import run
from ari_app.recordings.vault import StoreUnreachable

log = structlog.get_logger()

LOOK_S = 30.0
BACK_S = 7 * 86_400.0
"""Recordings older than this are not begun any more."""
MANY = 500
LEAST_S = 120.0
PER_SECOND = 6.0
"""A program that needs longer than this for a second of audio hangs."""
TRIES = 3
SHORTEST_S = 0.2
"""Between two pauses: less is no word."""
CHANNELS: tuple[Literal["caller", "operator"], ...] = ("caller", "operator")

Samples = npt.NDArray[np.int16]
Span = tuple[int, int]
"""From one frame up to, not including, another."""


class Heard(msgspec.Struct, frozen=True):
    """A line of the program's answer."""

    start_s: float
    end_s: float
    text: str
    sure: float = 1.0


class NotTranscribed(Exception):  # noqa: N818 - told and tried again
    """The program did not do it; the text says what it did."""


class Store(Protocol):
    """Where transcripts are kept."""

    async def put(self, client: ClientId, transcript: Transcript) -> None: ...
    async def wanting(self, since: float, *, limit: int = 20) -> list[RecordingId]: ...


Wanted = Callable[[Recording], Awaitable[str | None]]
"""The language that is spoken in a recording; None: its policy does not want it transcribed."""


class Program:
    """The engine: any program; `{language}` in its words stands for the language. No shell is involved."""

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)
        self.name = self._words[0].rsplit("/", 1)[-1] if self._words else ""

    @property
    def configured(self) -> bool:
        return bool(self._words)

    async def write_down(self, samples: Samples, language: str) -> list[Heard]:
        """What one channel says. Raises `NotTranscribed`."""
        sound = io.BytesIO()
        soundfile.write(sound, samples, RATE_HZ, format="WAV", subtype="PCM_16")
        words = ["nice", "-n", "19", *(word.replace("{language}", language) for word in self._words)]
        patience_s = LEAST_S + PER_SECOND * len(samples) / RATE_HZ
        said = await run(words, sound.getvalue(), patience_s)
        if not said.rstrip().endswith(b"]"):
            raise NotTranscribed("it crashed, took too long, or gave no list")
        try:
            return msgspec.json.decode(said, type=list[Heard])
        except msgspec.MsgspecError as error:
            raise NotTranscribed(f"it gave something else than a list of words: {error}") from error


class Transcribing:
    """Looks for recordings that are to be transcribed, and does them one after another."""

    def __init__(
        self,
        *,
        program: Program,
        store: Store,
        book: RecordingBook,
        audio: RecordingAudio,
        wanted: Wanted,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._program = program
        self._store = store
        self._book = book
        self._audio = audio
        self._wanted = wanted
        self._journal = journal
        self._clock = clock
        self._left: set[RecordingId] = set()
        """Not wanted, or given up in this life."""
        self._tries: dict[RecordingId, int] = {}

    async def run(self) -> None:
        """Until cancelled; without a program there is nothing to do."""
        if not self._program.configured:
            return
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - store or database away: later
                log.warning("transcript.not_now", error=f"{type(error).__name__}: {error}"[:300])
            await asyncio.sleep(LOOK_S)

    async def look(self) -> int:
        """Do what there is now; gives how many were written."""
        written = 0
        idents = await self._store.wanting(self._clock.now() - BACK_S, limit=MANY)
        for ident in idents:
            recording = await self._book.find(ident) if ident not in self._left else None
            language = await self._wanted(recording) if recording is not None else None
            if recording is None or language is None:
                self._left.add(ident)
                continue
            try:
                words = await self.transcribe(recording, language)
            except (NotTranscribed, AudioDamaged, StoreUnreachable, EOFError) as error:
                self._failed(recording, error)
                continue
            still = await self._book.find(ident)
            if still is not None and still.deleted_at is None:  # erased meanwhile: no word of it stays
                now = self._clock.now()
                await self._store.put(recording.client, Transcript(ident, self._program.name, words, now))
                written += 1
        self._left &= set(idents)
        return written

    async def transcribe(self, recording: Recording, language: str) -> tuple[Word, ...]:
        """The words of both channels in time's order. Raises `NotTranscribed`, `AudioDamaged`."""
        info = await self._audio.describe(recording)
        if info is None:
            raise NotTranscribed("there is no audio")
        data = b"".join([piece async for piece in self._audio.read(recording, HEADER_BYTES, info.size)])
        both = np.frombuffer(data[: len(data) // 4 * 4], "<i2").reshape(-1, 2)
        spans = spoken_spans(len(both), recording.pauses)
        words: list[Word] = []
        for side, channel in enumerate(CHANNELS):
            if spans:
                joined = np.concatenate([both[first:until, side] for first, until in spans])
                heard = await self._program.write_down(joined, language)
                words += [word for one in heard if (word := _placed(one, spans, channel)) is not None]
        return tuple(sorted(words, key=lambda word: (word.start_s, word.channel)))

    def _failed(self, recording: Recording, error: Exception) -> None:
        tries = self._tries[recording.id] = self._tries.get(recording.id, 0) + 1
        log.warning("transcript.failed", recording=recording.id, tries=tries, error=str(error)[:300])
        if tries < TRIES:
            return
        self._left.add(recording.id)
        fact = RecordingAlarm("not_transcribed", f"{recording.id}: {error}"[:500])
        self._journal.put_facts([Stamped(self._clock.now(), fact, recording.call, recording.client)])


def spoken_spans(frames: int, pauses: Sequence[Pause]) -> list[Span]:
    """What lies outside the pauses."""
    spans: list[Span] = []
    first = 0
    for pause in sorted(pauses, key=lambda pause: pause.start_s):
        begin = min(frames, int(pause.start_s * RATE_HZ))
        if begin - first >= SHORTEST_S * RATE_HZ:
            spans.append((first, begin))
        end = frames if pause.end_s is None else min(frames, int(pause.end_s * RATE_HZ))
        first = max(first, end)
    if frames - first >= SHORTEST_S * RATE_HZ:
        spans.append((first, frames))
    return spans


def _placed(heard: Heard, spans: Sequence[Span], channel: Literal["caller", "operator"]) -> Word | None:
    """A word at its place in the recording: the program heard the spans as one."""
    if not heard.text.strip():
        return None
    place, before = max(0, round(heard.start_s * RATE_HZ)), 0
    for first, until in spans:
        if place < before + until - first:
            start = first + place - before
            length = max(0, round((heard.end_s - heard.start_s) * RATE_HZ))
            end = min(until, start + length)
            return Word(channel, start / RATE_HZ, end / RATE_HZ, heard.text.strip(), heard.sure)
        before += until - first
    return None
