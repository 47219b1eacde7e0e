"""A `ports.TapeDeck` that remembers what it was told, and refuses on demand."""

from __future__ import annotations

from ari_app.model.ids import ChannelId
from ari_app.ports import Outcome


class FakeDeck:
    """`told` holds `start`, `stop`, `mute`, `unmute` in order; `answer` is given to each."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.answer = Outcome.DONE

    async def start(self, channel: ChannelId, file: str) -> Outcome:
        del channel, file
        return self._note("start")

    async def stop(self, channel: ChannelId) -> Outcome:
        del channel
        return self._note("stop")

    async def mute(self, channel: ChannelId, *, muted: bool, heard_only: bool = False) -> Outcome:
        del channel
        return self._note(("mute" if muted else "unmute") + (" heard" if heard_only else ""))

    def _note(self, what: str) -> Outcome:
        self.told.append(what)
        return self.answer
