"""`/prompts`: the admins' own prompts, made by upload, by voice, by phone; and names of those that ship."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from ari_app.model.ids import DEFAULT_CLIENT, ClientId
from ari_app.ports import NotFound, PromptMade, PromptOffice
from ari_app.web.api.inputs import Key
from ari_app.web.route import ADMINS, STAFF, Ask, Route
from ari_app.web.views import Listing, with_times

_LIMIT = 28 * 1024 * 1024
"""20 MB of sound, written as base64."""
Words = Annotated[str, Meta(max_length=2000)]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9]{2,15}\Z", max_length=16)]
_ONE = "/prompts/{language}/{name}"
_TYPES = {".ogg": "audio/ogg"}
"""What is not a WAV file: those that ship."""
Made = dict[str, Any]


class ClientQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose prompt; none: the installation's own."""

    client: Key | None = None


class UploadIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sound file (WAV, FLAC, OGG, Opus, MP3, AIFF; 180 s at most), and what it says."""

    audio: bytes
    text: Words = ""
    client: Key | None = None


class SpeakIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the configured voice shall say."""

    text: Words
    client: Key | None = None


class RecordIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phone that is called to be spoken into."""

    phone: Phone
    text: Words = ""
    client: Key | None = None


@dataclass(frozen=True, slots=True)
class PromptsApi:
    """Prompts are the installation's, or a client's, which is then heard instead on that client's calls."""

    office: PromptOffice

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/prompts",
                self.prompts,
                "Prompts",
                STAFF,
                query=ClientQuery,
                answer=Listing[Made],
                installation=True,
            ),
            self._making(
                "PUT", "", self.upload, "Make or replace a prompt from a sound file", UploadIn, 90.0
            ),
            self._making(
                "POST", "/speak", self.speak, "Make or replace a prompt by the voice", SpeakIn, 150.0
            ),
            self._making(
                "POST", "/record", self.record, "Make or replace a prompt by a called phone", RecordIn, 15.0
            ),
            Route(
                "GET",
                f"{_ONE}/audio",
                self.audio,
                "A prompt's sound",
                STAFF,
                query=ClientQuery,
                media_type="audio/wav",
                installation=True,
                problems=(404,),
            ),
            Route(
                "DELETE",
                _ONE,
                self.delete,
                "Delete a prompt that no live flow uses",
                ADMINS,
                query=ClientQuery,
                installation=True,
                problems=(404, 409),
            ),
        ]

    @staticmethod
    def _making(method: Any, below: str, handler: Any, summary: str, body: Any, timeout_s: float) -> Route:
        return Route(
            method,
            _ONE + below,
            handler,
            summary,
            ADMINS,
            body=body,
            answer=Made,
            installation=True,
            limit_bytes=_LIMIT,
            timeout_s=timeout_s,
            problems=(409,),
        )

    async def prompts(self, ask: Ask) -> Listing[Made]:
        client: str | None = ask.query.client
        return Listing(with_times(self.office.prompts(None if client is None else ClientId(client))))

    async def upload(self, ask: Ask) -> Any:
        body: UploadIn = ask.body
        return with_times(await self.office.upload(_made(ask, body.client, body.text), body.audio))

    async def speak(self, ask: Ask) -> Any:
        body: SpeakIn = ask.body
        return with_times(await self.office.speak(_made(ask, body.client, body.text)))

    async def record(self, ask: Ask) -> Any:
        body: RecordIn = ask.body
        return await self.office.record(_made(ask, body.client, body.text), body.phone)

    async def audio(self, ask: Ask) -> web.Response:
        client = ClientId(ask.query.client or DEFAULT_CLIENT)
        path = self.office.audio(client, ask.path["language"], ask.path["name"])
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise NotFound(f"prompt {ask.path['name']} has no sound (any more)") from None
        return web.Response(body=data, content_type=_TYPES.get(path.suffix, "audio/wav"))

    async def delete(self, ask: Ask) -> None:
        client = ClientId(ask.query.client or DEFAULT_CLIENT)
        self.office.delete(client, ask.path["language"], ask.path["name"])


def _made(ask: Ask, client: str | None, text: str) -> PromptMade:
    name, language = ask.path["name"], ask.path["language"]
    return PromptMade(name, language, ClientId(client or DEFAULT_CLIENT), ask.principal.name, text)
