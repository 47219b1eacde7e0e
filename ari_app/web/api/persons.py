"""`/persons`: everything about one number as an archive, or erased (M9)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta

from ari_app.model.ids import CallId, ClientId
from ari_app.model.person import Person
from ari_app.model.work import WorkItem
from ari_app.ports import Audible, AudioDamaged, IllegalTransition, RecordingAudio
from ari_app.web.archive import Entry, once, zipped
from ari_app.web.route import ADMINS, Ask, Route
from ari_app.web.stores import Withdrawals

Number = Annotated[str, Meta(pattern=r"^\+?[0-9]{3,15}\Z")]


class Persons(Protocol):
    """Persons in the store."""

    async def find(self, number: str, client: ClientId | None = None) -> Person: ...

    async def erase(self, person: Person, kept: Collection[CallId]) -> None: ...


class ExportIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose."""

    number: Number


class EraseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose, and why."""

    number: Number
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class ErasedOut(msgspec.Struct, frozen=True):
    """What was erased; calls whose recording is on legal hold are `kept` until that ends."""

    calls: int
    recordings: int
    messages: int
    cases: int
    callbacks: int
    kept: list[str]


@dataclass(frozen=True, slots=True)
class PersonsApi:
    """`drop_message` removes the audio of a work item."""

    persons: Persons
    deletion: Withdrawals
    audio: RecordingAudio
    messages: RecordingAudio
    drop_message: Callable[[WorkItem], Awaitable[None]]

    def routes(self) -> list[Route]:
        return [
            Route(
                "POST",
                "/persons/export",
                self.export,
                "Everything about one number: a ZIP archive with records and audio",
                ADMINS,
                body=ExportIn,
                media_type="application/zip",
                timeout_s=None,
            ),
            Route(
                "POST",
                "/persons/erase",
                self.erase,
                "Erase everything about one number; what legal hold keeps is told",
                ADMINS,
                body=EraseIn,
                answer=ErasedOut,
                problems=(409,),
                timeout_s=None,
            ),
        ]

    async def export(self, ask: Ask) -> web.StreamResponse:
        person = await self.persons.find(ask.body.number, ask.principal.client)
        response = web.StreamResponse(headers={"Cache-Control": "private, no-store"})
        response.content_type = "application/zip"
        response.headers["Content-Disposition"] = 'attachment; filename="person.zip"'
        await ask.record(200)
        await response.prepare(ask.request)
        entries: list[Entry] = [("person.json", once(msgspec.json.format(msgspec.json.encode(person))))]
        entries += [
            (f"recordings/{recording.id}.wav", self._heard(self.audio, recording))
            for recording in person.recordings
            if recording.file
        ]
        entries += [
            (f"messages/{item.id}.wav", self._heard(self.messages, item))
            for item in person.items
            if item.file
        ]
        async for piece in zipped(entries, ask.now):
            await response.write(piece)
        await response.write_eof()
        return response

    async def _heard(self, audio: RecordingAudio, thing: Audible) -> AsyncIterator[bytes]:
        """A file that is gone or damaged leaves an empty entry: the records tell of it."""
        try:
            info = await audio.describe(thing)
        except AudioDamaged:
            return
        if info is not None:
            async for piece in audio.read(thing, 0, info.size):
                yield piece

    async def erase(self, ask: Ask) -> ErasedOut:
        person = await self.persons.find(ask.body.number, ask.principal.client)
        live = [call.id for call in person.calls if call.final_state is None]
        if live:
            raise IllegalTransition(f"call {live[0]} is going on: erase when it is over")
        kept = {recording.call for recording in person.recordings if recording.hold}
        for recording in person.recordings:
            if recording.call not in kept:
                why = f"erased: {ask.body.reason}"
                await self.deletion.delete(recording.id, why=why, by=ask.principal.name)
        for call in person.calls:
            if call.id not in kept:  # it may be over, and its recording on its way
                await self.deletion.delete_of_call(
                    call.id, why=f"erased: {ask.body.reason}", by=ask.principal.name
                )
        gone = [item for item in person.items if item.call not in kept]
        for item in gone:
            await self.drop_message(item)
        await self.persons.erase(person, kept)
        return ErasedOut(
            calls=sum(call.id not in kept for call in person.calls),
            recordings=sum(recording.call not in kept for recording in person.recordings),
            messages=len(gone),
            cases=len(person.cases),
            callbacks=len(person.callbacks),
            kept=sorted(kept),
        )
