"""What machines understood of recordings, and the search in it: FTS5 on SQLite, tsvector on PostgreSQL (M10).

The index is the engine's own affair and is made when it is first needed.
"""

from __future__ import annotations

import unicodedata

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, inspect, literal, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from ari_app.model.ids import ClientId, RecordingId
from ari_app.model.transcript import Transcript
from ari_app.storage import schema
from ari_app.storage.database import Database
from ari_app.storage.rows import storable

_R = schema.recordings.c
_T = schema.transcripts.c

_INDEX = {
    "sqlite": """CREATE VIRTUAL TABLE IF NOT EXISTS transcript_search
        USING fts5(recording_id UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2')""",
    "postgresql": """CREATE INDEX IF NOT EXISTS ix_transcripts_words
        ON transcripts USING gin (to_tsvector('simple', text))""",
}


def spoken(dialect: str, words: str) -> ColumnElement[bool]:
    """The condition that all these words are said in a recording; what is no word asks for nothing."""
    plain = " ".join("".join(c if c.isalnum() else " " for c in bare(words)).split())
    if dialect == "postgresql":
        found = select(_T.recording_id).where(
            text("to_tsvector('simple', transcripts.text) @@ plainto_tsquery('simple', :words)").bindparams(
                words=plain
            )
        )
        return _R.id.in_(found)
    quoted = " ".join(f'"{word}"' for word in plain.split()) or '""'
    rows = text("SELECT recording_id FROM transcript_search WHERE transcript_search MATCH :words").bindparams(
        words=quoted
    )
    return _R.id.in_(rows.columns(_T.recording_id))


def bare(words: str) -> str:
    """Without accents and in small letters: who searches types them as it comes, on either engine."""
    apart = unicodedata.normalize("NFKD", words)
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


async def prepare(engine: AsyncEngine) -> None:
    """Make the index; one that is there stays."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql(_INDEX[engine.dialect.name])


class TranscriptStore:
    """Transcripts, one per recording; writing another replaces it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, client: ClientId, transcript: Transcript) -> None:
        """Store and index."""
        await prepare(self._database.engine)
        row = {
            "recording_id": transcript.recording,
            "client_id": client,
            "model": transcript.model,
            "words": msgspec.json.encode(transcript.words).decode(),
            "text": storable(bare(transcript.text)),
            "created_at": transcript.created_at,
        }

        def write(connection: Connection) -> None:
            forget(connection, transcript.recording)
            connection.execute(insert(schema.transcripts).values(row))
            if connection.dialect.name == "sqlite":
                entry = "INSERT INTO transcript_search (recording_id, text) VALUES (?, ?)"
                connection.exec_driver_sql(entry, (transcript.recording, row["text"]))

        await self._database.in_transaction(write)

    async def get(self, recording: RecordingId) -> Transcript | None:
        """None: there is none."""
        query = select(schema.transcripts).where(_T.recording_id == recording)
        async with self._database.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        words = msgspec.json.decode(row["words"])
        return msgspec.convert(
            {"recording": recording, "model": row["model"], "words": words, "created_at": row["created_at"]},
            Transcript,
        )

    async def drop(self, recording: RecordingId) -> None:
        """With the recording its words go."""
        await self._database.in_transaction(lambda connection: forget(connection, recording))

    async def wanting(self, since: float, *, limit: int = 20) -> list[RecordingId]:
        """Whole recordings without a transcript, newest first."""
        has = select(literal(1)).where(_T.recording_id == _R.id).exists()
        query = (
            select(_R.id)
            .where(_R.started_at >= since, _R.file != "", _R.sealed_key != "", ~has)
            .order_by(_R.started_at.desc())
            .limit(limit)
        )
        async with self._database.engine.connect() as connection:
            return list((await connection.execute(query)).scalars())


def forget(connection: Connection, recording: RecordingId) -> None:
    """Leave no word of it, in the index neither."""
    connection.execute(delete(schema.transcripts).where(_T.recording_id == recording))
    if connection.dialect.name == "sqlite" and inspect(connection).has_table("transcript_search"):
        connection.exec_driver_sql("DELETE FROM transcript_search WHERE recording_id = ?", (recording,))
