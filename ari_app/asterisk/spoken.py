"""What codes say and ask, in the language of whoever dialled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from ari_app.asterisk.agi import AgiSession
from ari_app.model.ids import OperatorId


@dataclass(frozen=True, slots=True)
class Spoken:
    """One dialogue by phone; every method raises CallerGone once the caller has hung up."""

    session: AgiSession
    sounds: str
    """The folder of prompts as Asterisk sees it."""
    language: str

    async def say(self, *prompts: str) -> None:
        for prompt in prompts:
            await self.session.stream_file(self._file(prompt))

    async def ask(self, prompt: str, patience_s: float, most: int) -> str:
        """The digits keyed until `#`, silence or so many."""
        return await self.session.get_data(self._file(prompt), patience_s, most)

    def _file(self, prompt: str) -> str:
        return f"{self.sounds}/{self.language}/{prompt}"


Dialogue: TypeAlias = Callable[[OperatorId, Spoken], Awaitable[tuple[str, ...]]]
"""A code that asks something: the phone it is dialled at, and what is said at the end."""
