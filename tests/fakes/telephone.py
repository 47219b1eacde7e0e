"""A fake telephone network: `ports.Telephony` in memory, with the facts of Asterisk that calls rely on.

It outlives the application, as a PBX does. A channel sent to an operator leaves Stasis and comes back with a
dial status; legs are told by events only while somebody listens; a channel that is gone answers `GONE`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from ari_app.asterisk.seats import Seats
from ari_app.model.commands import RecordMessage, Sound
from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId, PlaybackId
from ari_app.model.telephony import (
    CallEntered,
    CallReturned,
    ChannelDigit,
    ChannelEnded,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    PlaybackEnded,
    TelephonyEvent,
)
from ari_app.ports import LiveChannel, LivePbx, Outcome
from tests.fakes.talk_lines import NoTalkLines

PROMPT_S = 2.0


@dataclass(slots=True)
class Leg:
    """An operator's leg of a call."""

    channel: ChannelId
    operator: OperatorId
    up: bool = False
    asked: bool = False
    """Whether a key has to be pressed."""


@dataclass(slots=True)
class Line:
    """A caller's channel."""

    call: CallId
    channel: ChannelId
    in_stasis: bool = True
    leg: Leg | None = None
    renewed_at: float = 0.0
    playing: set[PlaybackId] = field(default_factory=set)
    knocks: tuple[str, int] | None = None
    """How the dialling ended that nobody was there to hear: the dialplan tries to tell it for a while."""


class FakeTelephone(NoTalkLines):
    """The network, its callers and the operators' phones."""

    def __init__(self) -> None:
        self.seats = Seats()
        self.lines: dict[ChannelId, Line] = {}
        self.broken: list[str] = []
        """What must never happen and did: two calls at one phone, say."""
        self.in_fallback: set[CallId] = set()
        self.hung: set[ChannelId] = set()
        """Callers who hung up, whom the dialplan still keeps."""
        self.renewals: list[tuple[int, bool]] = []
        """For how long the dead-man's switch was set, and whether something played: Asterisk would block."""
        self.prompt_s = PROMPT_S
        self.knock_s = 0.0
        """How long after the application is there a caller who knocks is heard."""
        self._listener: Callable[[TelephonyEvent], None] | None = None
        self._count = 0

    def listen(self, listener: Callable[[TelephonyEvent], None] | None) -> None:
        """The application is there, or (None) is not: then events are lost."""
        self._listener = listener
        if listener is not None and any(line.knocks for line in self.lines.values()):
            asyncio.get_running_loop().call_later(self.knock_s, self._knock)

    def _knock(self) -> None:
        for line in self.lines.values():
            if line.knocks is not None and self._listener is not None:
                ended, line.knocks = line.knocks, None
                self._back(line, *ended)

    def patience_ends(self) -> None:
        """Who knocked in vain goes to the dialplan's own queue."""
        for line in self.lines.values():
            if line.knocks is not None:
                line.knocks = None
                self._into_fallback(line)

    def _tell(self, event: TelephonyEvent) -> None:
        if self._listener is not None:
            self._listener(event)

    # -- the world -------------------------------------------------------------------------------------------

    def caller_dials(self, called: str = "5000") -> CallId:
        self._count += 1
        call, channel = CallId(f"call-{self._count}"), ChannelId(f"chan-{self._count}")
        self.lines[channel] = Line(call, channel)
        if self._listener is None:  # Stasis() fails: the dialplan serves
            self._into_fallback(self.lines[channel])
        self._tell(CallEntered(call, channel, "+5511988887777", "", called, "inbound"))
        return call

    def caller_presses(self, digit: str) -> None:
        for line in self._in_stasis():
            self._tell(ChannelDigit(line.channel, digit))

    def caller_hangs_up(self, number: int) -> None:
        if self.lines:
            self._end(list(self.lines.values())[number % len(self.lines)], 16)

    def all_hang_up(self) -> None:
        for line in list(self.lines.values()):
            self._end(line, 16)

    def phone_answers(self) -> None:
        for line in self._ringing():
            line.leg.up = True  # type: ignore[union-attr]
            leg = line.leg
            assert leg is not None
            self._tell(OperatorLegAnswered(line.call, leg.operator, leg.channel, confirmed=leg.asked))

    def phone_refuses(self, status: str, cause: int) -> None:
        for line in self._ringing():
            self._leg_ends(line, cause)
            self._back(line, status, cause)

    def operator_hangs_up(self) -> None:
        for line in list(self.lines.values()):
            if line.leg is not None and line.leg.up:
                self._leg_ends(line, 16)
                self._back(line, "ANSWER", 16)

    def restart(self) -> None:
        """The PBX dies and is back: all calls are gone, unheard."""
        self.lines.clear()

    def _in_stasis(self) -> list[Line]:
        return [line for line in self.lines.values() if line.in_stasis]

    def _ringing(self) -> list[Line]:
        return [line for line in self.lines.values() if line.leg is not None and not line.leg.up]

    def _leg_ends(self, line: Line, cause: int) -> None:
        leg, line.leg = line.leg, None
        if leg is not None:
            self._tell(OperatorLegEnded(line.call, leg.operator, leg.channel, cause))

    def _back(self, line: Line, status: str, cause: int) -> None:
        if self._listener is None and status != "ANSWER":
            line.knocks = (status, cause)
            return
        if self._listener is None:
            self._into_fallback(line)
            return
        line.in_stasis = True
        self._tell(CallReturned(line.call, line.channel, status, cause, ""))

    def _into_fallback(self, line: Line) -> None:
        line.in_stasis = False
        self.in_fallback.add(line.call)

    def _end(self, line: Line, cause: int) -> None:
        self.lines.pop(line.channel, None)
        if line.leg is not None:
            self._leg_ends(line, cause)
        self._tell(ChannelEnded(line.channel, cause))

    # -- ports.Telephony -------------------------------------------------------------------------------------

    async def _of(self, channel: ChannelId) -> Line | None:
        await asyncio.sleep(0.001)  # a request takes its time: the world may move meanwhile
        return self.lines.get(channel)

    async def _if_there(self, channel: ChannelId) -> Outcome:
        line = await self._of(channel)
        if line is None:
            return Outcome.GONE
        return Outcome.DONE if line.in_stasis else Outcome.REFUSED

    async def answer(self, channel: ChannelId) -> Outcome:
        return await self._if_there(channel)

    async def play(self, channel: ChannelId, playback: PlaybackId, sounds: Sequence[Sound]) -> Outcome:
        outcome = await self._if_there(channel)
        if outcome is Outcome.DONE:
            self.lines[channel].playing.add(playback)
            loop = asyncio.get_running_loop()
            loop.call_later(self.prompt_s * len(sounds), self._played, channel, playback)
        return outcome

    def _played(self, channel: ChannelId, playback: PlaybackId) -> None:
        line = self.lines.get(channel)
        if line is not None and playback in line.playing:
            line.playing.discard(playback)
            self._tell(PlaybackEnded(playback, failed=False))

    async def stop_playback(self, channel: ChannelId, playback: PlaybackId) -> Outcome:
        line = await self._of(channel)
        if line is not None:
            line.playing.discard(playback)
        return Outcome.DONE

    async def start_music(self, channel: ChannelId, music: str) -> Outcome:
        del music
        return await self._if_there(channel)

    async def stop_music(self, channel: ChannelId) -> Outcome:
        return await self._if_there(channel)

    async def hang_up(self, channel: ChannelId, cause: int) -> Outcome:
        line = await self._of(channel)
        if line is not None:
            self._end(line, cause)
            return Outcome.DONE
        for other in self.lines.values():
            if other.leg is not None and other.leg.channel == channel:
                self._leg_ends(other, cause)
                self._back(other, "CHANUNAVAIL", 0)
                return Outcome.DONE
        return Outcome.GONE

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
        del ring_s, max_talk_s, record, say, auto
        outcome = await self._if_there(channel)
        if outcome is not Outcome.DONE:
            return outcome
        line = self.lines[channel]
        if any(o.leg is not None and o.leg.operator == operator for o in self.lines.values()):
            self.broken.append(f"two calls at the phone of {operator}")
        self._count += 1
        line.in_stasis, line.playing = False, set()
        line.leg = Leg(ChannelId(f"leg-{self._count}"), operator, asked=bool(ask))
        self._tell(OperatorLegRinging(line.call, operator, line.leg.channel))
        return Outcome.DONE

    async def hung_up(self, channel: ChannelId) -> bool:
        return channel in self.hung or channel not in self.lines

    async def transfer(
        self,
        channel: ChannelId,
        target: str,
        *,
        ring_s: float,
        max_talk_s: float,
        outside: bool,
        record: bool = False,
    ) -> Outcome:
        del target, ring_s, max_talk_s, outside, record
        outcome = await self._if_there(channel)
        if outcome is Outcome.DONE:
            self._back(self.lines[channel], "NOANSWER", 19)
        return outcome

    async def record_message(self, channel: ChannelId, command: RecordMessage, file: str) -> Outcome:
        del command, file
        return Outcome.REFUSED if await self._of(channel) else Outcome.GONE

    async def play_message(self, channel: ChannelId, playback: PlaybackId, file: str) -> Outcome:
        del playback, file
        return Outcome.REFUSED if await self._of(channel) else Outcome.GONE

    async def show_as(self, channel: ChannelId, number: str) -> Outcome:
        del number
        return await self._if_there(channel)

    async def ring_phone(
        self,
        channel: ChannelId,
        operator: OperatorId,
        number: str,
        *,
        call: CallId,
        client: ClientId,
        ring_s: float,
    ) -> Outcome:
        del channel, operator, number, call, client, ring_s
        return Outcome.REFUSED

    def seat(self, operator: OperatorId, phone: OperatorId | None) -> None:
        self.seats.sit(operator, phone)

    def operator_at(self, phone: OperatorId) -> OperatorId | None:
        return self.seats.operator_at(phone)

    async def dial(
        self,
        channel: ChannelId,
        number: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
        trunk: str = "",
        listen: bool = False,
    ) -> Outcome:
        del number, call, client, shows, ring_s, trunk, listen
        self._tell(ChannelEnded(channel, 19))
        return Outcome.DONE

    async def ring_operator(
        self, channel: ChannelId, operator: str, *, call: CallId, client: ClientId, shows: str, ring_s: float
    ) -> Outcome:
        del operator, call, client, shows, ring_s
        self._tell(ChannelEnded(channel, 19))
        return Outcome.DONE

    async def await_silence(self, channel: ChannelId) -> Outcome:
        outcome = await self._if_there(channel)
        if outcome is Outcome.DONE:
            line = self.lines[channel]
            self._tell(CallReturned(line.call, channel, "LISTENS", 0, "machine"))
        return outcome

    async def renew(self, channel: ChannelId, seconds: int) -> Outcome:
        outcome = await self._if_there(channel)
        if outcome is Outcome.DONE:
            self.renewals.append((seconds, bool(self.lines[channel].playing)))
        return outcome

    async def to_fallback(self, channel: ChannelId) -> Outcome:
        outcome = await self._if_there(channel)
        if outcome is Outcome.DONE:
            self._into_fallback(self.lines[channel])
        return outcome

    async def exists(self, channel: ChannelId) -> bool | None:
        legs = {line.leg.channel for line in self.lines.values() if line.leg is not None}
        return await self._of(channel) is not None or channel in legs

    async def live(self) -> LivePbx | None:
        channels = []
        for line in self.lines.values():
            here = _live(line.channel, line.call, None, up=True, in_stasis=line.in_stasis)
            in_fallback = line.call in self.in_fallback and not line.in_stasis
            channels.append(msgspec.structs.replace(here, context="ramal-fallback") if in_fallback else here)
            if line.leg is not None:
                leg = line.leg
                channels.append(_live(leg.channel, line.call, leg.operator, up=leg.up, in_stasis=False))
        return LivePbx(0.0, tuple(channels))

    async def reachable(self, operator: OperatorId) -> bool | None:
        del operator
        return True

    async def watch(self, operators: Sequence[OperatorId]) -> Outcome:
        del operators
        return Outcome.DONE


def _live(
    channel: ChannelId, call: CallId, operator: OperatorId | None, *, up: bool, in_stasis: bool
) -> LiveChannel:
    return LiveChannel(channel, call, operator, up, in_stasis, "", "", "")
