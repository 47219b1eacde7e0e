"""Words of recordings are found on both engines, whatever their accents (M10)."""

from __future__ import annotations

import pytest

from ari_app.model.ids import CallId, ClientId, RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.model.transcript import Transcript, Word
from ari_app.ports import RecordingFilter
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from ari_app.storage.transcripts import TranscriptStore

ACME = ClientId("acme")


async def test_M10_words_are_found_whatever_their_accents_and_forgotten(
    database: Database, journal: SqlJournal
) -> None:
    store, archive = TranscriptStore(database), CallArchive(database)
    for ident in ("one", "two"):
        row = Recording(
            RecordingId(ident), CallId(ident), RecordingStatus.COMPLETE, 5.0, ACME, "a", sealed_key="k:x"
        )
        journal.put_recording(row)
    assert await journal.flush()
    assert set(await store.wanting(0.0)) == {"one", "two"}
    words = (Word("caller", 0.5, 1.0, "Olá,"), Word("operator", 1.0, 1.5, "RECLAMAÇÃO"))
    await store.put(ACME, Transcript(RecordingId("one"), "test", words, 1.0))
    assert await store.wanting(0.0) == ["two"]

    async def found(text: str) -> list[str]:
        return [one.id for one in (await archive.recordings(RecordingFilter(text=text))).items]

    for text in ("ola", "reclamacao", "Reclamação OLÁ"):
        assert await found(text) == ["one"], text
    for text in ("nada", "", "' OR 1=1 --", "*"):
        assert await found(text) == [], text
    await store.put(ACME, Transcript(RecordingId("one"), "test", words[:1], 2.0))
    assert await found("reclamacao") == []
    kept = await store.get(RecordingId("one"))
    assert kept is not None
    assert [word.text for word in kept.words] == ["Olá,"]
    await store.drop(RecordingId("one"))
    assert await found("ola") == []


@pytest.mark.parametrize("words", ["\x00", "\ud800", "a" * 10_000])
async def test_M10_no_text_breaks_the_search(database: Database, words: str) -> None:
    text = words.replace("\x00", "").encode("utf-8", "replace").decode()
    page = await CallArchive(database).recordings(RecordingFilter(text=text))
    assert page.items == ()
