"""Flows, their rehearsals and their prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import msgspec

from ari_app.model.ids import (
    ClientId,
)


class ScenarioOffice(Protocol):
    """The scenarios of flows, run in virtual time."""

    async def text(self, flow: str) -> str: ...

    async def run(self, flow: str, source: str | None, scenarios: str | None) -> dict[str, Any]:
        """Results, problems, coverage. Raises `NotFound`, `FlowRefused` for a draft with errors."""
        ...


class FlowOffice(Protocol):
    """Call flows as admins own them: check, publish, roll back."""

    def flows(self) -> list[dict[str, Any]]:
        """Each flow: `id`, `version`, `published_at`, `published_by`, `nodes`, `problems`."""
        ...

    def versions(self, flow: str) -> list[dict[str, Any]] | None:
        """Newest first: `version`, `published_at`, `published_by`, `current`; None: no such flow."""
        ...

    def source(self, flow: str, version: str | None) -> str | None: ...

    def check(self, name: str, text: str) -> list[dict[str, Any]]:
        """Problems of a text: `severity`, `file`, `line`, `column`, `node`, `code`, `message`, `hint`."""
        ...

    async def publish(self, flow: str, text: str, *, by: str, base: str | None = None) -> dict[str, Any]:
        """Make a text the live version. Raises `FlowRefused` with the problems; then nothing changed.

        `base`: the version that the author began from. Another one is live by now: raises `Overtaken`.
        """
        ...

    async def rollback(self, flow: str, version: str | None, *, by: str) -> dict[str, Any]:
        """Make an earlier version live (None: the one before). Raises `NotFound`."""
        ...

    async def retire(self, flow: str, *, by: str) -> None:
        """Take a flow out of service; its versions stay. Raises `NotFound`, `IllegalTransition` if in use."""
        ...


class RehearsalPlan(msgspec.Struct, frozen=True):
    """A rehearsal as asked for: on a test phone that calls, or a number that is called."""

    flow: str
    source: str | None = None
    """A draft; None: the live version."""
    phone: str | None = None
    call: str | None = None
    called: str = "5000"
    caller: str = ""
    language: str | None = None
    time: float | None = None
    """What the flow takes for the time at its beginning."""
    real_lookups: bool = False


class RehearsalOffice(Protocol):
    """Real calls through a flow in a made-up world."""

    async def begin(self, plan: RehearsalPlan) -> dict[str, Any]:
        """Raises `NotFound`, `FlowRefused` for a draft with errors, `Refusal`."""
        ...

    async def watch(self, ident: str, after: int, moves: int, wait_s: float) -> dict[str, Any]:
        """Raises `NotFound`."""
        ...

    async def act(self, ident: str, act: str, value: Any) -> None:
        """Raises `NotFound`, `Refusal`."""
        ...

    def end(self, ident: str) -> None:
        """Raises `NotFound`."""
        ...


class PromptMade(msgspec.Struct, frozen=True):
    """A prompt to be made; `name` without `own/`."""

    name: str
    language: str
    client: ClientId
    by: str
    text: str = ""


class PromptOffice(Protocol):
    """Prompts that admins make, and the names of those that ship."""

    def prompts(self, client: ClientId | None) -> list[dict[str, Any]]: ...

    async def upload(self, made: PromptMade, data: bytes) -> dict[str, Any]:
        """From a sound file of any usual format. Raises `Refusal`; then nothing changed."""
        ...

    async def speak(self, made: PromptMade) -> dict[str, Any]:
        """By the configured voice. Raises `Refusal`."""
        ...

    async def record(self, made: PromptMade, phone: str) -> dict[str, Any]:
        """By a phone that is called. Raises `Refusal`; gives the rehearsal that does it."""
        ...

    def audio(self, client: ClientId, language: str, name: str) -> Path:
        """Raises `NotFound`."""
        ...

    def delete(self, client: ClientId, language: str, name: str) -> None:
        """Raises `NotFound`, `IllegalTransition` while a live flow uses it."""
        ...
