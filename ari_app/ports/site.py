"""The site as admins edit it at run time: its queues, skills, calendars and numbers, one at a time."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from ari_app.flow.site_edit import SiteKind
from ari_app.flow.site_uses import Use


class SiteEntry(msgspec.Struct, frozen=True):
    """A queue, skill, calendar or number of the live site."""

    name: str
    version: str
    """Changes when what is written of it changes."""
    value: dict[str, Any]
    """As it is written: what is left out is as usual."""
    effective: dict[str, Any]
    """With what is left out."""
    uses: list[Use]


class SiteStanding(msgspec.Struct, frozen=True):
    """The version that is live, and why the file in the folder is not."""

    version: str | None
    published_at: float | None
    published_by: str | None
    problems: list[dict[str, Any]]
    flows: list[str]
    forms: list[str]


class SiteOffice(Protocol):
    """Every change is a publication of the whole site file: checked with all flows, kept as a version."""

    def standing(self) -> SiteStanding: ...

    async def entries(self, kind: SiteKind) -> list[SiteEntry]:
        """In the file's order."""
        ...

    async def entry(self, kind: SiteKind, name: str) -> SiteEntry:
        """Raises `NotFound`."""
        ...

    async def put(
        self, kind: SiteKind, name: str, value: dict[str, Any], *, by: str, base: str | None
    ) -> SiteEntry:
        """Change one, or add it (`base` None). What is null in `value` counts as left out.

        Raises `Overtaken` when it is not at version `base` any more, `AlreadyExists`, `FlowRefused` with the
        problems (those of this entry with their `path`); then nothing changed.
        """
        ...

    async def delete(self, kind: SiteKind, name: str, *, by: str, base: str) -> None:
        """Take one out. Raises `NotFound`, `Overtaken`, `IllegalTransition` or `FlowRefused` if in use."""
        ...
