"""The fake telephone with bridges: talks that are pulled out of the dialplan, legs that join them, ears.

What Asterisk does, as far as talks rely on it: a side that comes out of the dialplan while nobody listens is
served by the dialplan (the caller) or hung up (an operator); a bridge lives until it is closed, whoever left;
a leg that is rung rings until it is answered, cancelled or its time is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ari_app.model.commands import Sound
from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId, PlaybackId
from ari_app.model.telephony import (
    ChannelEnded,
    EarReady,
    LegJoined,
    LegPulled,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    PlaybackEnded,
)
from ari_app.ports import LiveChannel, LivePbx, Outcome
from tests.fakes.telephone import FakeTelephone, Line

REDIRECT_S = 0.01
"""How long a side is on its way from the dialplan to us."""


@dataclass(slots=True)
class RoomLeg:
    """A channel of a talk besides the caller's; `operator` None: an outside number, or an ear."""

    channel: ChannelId
    call: CallId
    operator: OperatorId | None
    up: bool = False
    in_stasis: bool = False
    of: ChannelId | None = None
    """Of an ear: the channel that it listens to."""


class RoomTelephone(FakeTelephone):
    """`ports.Telephony` with `ports.TalkLines`."""

    def __init__(self) -> None:
        super().__init__()
        self.legs: dict[ChannelId, RoomLeg] = {}
        self.bridges: set[str] = set()
        self.inside: dict[ChannelId, str] = {}
        """Channel → the bridge it is in."""

    # -- the world -------------------------------------------------------------------------------------------

    def phone_answers(self) -> None:
        super().phone_answers()
        for leg in [leg for leg in self.legs.values() if not leg.up]:
            self._leg_up(leg)

    def _leg_up(self, leg: RoomLeg) -> None:
        leg.up = True
        if leg.operator is not None:
            self._tell(OperatorLegAnswered(leg.call, leg.operator, leg.channel))
        if self._listener is None:  # Stasis() fails: the dialplan hangs up
            self._gone(leg, 16)
            return
        leg.in_stasis = True
        self._tell(LegJoined(leg.call, leg.channel))

    def operator_hangs_up(self) -> None:
        super().operator_hangs_up()
        for leg in [leg for leg in self.legs.values() if leg.operator is not None and leg.up]:
            self._gone(leg, 16)

    def leg_hangs_up(self, number: int) -> None:
        """Somebody of a talk who is no caller: an operator, an outside party, a supervisor."""
        legs = [leg for leg in self.legs.values() if leg.of is None]
        if legs:
            self._gone(legs[number % len(legs)], 16)

    def switches_go_off(self, *, legs: bool) -> None:
        """The dead-man's switches: callers in our hands go to the dialplan's queue, `legs` are hung up."""
        for line in self._in_stasis():
            self.inside.pop(line.channel, None)
            self._into_fallback(line)
        for leg in [leg for leg in self.legs.values() if legs and leg.in_stasis]:
            self._gone(leg, 16)

    def watchers_hang_up(self) -> None:
        for leg in [leg for leg in self.legs.values() if leg.call.startswith("watch-")]:
            self._gone(leg, 16)

    def restart(self) -> None:
        super().restart()
        self.legs.clear()
        self.bridges.clear()
        self.inside.clear()

    def _gone(self, leg: RoomLeg, cause: int) -> None:
        if self.legs.pop(leg.channel, None) is None:
            return
        self.inside.pop(leg.channel, None)
        self._tell(ChannelEnded(leg.channel, cause, call=leg.call))
        if leg.operator is not None:
            self._tell(OperatorLegEnded(leg.call, leg.operator, leg.channel, cause))
        self._deaf(leg.channel)

    def _deaf(self, channel: ChannelId) -> None:
        """Ears end with the channel that they listen to."""
        for ear in [leg for leg in self.legs.values() if leg.of == channel]:
            self._gone(ear, 16)

    def _end(self, line: Line, cause: int) -> None:
        self.inside.pop(line.channel, None)
        super()._end(line, cause)

    def _leg_ends(self, line: Line, cause: int) -> None:
        leg = line.leg
        super()._leg_ends(line, cause)
        if leg is not None:
            self._deaf(leg.channel)

    # -- ports.TalkLines -------------------------------------------------------------------------------------

    async def pull(self, channel: ChannelId, leg: ChannelId) -> Outcome:
        line = await self._of(channel)
        if line is None or line.leg is None or line.leg.channel != leg:
            return Outcome.REFUSED
        if not line.leg.up:
            self.broken.append(f"{channel} was pulled while its phone rang")
            return Outcome.DONE
        taken, line.leg = line.leg, None
        self.legs[leg] = RoomLeg(leg, line.call, taken.operator, up=True)
        loop = asyncio.get_running_loop()
        loop.call_later(REDIRECT_S, self._caller_pulled, line)
        loop.call_later(REDIRECT_S, self._leg_pulled, self.legs[leg])
        return Outcome.DONE

    async def take(self, channel: ChannelId) -> Outcome:
        line = await self._of(channel)
        if line is None:
            return Outcome.REFUSED
        self._leg_ends(line, 16)
        self.inside.pop(channel, None)
        line.in_stasis = False
        asyncio.get_running_loop().call_later(REDIRECT_S, self._caller_pulled, line)
        return Outcome.DONE

    def _caller_pulled(self, line: Line) -> None:
        if self.lines.get(line.channel) is not line:
            return
        if self._listener is None:
            self._into_fallback(line)
            return
        line.in_stasis = True
        self._tell(LegPulled(line.call, line.channel))

    def _leg_pulled(self, leg: RoomLeg) -> None:
        if self.legs.get(leg.channel) is not leg:
            return
        if self._listener is None:
            self._gone(leg, 16)
            return
        leg.in_stasis = True
        self._tell(LegPulled(leg.call, leg.channel))

    async def open_bridge(self, bridge: str) -> Outcome:
        await asyncio.sleep(0.001)
        self.bridges.add(bridge)
        return Outcome.DONE

    async def close_bridge(self, bridge: str) -> Outcome:
        await asyncio.sleep(0.001)
        if bridge not in self.bridges:
            return Outcome.GONE
        self.bridges.discard(bridge)
        for channel in [channel for channel, name in self.inside.items() if name == bridge]:
            del self.inside[channel]
        return Outcome.DONE

    async def join(self, bridge: str, channels: Sequence[ChannelId]) -> Outcome:
        await asyncio.sleep(0.001)
        if bridge not in self.bridges or not all(self._lives(channel) for channel in channels):
            return Outcome.GONE
        if not all(self._in_our_hands(channel) for channel in channels):
            return Outcome.REFUSED
        for channel in channels:
            self.inside[channel] = bridge
        return Outcome.DONE

    async def part(self, bridge: str, channel: ChannelId) -> Outcome:
        await asyncio.sleep(0.001)
        if self.inside.get(channel) != bridge:
            return Outcome.REFUSED
        del self.inside[channel]
        return Outcome.DONE

    async def bridge_music(self, bridge: str, *, on: bool) -> Outcome:
        del on
        await asyncio.sleep(0.001)
        return Outcome.DONE if bridge in self.bridges else Outcome.GONE

    async def ringing_tone(self, bridge: str, playback: PlaybackId) -> Outcome:
        del playback
        return await self.bridge_music(bridge, on=True)

    async def mute(self, channel: ChannelId, *, muted: bool) -> Outcome:
        del muted
        await asyncio.sleep(0.001)
        return Outcome.DONE if self._in_our_hands(channel) else Outcome.GONE

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
        del client, shows
        await asyncio.sleep(0.001)
        operator = None if outside else OperatorId(target)
        if operator is not None and self._rings_or_talks(operator):
            self.broken.append(f"two calls at the phone of {target}")
        leg = self.legs[channel] = RoomLeg(channel, call, operator)
        asyncio.get_running_loop().call_later(ring_s, self._not_answered, leg)
        if operator is not None:
            self._tell(OperatorLegRinging(call, operator, channel))
        return Outcome.DONE

    def _not_answered(self, leg: RoomLeg) -> None:
        if not leg.up:
            self._gone(leg, 19)

    async def snoop(self, channel: ChannelId, snoop: ChannelId, *, whisper: bool) -> Outcome:
        del whisper
        await asyncio.sleep(0.001)
        if not self._lives(channel):
            return Outcome.GONE
        watch = CallId(snoop.rpartition(".")[0])
        self.legs[snoop] = RoomLeg(snoop, watch, None, up=True, in_stasis=True, of=channel)
        self._tell(EarReady(watch, snoop))
        return Outcome.DONE

    async def belongs(self, channel: ChannelId, call: CallId) -> Outcome:
        await asyncio.sleep(0.001)
        leg = self.legs.get(channel)
        if leg is None:
            return Outcome.GONE
        leg.call = call
        return Outcome.DONE

    # -- ports.Telephony, for legs too -----------------------------------------------------------------------

    def _in_our_hands(self, channel: ChannelId) -> bool:
        line, leg = self.lines.get(channel), self.legs.get(channel)
        return (line is not None and line.in_stasis) or (leg is not None and leg.in_stasis)

    def _lives(self, channel: ChannelId) -> bool:
        dialled = {line.leg.channel for line in self.lines.values() if line.leg is not None}
        return channel in self.lines or channel in self.legs or channel in dialled

    def _rings_or_talks(self, operator: OperatorId) -> bool:
        dialled = {line.leg.operator for line in self.lines.values() if line.leg is not None}
        return operator in dialled | {leg.operator for leg in self.legs.values()}

    async def hang_up(self, channel: ChannelId, cause: int) -> Outcome:
        if channel not in self.legs:
            return await super().hang_up(channel, cause)
        await asyncio.sleep(0.001)
        leg = self.legs.get(channel)
        if leg is None:
            return Outcome.GONE
        self._gone(leg, cause)
        return Outcome.DONE

    async def renew(self, channel: ChannelId, seconds: int) -> Outcome:
        if channel not in self.legs:
            return await super().renew(channel, seconds)
        await asyncio.sleep(0.001)
        return Outcome.DONE if self._in_our_hands(channel) else Outcome.GONE

    async def play(self, channel: ChannelId, playback: PlaybackId, sounds: Sequence[Sound]) -> Outcome:
        if channel not in self.legs:
            return await super().play(channel, playback, sounds)
        await asyncio.sleep(0.001)
        if not self._in_our_hands(channel):
            return Outcome.GONE
        ended = PlaybackEnded(playback, failed=False)
        asyncio.get_running_loop().call_later(self.prompt_s * len(sounds), self._tell, ended)
        return Outcome.DONE

    async def offer(
        self,
        channel: ChannelId,
        operator: OperatorId,
        *,
        ring_s: float,
        max_talk_s: float,
        record: bool,
        say: str = "",
        ask: str = "",
        auto: bool = False,
    ) -> Outcome:
        if any(leg.operator == operator for leg in self.legs.values()):
            self.broken.append(f"two calls at the phone of {operator}")
        self.inside.pop(channel, None)
        return await super().offer(
            channel,
            operator,
            ring_s=ring_s,
            max_talk_s=max_talk_s,
            record=record,
            say=say,
            ask=ask,
            auto=auto,
        )

    async def exists(self, channel: ChannelId) -> bool | None:
        await asyncio.sleep(0.001)
        return self._lives(channel)

    async def live(self) -> LivePbx | None:
        found = await super().live()
        assert found is not None
        legs = (
            LiveChannel(leg.channel, leg.call, leg.operator, leg.up, leg.in_stasis, "ramal-leg", "", "")
            for leg in self.legs.values()
        )
        return LivePbx(found.started_at, (*found.channels, *legs), tuple(self.bridges))
