"""Prompts as admins make them: uploaded, spoken by a voice, or recorded by phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.rehearsal import Rehearsal
from ari_app.calls.rehearsal_office import RehearsalOffice
from ari_app.flow.book import FlowBook
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Problems
from ari_app.flow.scenario.world import World
from ari_app.model.commands import KeepMessage
from ari_app.model.ids import ClientId, FlowId, Language
from ari_app.model.signals import CallArrived
from ari_app.ports import (
    Clock,
    IllegalTransition,
    Outcome,
    PromptMade,
    Refusal,
    RehearsalPlan,
    VoiceSpool,
)
from ari_app.recordings.prompts import PREFIX, OwnPrompt, PromptLibrary, Voice

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

AGAIN_S, TRIES = 0.25, 20
"""A recording is there a moment after its end."""
_RECORDER = """
flow: record-prompt
language: {language}
start: speak
nodes:
  speak:
    type: voicemail
    prompt: voicemail/after-beep
    queue: {queue}
    max_s: 120
    saved_prompt: goodbye/short
    next: end
"""


class PromptDesk:
    """Implements `ports.PromptOffice`."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that prompts come from
        self,
        library: PromptLibrary,
        voice: Voice,
        shelf: FlowShelf,
        rehearsals: RehearsalOffice,
        spool: VoiceSpool,
        clock: Clock,
        shipped: Callable[[], Mapping[str, Collection[str]]],
        sounds: Path,
        beside: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        """`shipped` tells the product's own prompts by language, `sounds` is where they lie; `beside` runs
        what must not raise.
        """
        self._beside = beside
        self._library = library
        self._voice = voice
        self._shelf = shelf
        self._rehearsals = rehearsals
        self._spool = spool
        self._clock = clock
        self._shipped = shipped
        self._sounds = sounds

    def prompts(self, client: ClientId | None) -> list[dict[str, Any]]:
        """Own prompts with who uses them, and the names of the product's."""
        own = [self._view(prompt) for prompt in self._library.all(client)]
        taken = {(each["name"], each["language"]) for each in own}
        shipped = [
            {"name": name, "language": language, "own": False, "used_by": self._users(name)}
            for language, names in self._shipped().items()
            for name in sorted(names)
            if (name, language) not in taken and not name.startswith(PREFIX)
        ]
        return [*own, *shipped]

    async def upload(self, made: PromptMade, data: bytes) -> dict[str, Any]:
        return await self._put(made, "upload", data)

    async def speak(self, made: PromptMade) -> dict[str, Any]:
        if not made.text.strip():
            raise Refusal("there is no text to be spoken")
        return await self._put(made, "voice", await self._voice.speak(made.text, made.language))

    async def record(self, made: PromptMade, phone: str) -> dict[str, Any]:
        """Call a phone; what is said after the beep, and kept with key 1, becomes the prompt."""
        self._library.check(made.client, made.language, made.name)
        site, file = self._shelf.book.site, "record-prompt.yaml"
        text = _RECORDER.format(language=made.language, queue=site.default_queue)
        flow = parse_flow(text, file, Problems(file))
        if flow is None:
            raise Refusal(f"no language {made.language}")
        book = FlowBook.of([flow], site)
        arrived = CallArrived(called="", caller="", client=made.client, language=Language(made.language))
        rehearsal = Rehearsal(book, FlowId(flow.id), arrived, World())

        async def keep(session: Session, command: KeepMessage) -> None:
            self._beside(self._fetch(made, session.own_id(command.name)))

        rehearsal.keep = keep
        await self._rehearsals.place(rehearsal, RehearsalPlan(flow=flow.id, call=phone))
        return rehearsal.view(0)

    def audio(self, client: ClientId, language: str, name: str) -> Path:
        """Its file; that of the product's prompt where that is named. Raises `NotFound`."""
        if name in self._shipped().get(language, ()) and not name.startswith(PREFIX):
            return self._sounds / language / f"{name}.ogg"
        return self._library.audio(self._library.find(client, language, name))

    def delete(self, client: ClientId, language: str, name: str) -> None:
        """Raises `NotFound`, `IllegalTransition` while a live flow uses it."""
        prompt = self._library.find(client, language, name)
        users = self._users(PREFIX + name)
        if users and prompt.client == "default":
            raise IllegalTransition(f"{PREFIX}{name} is in use by {', '.join(users)}")
        self._library.delete(prompt)
        log.info("prompt.deleted", name=name, language=language)

    async def _put(self, made: PromptMade, source: Any, data: bytes) -> dict[str, Any]:
        prompt = OwnPrompt(
            name=made.name,
            language=made.language,
            client=made.client,
            text=made.text,
            source=source,
            at=self._clock.now(),
            by=made.by,
        )
        done = await self._library.put(prompt, data)
        log.info("prompt.kept", name=made.name, language=made.language, source=source)
        return self._view(done)

    async def _fetch(self, made: PromptMade, source: str) -> None:
        """Bring the recording home; what cannot be used is told in the log and changes nothing."""
        pieces: list[bytes] = []
        for _ in range(TRIES):
            pieces.clear()
            outcome = await self._spool.fetch(source, pieces.append)
            if outcome is Outcome.DONE:
                break
            await asyncio.sleep(AGAIN_S)
        try:
            await self._put(made, "phone", b"".join(pieces))
        except Refusal as problem:
            log.warning("prompt.not_recorded", name=made.name, error=str(problem))
        await self._spool.delete(source)

    def _view(self, prompt: OwnPrompt) -> dict[str, Any]:
        return {
            "name": PREFIX + prompt.name,
            "language": prompt.language,
            "own": True,
            "client": prompt.client,
            "text": prompt.text,
            "source": prompt.source,
            "duration_s": prompt.duration_s,
            "sha256": prompt.sha256,
            "made_at": prompt.at,
            "made_by": prompt.by,
            "used_by": self._users(PREFIX + prompt.name),
        }

    def _users(self, name: str) -> list[str]:
        """Live flows that name a prompt."""
        book = self._shelf.book
        flows = (book.flow(flow) for flow in sorted(book.current))
        return [str(flow.id) for flow in flows if flow is not None and name in flow.prompts]
