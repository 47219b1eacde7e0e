"""Bridges: where legs hear each other while the application holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.models import Bridge, LiveRecording, Playback
from ari_app.asterisk.ari.outcome import Outcome
from ari_app.asterisk.ari.requester import Requester, ask, reader, tell

_bridge = reader(Bridge)
_bridges = reader(list[Bridge])
_playback = reader(Playback)
_recording = reader(LiveRecording)


class Bridges:
    """Operations on bridges by their id."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def list(self) -> Outcome[list[Bridge]]:
        """All bridges of this Asterisk, those of the dialplan's Dial() included."""
        return await ask(self._to, _bridges, "GET", "bridges")

    async def get(self, bridge_id: str) -> Outcome[Bridge]:
        """One bridge and who is in it."""
        return await ask(self._to, _bridge, "GET", path("bridges", bridge_id))

    async def create(self, bridge_id: str, *, kind: str = "mixing", name: str = "") -> Outcome[Bridge]:
        """Makes a bridge; `kind` is `mixing`, `holding`, or with `,dtmf_events`, `,proxy_media` added."""
        query = {"type": kind} | ({"name": name} if name else {})
        return await ask(self._to, _bridge, "POST", path("bridges", bridge_id), query=query)

    async def destroy(self, bridge_id: str) -> Outcome[None]:
        """Ends a bridge; the channels in it stay in Stasis."""
        return await tell(self._to, "DELETE", path("bridges", bridge_id))

    async def add_channel(
        self,
        bridge_id: str,
        channel_ids: Sequence[str],
        *,
        role: Literal["", "announcer", "participant"] = "",
        mute: bool = False,
        absorb_dtmf: bool = False,
    ) -> Outcome[None]:
        """Brings channels in. Blocks while an endless playback runs on one: stop that first.

        Gone when the bridge or a channel has ended; Conflict when a channel is not in Stasis.
        """
        query = {"channel": ",".join(channel_ids)} | ({"role": role} if role else {})
        query |= {"mute": "true"} if mute else {}
        query |= {"absorbDTMF": "true"} if absorb_dtmf else {}
        return await tell(self._to, "POST", path("bridges", bridge_id, "addChannel"), query=query)

    async def remove_channel(self, bridge_id: str, channel_ids: Sequence[str]) -> Outcome[None]:
        """Takes channels out; they stay in Stasis."""
        query = {"channel": ",".join(channel_ids)}
        return await tell(self._to, "POST", path("bridges", bridge_id, "removeChannel"), query=query)

    async def start_moh(self, bridge_id: str, music_class: str = "default") -> Outcome[None]:
        """Music for all in the bridge."""
        return await tell(
            self._to, "POST", path("bridges", bridge_id, "moh"), query={"mohClass": music_class}
        )

    async def stop_moh(self, bridge_id: str) -> Outcome[None]:
        """Ends the music."""
        return await tell(self._to, "DELETE", path("bridges", bridge_id, "moh"))

    async def play(self, bridge_id: str, media: Sequence[str], playback_id: str) -> Outcome[Playback]:
        """Plays media to all in the bridge."""
        uri = path("bridges", bridge_id, "play", playback_id)
        return await ask(self._to, _playback, "POST", uri, query={"media": ",".join(media)})

    async def record(
        self, bridge_id: str, name: str, *, audio_format: str = "wav", max_duration_s: int = 0
    ) -> Outcome[LiveRecording]:
        """Records the mixed sound of the bridge; twice as dear as MixMonitor."""
        query = {"name": name, "format": audio_format, "maxDurationSeconds": str(max_duration_s)}
        return await ask(self._to, _recording, "POST", path("bridges", bridge_id, "record"), query=query)
