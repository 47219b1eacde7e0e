"""What is done to stored recordings: notes, legal hold, deletion, checks, links, keys (M6 to M8)."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta

from ari_app.model.account import AuditEntry
from ari_app.model.ids import RecordingId
from ari_app.model.listening import RecordingNote
from ari_app.model.recording import Recording
from ari_app.model.transcript import Transcript
from ari_app.ports import NotFound, RecordingAudio
from ari_app.web.api.inputs import Note
from ari_app.web.api.recordings import visible
from ari_app.web.audio import send_audio
from ari_app.web.route import ADMINS, ANYBODY, LEADERS, READERS, STAFF, Ask, Route
from ari_app.web.stores import Audit, Recordings, Withdrawals
from ari_app.web.views import Listing, RecordingOut, Time, recording_out, rfc3339

LINK = "audio link"


class Care(Protocol):
    """Notes and holds in the store."""

    async def set_hold(self, ident: RecordingId, why: str) -> None: ...


class Notes(Protocol):
    """Notes in the store."""

    async def add_note(self, note: RecordingNote) -> None: ...

    async def notes(self, recording: RecordingId) -> list[RecordingNote]: ...

    async def drop_note(self, recording: RecordingId, ident: str) -> bool: ...


class Transcripts(Protocol):
    """Transcripts in the store."""

    async def get(self, recording: RecordingId) -> Transcript | None: ...


class Checks(Protocol):
    """Who reads whole files and compares."""

    async def verify(self, recording: Recording) -> str: ...


class Keys(Protocol):
    """Who seals everything anew."""

    async def rotate(self) -> tuple[str, int]: ...


class Sealer(Protocol):
    """Makes texts that only we can read and make."""

    def seal(self, owner: str, secret: str) -> bytes: ...

    def open(self, owner: str, sealed: bytes) -> str:
        """Raises `ValueError`."""
        ...


class NoteIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A remark at a second."""

    at_s: Annotated[float, Meta(ge=0, le=86_400)]
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class NoteOut(msgspec.Struct, frozen=True):
    """A remark at a second."""

    id: str
    at_s: float
    text: str
    by: str
    created_at: Time


class HoldIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it must be kept; null lets it go."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)] | None


class DeleteQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the tombstone."""

    reason: Note = "deleted by hand"


class LinkIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the link is good."""

    lasts_s: Annotated[float, Meta(ge=1, le=86_400)] = 600.0


class LinkOut(msgspec.Struct, frozen=True):
    """Whoever has the link hears the recording, until it expires; each time is audited."""

    url: str
    expires_at: Time


class CheckOut(msgspec.Struct, frozen=True):
    """Whether the stored file is the one that was made."""

    ok: bool
    detail: str


class RotationOut(msgspec.Struct, frozen=True):
    """The key that seals from now on, and how many recordings were sealed anew."""

    key: str
    recordings: int


class WordOut(msgspec.Struct, frozen=True):
    """One word that was said."""

    channel: str
    start_s: float
    end_s: float
    text: str
    sure: float


class TranscriptOut(msgspec.Struct, frozen=True):
    """What a machine understood."""

    model: str
    created_at: Time
    words: list[WordOut]


@dataclass(frozen=True, slots=True)
class RecordingCareApi:
    """Stored recordings, one by one."""

    archive: Recordings
    care: Care
    notes: Notes
    transcripts: Transcripts
    deletion: Withdrawals
    checks: Checks
    keys: Keys
    audio: RecordingAudio
    sealer: Sealer
    audit: Audit

    def routes(self) -> list[Route]:
        one, gone = "/recordings/{id}", (404,)
        return [
            Route(
                "GET",
                f"{one}/notes",
                self.all_notes,
                "Notes, in the recording's order",
                READERS,
                answer=Listing[NoteOut],
                problems=gone,
            ),
            Route(
                "POST",
                f"{one}/notes",
                self.add_note,
                "Write at a second",
                STAFF,
                body=NoteIn,
                answer=NoteOut,
                status=201,
                problems=gone,
            ),
            Route("DELETE", f"{one}/notes/{{note}}", self.drop_note, "Delete a note", LEADERS, problems=gone),
            Route(
                "GET",
                f"{one}/transcript",
                self.transcript,
                "What was said, word by word",
                READERS,
                answer=TranscriptOut,
                problems=gone,
                audited=True,
            ),
            Route(
                "PUT",
                f"{one}/hold",
                self.hold,
                "Keep it whatever retention and people say, or let it go",
                ADMINS,
                body=HoldIn,
                answer=RecordingOut,
                problems=gone,
            ),
            Route(
                "DELETE",
                one,
                self.delete,
                "Delete for good; a tombstone stays",
                ADMINS,
                query=DeleteQuery,
                problems=(404, 409),
            ),
            Route(
                "POST",
                f"{one}/verify",
                self.verify,
                "Read the whole file and compare its hash",
                STAFF,
                answer=CheckOut,
                problems=gone,
                timeout_s=120.0,
            ),
            Route(
                "POST",
                f"{one}/link",
                self.link,
                "A link to the audio that expires",
                LEADERS,
                body=LinkIn,
                body_optional=True,
                answer=LinkOut,
                problems=gone,
            ),
            Route(
                "GET",
                "/audio-links/{token}",
                self.follow,
                "The audio behind a link; byte ranges are served",
                ANYBODY,
                media_type="audio/wav",
                problems=(404, 409, 416),
                timeout_s=None,
            ),
            Route(
                "POST",
                "/recording-keys/rotate",
                self.rotate,
                "A new key for all recordings",
                ADMINS,
                answer=RotationOut,
                installation=True,
                timeout_s=None,
            ),
        ]

    async def all_notes(self, ask: Ask) -> Listing[NoteOut]:
        recording = await visible(self.archive, ask)
        return Listing([_note_out(note) for note in await self.notes.notes(recording.id)])

    async def add_note(self, ask: Ask) -> NoteOut:
        recording, body = await visible(self.archive, ask), ask.body
        note = RecordingNote(
            secrets.token_hex(8),
            recording.id,
            body.at_s,
            body.text,
            ask.principal.name,
            ask.now,
            recording.client,
        )
        await self.notes.add_note(note)
        return _note_out(note)

    async def drop_note(self, ask: Ask) -> None:
        recording = await visible(self.archive, ask)
        if not await self.notes.drop_note(recording.id, ask.path["note"]):
            raise NotFound(f"recording {recording.id} has no such note")

    async def transcript(self, ask: Ask) -> TranscriptOut:
        recording = await visible(self.archive, ask)
        found = await self.transcripts.get(recording.id)
        if found is None:
            raise NotFound(f"recording {recording.id} is not transcribed")
        words = [WordOut(w.channel, w.start_s, w.end_s, w.text, w.sure) for w in found.words]
        return TranscriptOut(found.model, rfc3339(found.created_at), words)

    async def hold(self, ask: Ask) -> RecordingOut:
        recording = await visible(self.archive, ask)
        await self.care.set_hold(recording.id, ask.body.reason or "")
        return recording_out(await visible(self.archive, ask))

    async def delete(self, ask: Ask) -> None:
        recording = await visible(self.archive, ask)
        await self.deletion.delete(recording.id, why=ask.query.reason, by=ask.principal.name)

    async def verify(self, ask: Ask) -> CheckOut:
        detail = await self.checks.verify(await visible(self.archive, ask))
        return CheckOut(not detail, detail)

    async def rotate(self, ask: Ask) -> RotationOut:
        del ask
        return RotationOut(*await self.keys.rotate())

    async def link(self, ask: Ask) -> LinkOut:
        recording = await visible(self.archive, ask)
        expires = ask.now + ask.body.lasts_s
        text = f"{expires:.0f} {recording.id} {ask.principal.name}"
        token = base64.urlsafe_b64encode(self.sealer.seal(LINK, text)).decode().rstrip("=")
        return LinkOut(f"/api/v1/audio-links/{token}", rfc3339(expires))

    async def follow(self, ask: Ask) -> web.StreamResponse:
        expires, ident, who = self._read(ask.path["token"])
        recording = await self.archive.recording(RecordingId(ident))
        if ask.now >= expires or recording is None:
            raise NotFound("This link has expired, or is none of ours.")
        audited = replace(ask, record=self._recorder(ask, recording, who))
        return await send_audio(audited, self.audio, recording)

    def _read(self, token: str) -> tuple[float, str, str]:
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            expires, ident, who = self.sealer.open(LINK, sealed).split(" ", 2)
            return float(expires), ident, who
        except (binascii.Error, ValueError) as error:
            raise NotFound("This link has expired, or is none of ours.") from error

    def _recorder(self, ask: Ask, recording: Recording, who: str) -> Callable[[int], Awaitable[None]]:
        async def record(status: int) -> None:
            await self.audit.append(
                AuditEntry(
                    at=ask.now,
                    who=f"link of {who}",
                    role="anonymous",
                    address=ask.request.remote or "",
                    action="get_audio-links_one",
                    target=recording.id,
                    status=status,
                    detail={},
                    client=recording.client,
                )
            )

        return record


def _note_out(note: RecordingNote) -> NoteOut:
    return NoteOut(note.id, note.at_s, note.text, note.by, rfc3339(note.created_at))
