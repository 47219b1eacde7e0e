"""Transcripts: per channel, with times, searchable, without what was said in pauses; off by default (M10)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ari_app.model.ids import RecordingId
from ari_app.model.recording import Pause, PolicyBook, Recording, RecordingPolicy
from ari_app.ports import RecordingFilter
from ari_app.recordings.transcribing import Program, Transcribing, spoken_spans
from ari_app.storage.transcripts import TranscriptStore
from tests.support.recordings import Kit, tones

TONES = f"{sys.executable} {Path(__file__).parents[2] / 'support' / 'tone_words.py'} {{language}}"


def transcribing(kit: Kit, program: str = TONES, language: str | None = "pt-BR") -> Transcribing:
    async def wanted(_: Recording) -> str | None:
        return language

    return Transcribing(
        program=Program(program),
        store=TranscriptStore(kit.database),
        book=kit.store,
        audio=kit.audio,
        wanted=wanted,
        journal=kit.journal,
        clock=kit.clock,
    )


async def found(kit: Kit, text: str) -> list[str]:
    return [one.id for one in (await kit.archive.recordings(RecordingFilter(text=text))).items]


async def test_M10_each_channel_is_written_down_with_times_and_found_by_its_words(kit: Kit) -> None:
    await kit.given_stored("call-1", tones(1.0, 440, 850) + tones(1.0, 600, 850))
    await kit.given_stored("call-2", tones(1.0, 500, 900))
    assert await transcribing(kit).look() == 2
    transcript = await TranscriptStore(kit.database).get(RecordingId("call-1"))
    assert transcript is not None
    words = [
        (word.channel, round(word.start_s, 1), round(word.end_s, 1), word.text) for word in transcript.words
    ]
    assert words == [
        ("caller", 0.0, 1.0, "tone440"),
        ("operator", 0.0, 2.0, "tone850"),
        ("caller", 1.0, 2.0, "tone600"),
    ]
    assert await found(kit, "tone850 tone600") == ["call-1"]
    assert await found(kit, "tone900") == ["call-2"]
    assert await transcribing(kit).look() == 0, "once each"
    await kit.keeping.delete(RecordingId("call-1"), why="test", by="test")
    assert await found(kit, "tone600") == []


async def test_M10_what_was_said_in_a_pause_never_reaches_the_program(kit: Kit) -> None:
    """Even where the audio holds it: here nobody muted anything."""
    audio = tones(1.0, 440, 850) + tones(1.0, 1150, 1250) + tones(1.0, 600, 700)
    await kit.given_stored("call-1", audio, pauses=(Pause(1.0, 2.0, "1001"),))
    await transcribing(kit).look()
    transcript = await TranscriptStore(kit.database).get(RecordingId("call-1"))
    assert transcript is not None
    assert [(word.text, round(word.start_s, 1), round(word.end_s, 1)) for word in transcript.words] == [
        ("tone440", 0.0, 1.0),
        ("tone850", 0.0, 1.0),
        ("tone600", 2.0, 3.0),
        ("tone700", 2.0, 3.0),
    ]


async def test_M10_off_by_default_and_only_what_the_policy_wants(kit: Kit) -> None:
    await kit.given_stored("call-1")
    await transcribing(kit, program="").run()  # ends at once: there is nothing to do
    assert await transcribing(kit, language=None).look() == 0
    assert not RecordingPolicy().transcribe
    book = PolicyBook(
        queues={"sales": RecordingPolicy(transcribe=True, source="queue sales")},
        campaigns={"c1": RecordingPolicy("never", source="campaign c1")},
    )
    known = book.of_source("queue sales")
    assert known is not None
    assert known.transcribe
    assert book.of_source("queue gone") is None
    assert book.policy(direction="outbound", client="a", queue="sales", campaign="c1").mode == "never"


@pytest.mark.parametrize(
    "program",
    [
        "/nowhere/whisper",
        f"{sys.executable} -c 'raise SystemExit(1)'",
        f"{sys.executable} -c 'print(1)'",
        f"{sys.executable} -c 'print([1])'",
    ],
)
async def test_M10_a_program_that_fails_is_told_after_three_tries_and_stops_no_other(
    kit: Kit, program: str
) -> None:
    await kit.given_stored("call-1")
    work = transcribing(kit, program)
    for _ in range(5):
        assert await work.look() == 0
    assert await kit.journal.flush()
    facts = await kit.archive.facts_after(0, kinds={"RecordingAlarm"})
    assert [fact.body["kind"] for fact in facts] == ["not_transcribed"]


@pytest.mark.parametrize(
    ("pauses", "spans"),
    [
        ((), [(0, 80_000)]),
        ((Pause(0.0, 10.0, "a"),), []),
        ((Pause(2.0, 4.0, "a"), Pause(3.0, 5.0, "b")), [(0, 16_000), (40_000, 80_000)]),
        ((Pause(9.0, None, "a"),), [(0, 72_000)]),
        ((Pause(1.0, 2.0, "a"), Pause(2.1, 99.0, "a")), [(0, 8_000)]),
    ],
)
def test_M10_spans_between_pauses(pauses: tuple[Pause, ...], spans: list[tuple[int, int]]) -> None:
    assert spoken_spans(80_000, pauses) == spans
    kept = np.zeros(80_000, bool)
    for first, until in spans:
        kept[first:until] = True
    for pause in pauses:
        end = 80_000 if pause.end_s is None else int(pause.end_s * 8000)
        assert not kept[int(pause.start_s * 8000) : end].any()
