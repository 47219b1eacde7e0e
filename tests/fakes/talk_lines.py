"""A telephone without bridges: whatever a talk asks of it is refused."""

from __future__ import annotations

from collections.abc import Sequence

from ari_app.model.ids import CallId, ChannelId, ClientId, PlaybackId
from ari_app.ports import Neighbour, Outcome


class NoTalkLines:
    """`ports.TalkLines` of a PBX that does none of it."""

    async def pull(self, channel: ChannelId, leg: ChannelId) -> Outcome:
        del channel, leg
        return Outcome.REFUSED

    async def take(self, channel: ChannelId) -> Outcome:
        del channel
        return Outcome.REFUSED

    async def open_bridge(self, bridge: str) -> Outcome:
        del bridge
        return Outcome.REFUSED

    async def close_bridge(self, bridge: str) -> Outcome:
        del bridge
        return Outcome.GONE

    async def join(self, bridge: str, channels: Sequence[ChannelId]) -> Outcome:
        del bridge, channels
        return Outcome.REFUSED

    async def part(self, bridge: str, channel: ChannelId) -> Outcome:
        del bridge, channel
        return Outcome.REFUSED

    async def bridge_music(self, bridge: str, *, on: bool) -> Outcome:
        del bridge, on
        return Outcome.REFUSED

    async def ringing_tone(self, bridge: str, playback: PlaybackId) -> Outcome:
        del bridge, playback
        return Outcome.REFUSED

    async def mute(self, channel: ChannelId, *, muted: bool) -> Outcome:
        del channel, muted
        return Outcome.REFUSED

    async def ring(
        self,
        channel: ChannelId,
        target: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
        outside: bool,
    ) -> Outcome:
        del channel, target, call, client, shows, ring_s, outside
        return Outcome.REFUSED

    async def snoop(self, channel: ChannelId, snoop: ChannelId, *, whisper: bool) -> Outcome:
        del channel, snoop, whisper
        return Outcome.REFUSED

    async def belongs(self, channel: ChannelId, call: CallId) -> Outcome:
        del channel, call
        return Outcome.REFUSED

    async def neighbours(self, channel: ChannelId) -> tuple[Neighbour, ...] | None:
        del channel
        return ()
