"""Playbacks and recordings under way, and the recordings stored on the PBX."""

from __future__ import annotations

from typing import Literal

from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.models import LiveRecording, Playback, StoredRecording
from ari_app.asterisk.ari.outcome import Outcome
from ari_app.asterisk.ari.requester import Requester, ask, reader, tell, tell_soon

_playback = reader(Playback)
_live = reader(LiveRecording)
_stored = reader(list[StoredRecording])


class Playbacks:
    """Operations on a playback by its id."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def get(self, playback_id: str) -> Outcome[Playback]:
        """The playback; Gone once it has ended."""
        return await ask(self._to, _playback, "GET", path("playbacks", playback_id))

    async def stop(self, playback_id: str) -> Outcome[None]:
        """Ends a playback; PlaybackFinished follows. Gone when it ended by itself just before."""
        return await tell(self._to, "DELETE", path("playbacks", playback_id))

    async def stop_soon(self, playback_id: str) -> Outcome[None]:
        """The same without waiting for the answer, which is no news to who does not care."""
        return await tell_soon(self._to, "DELETE", path("playbacks", playback_id))

    async def control(
        self, playback_id: str, operation: Literal["restart", "pause", "unpause", "reverse", "forward"]
    ) -> Outcome[None]:
        """Moves about in a playback."""
        uri = path("playbacks", playback_id, "control")
        return await tell(self._to, "POST", uri, query={"operation": operation})


class Recordings:
    """Operations on recordings by their name (which may contain `/`)."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def get_live(self, name: str) -> Outcome[LiveRecording]:
        """A recording under way."""
        return await ask(self._to, _live, "GET", path("recordings", "live", name))

    async def stop(self, name: str) -> Outcome[None]:
        """Ends a recording and stores it."""
        return await tell(self._to, "POST", path("recordings", "live", name, "stop"))

    async def cancel(self, name: str) -> Outcome[None]:
        """Ends a recording and throws it away."""
        return await tell(self._to, "DELETE", path("recordings", "live", name))

    async def mute(self, name: str) -> Outcome[None]:
        """Records silence from here on; the time line goes on."""
        return await tell(self._to, "POST", path("recordings", "live", name, "mute"))

    async def unmute(self, name: str) -> Outcome[None]:
        """Records sound again."""
        return await tell(self._to, "DELETE", path("recordings", "live", name, "mute"))

    async def pause(self, name: str) -> Outcome[None]:
        """Leaves out what is said from here on; the time line stops."""
        return await tell(self._to, "POST", path("recordings", "live", name, "pause"))

    async def unpause(self, name: str) -> Outcome[None]:
        """Goes on recording."""
        return await tell(self._to, "DELETE", path("recordings", "live", name, "pause"))

    async def list_stored(self) -> Outcome[list[StoredRecording]]:
        """All stored recordings; also those that a crash left with empty headers."""
        return await ask(self._to, _stored, "GET", path("recordings", "stored"))

    async def delete_stored(self, name: str) -> Outcome[None]:
        """Removes a stored recording from the PBX's disk."""
        return await tell(self._to, "DELETE", path("recordings", "stored", name))
