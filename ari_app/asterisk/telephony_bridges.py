"""Talks in ARI's hands: both sides pulled out of the dialplan, bridges, extra legs, ears."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

from ari_app.asterisk.ami import AmiOperations
from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.telephony_channels import said
from ari_app.asterisk.telephony_events import EventReader
from ari_app.model.ids import CallId, ChannelId, ClientId, PlaybackId
from ari_app.ports import Neighbour, Outcome

PULLED, REFERRED, LEG = "ramal-pulled", "ramal-referred", "ramal-leg"
"""Contexts of the dialplan."""
DYING_S, LOOK_S = 2.0, 0.02
"""Asterisk says that a bridge is destroyed before those who were in it have left. Until then its name is
taken, and who is brought into a bridge of that name is let go with the dying one."""


class BridgeOperations(ABC):
    """`ports.TalkLines` over ARI, with AMI for what ARI does not have."""

    _ami: AmiOperations
    _app: str
    _reader: EventReader
    _trunk: str

    def __init__(self) -> None:
        self._closing: dict[str, asyncio.Event] = {}

    @abstractmethod
    def _for(self, channel: str) -> Operations:
        """The socket that serves this channel."""

    async def pull(self, channel: ChannelId, leg: ChannelId) -> Outcome:
        return said(
            await self._ami.redirect_pair(
                channel, leg, context=PULLED, extension="caller", extra_extension="operator"
            )
        )

    async def take(self, channel: ChannelId) -> Outcome:
        return said(await self._ami.redirect(channel, context=PULLED, extension="caller"))

    async def open_bridge(self, bridge: str) -> Outcome:
        while (closing := self._closing.get(bridge)) is not None:
            await closing.wait()
        bridges, deadline = self._for(bridge).bridges, asyncio.get_running_loop().time() + DYING_S
        while isinstance(made := await bridges.create(bridge), ari.Conflict):
            there = await bridges.get(bridge)
            if not isinstance(there, ari.Gone) or asyncio.get_running_loop().time() > deadline:
                return said(there)
            await asyncio.sleep(LOOK_S)  # its name lives a moment longer than the bridge itself
        return said(made)

    async def close_bridge(self, bridge: str) -> Outcome:
        bridges = self._for(bridge).bridges
        done = self._closing.setdefault(bridge, asyncio.Event())
        try:
            outcome = await bridges.destroy(bridge)
            if isinstance(outcome, ari.Ok):
                await self._gone(bridge)
        finally:
            done.set()
            if self._closing.get(bridge) is done:
                del self._closing[bridge]
        return said(outcome)

    async def _gone(self, bridge: str) -> None:
        """Wait until the PBX does not know it any more; not for ever."""
        deadline = asyncio.get_running_loop().time() + DYING_S
        while isinstance(await self._for(bridge).bridges.get(bridge), ari.Ok):
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(LOOK_S)

    async def join(self, bridge: str, channels: Sequence[ChannelId]) -> Outcome:
        return said(await self._for(bridge).bridges.add_channel(bridge, channels))

    async def part(self, bridge: str, channel: ChannelId) -> Outcome:
        return said(await self._for(bridge).bridges.remove_channel(bridge, (channel,)))

    async def bridge_music(self, bridge: str, *, on: bool) -> Outcome:
        bridges = self._for(bridge).bridges
        return said(await (bridges.start_moh(bridge) if on else bridges.stop_moh(bridge)))

    async def ringing_tone(self, bridge: str, playback: PlaybackId) -> Outcome:
        return said(await self._for(bridge).bridges.play(bridge, ("tone:ring",), playback))

    async def mute(self, channel: ChannelId, *, muted: bool) -> Outcome:
        channels = self._for(channel).channels
        return said(await (channels.mute(channel, "in") if muted else channels.unmute(channel, "in")))

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
        dialled = await self._for(channel).legs.originate(
            channel,
            f"PJSIP/{target}@{self._trunk}" if outside else f"PJSIP/{target}",
            context=LEG,
            extension=channel,
            caller_id=shows,
            timeout_s=int(ring_s),
            variables={"RAMAL_CALL": call, "RAMAL_CLIENT": client, "TRANSFER_CONTEXT": REFERRED},
        )
        return said(dialled)

    async def snoop(self, channel: ChannelId, snoop: ChannelId, *, whisper: bool) -> Outcome:
        made = await self._for(channel).channels.snoop(
            channel,
            snoop,
            self._app,
            spy="both",
            whisper="out" if whisper else "none",
            args=("snoop", snoop.rpartition(".")[0]),
        )
        return said(made)

    async def belongs(self, channel: ChannelId, call: CallId) -> Outcome:
        return said(await self._for(channel).channels.set_variable(channel, "RAMAL_CALL", call))

    async def neighbours(self, channel: ChannelId) -> tuple[Neighbour, ...] | None:
        listed = await self._for(channel).bridges.list()
        if not isinstance(listed, ari.Ok):
            return None
        mine = next((bridge for bridge in listed.value if channel in bridge.channels), None)
        found: list[Neighbour] = []
        for other in mine.channels if mine is not None else ():
            if other == channel:
                continue
            read = await self._for(channel).channels.get(other)
            if isinstance(read, ari.Ok):
                leg = read.value
                operator = self._reader.operator_of(leg.name)
                found.append(Neighbour(ChannelId(other), operator, leg.caller.number))
        return tuple(found)
