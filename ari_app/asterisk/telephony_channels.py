"""What calls do to one channel: `ports.Telephony`'s operations that need no bridge."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import structlog

from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.ari.operations.channels import HangupReason
from ari_app.asterisk.seats import Seats
from ari_app.asterisk.whereabouts import Whereabouts
from ari_app.model.commands import RecordMessage, Sound
from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId, PlaybackId
from ari_app.ports import Outcome

log = structlog.get_logger()

RECORDED = "recorded"
"""Prompts `recorded/<queue>` are emergency announcements that were recorded by phone (C20)."""
_NUMBER = re.compile(r"\+?\d{3,15}", re.ASCII)
_EXTENSION = re.compile(r"\d{2,8}", re.ASCII)
_HANGUP: dict[int, HangupReason] = {
    1: "unallocated", 16: "normal", 17: "busy", 21: "rejected", 34: "congestion", 41: "failure",
}  # fmt: skip


def announcement_sound(queue: str) -> str:
    """The sound of a queue's recorded announcement, below the PBX's own sounds folder."""
    return f"ramal-announcement-{queue}"


class ChannelOperations(ABC):
    """Answer, play, ring, send on, hang up."""

    _sounds: str
    _trunk: str
    _trunks: frozenset[str]
    _whereabouts: Whereabouts
    _seats: Seats

    @abstractmethod
    def _for(self, channel: str) -> Operations:
        """The socket that serves this channel."""

    async def answer(self, channel: ChannelId) -> Outcome:
        return said(await self._for(channel).channels.answer_soon(channel))

    async def play(self, channel: ChannelId, playback: PlaybackId, sounds: Sequence[Sound]) -> Outcome:
        media = [self._media(sound) for sound in sounds]
        return said(await self._for(channel).channels.play(channel, media, playback))

    def _media(self, sound: Sound) -> str:
        """What somebody recorded by phone is the same in every language."""
        folder, _, name = sound.prompt.partition("/")
        if folder == RECORDED:
            return f"sound:{announcement_sound(name)}"
        return f"sound:{sound.place or f'{self._sounds}/{sound.language}/{sound.prompt}'}"

    async def play_message(self, channel: ChannelId, playback: PlaybackId, file: str) -> Outcome:
        return said(await self._for(channel).channels.play(channel, [f"recording:{file}"], playback))

    async def stop_playback(self, channel: ChannelId, playback: PlaybackId) -> Outcome:
        return said(await self._for(channel).playbacks.stop_soon(playback))

    async def start_music(self, channel: ChannelId, music: str) -> Outcome:
        return said(await self._for(channel).channels.start_moh(channel, music))

    async def stop_music(self, channel: ChannelId) -> Outcome:
        return said(await self._for(channel).channels.stop_moh(channel))

    async def hang_up(self, channel: ChannelId, cause: int) -> Outcome:
        return said(await self._for(channel).channels.hangup(channel, _HANGUP.get(cause, "normal")))

    async def offer(  # noqa: PLR0913 - all that an offer is
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
        phone = self._seats.phone_of(operator)
        extension = f"{phone}*{int(ring_s)}*{'r' if record else 'n'}*{int(max_talk_s)}"
        prompts = [(name, f"{self._sounds}/{prompt}") for name, prompt in
                   (("RAMAL_SAY", say), ("RAMAL_CONFIRM", ask)) if prompt]  # fmt: skip
        for variable, value in (*prompts, *([("RAMAL_AUTO", "1")] if auto else [])):
            told = await self._for(channel).channels.set_variable(channel, variable, value)
            log.debug("pbx.announced", variable=variable, outcome=said(told).value)
        return await self._continue(channel, "ramal-offer", extension)

    async def hung_up(self, channel: ChannelId) -> bool:
        asked = await self._for(channel).channels.get_variable(channel, "CHANNEL(checkhangup)")
        return isinstance(asked, ari.Gone) or (isinstance(asked, ari.Ok) and asked.value.value == "1")

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
        whom = target if outside else self._seats.phone_of(OperatorId(target))
        kind, recorded = "t" if outside else "e", "r" if record else "n"
        extension = f"{kind}*{whom}*{int(ring_s)}*{recorded}*{int(max_talk_s)}"
        return await self._continue(channel, "ramal-transfer", extension)

    async def dial(  # noqa: PLR0913 - all that a dialling is
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
        trunk = trunk or self._trunk
        if trunk not in self._trunks or _NUMBER.fullmatch(number) is None:
            log.error("pbx.not_dialled", channel=channel, trunk=trunk)
            return Outcome.REFUSED
        context = "ramal-out-amd" if listen else "ramal-out"
        return await self._originate(channel, f"PJSIP/{number}@{trunk}", context, call, client, shows, ring_s)

    async def ring_operator(
        self,
        channel: ChannelId,
        operator: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
    ) -> Outcome:
        if operator in self._trunks or _EXTENSION.fullmatch(operator) is None:
            return Outcome.REFUSED
        return await self._originate(channel, f"PJSIP/{operator}", "ramal-out", call, client, shows, ring_s)

    async def _originate(
        self,
        channel: ChannelId,
        endpoint: str,
        context: str,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
    ) -> Outcome:
        return said(
            await self._for(channel).legs.originate(
                channel,
                endpoint,
                context=context,
                extension=channel,
                caller_id=shows,
                timeout_s=int(ring_s),
                variables={"__RAMAL_CALL": call, "__RAMAL_CLIENT": client},
            )
        )

    async def show_as(self, channel: ChannelId, number: str) -> Outcome:
        if _NUMBER.fullmatch(number) is None:
            return Outcome.REFUSED
        return said(await self._for(channel).channels.set_variable(channel, "CALLERID(num)", number))

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
        if _NUMBER.fullmatch(number) is None:
            return Outcome.REFUSED
        rung = await self._for(channel).legs.originate(
            channel,
            f"PJSIP/{self._seats.phone_of(operator)}",
            context="from-operator",
            extension=number,
            caller_id=number,
            timeout_s=int(ring_s),
            variables={"__RAMAL_CALL": call, "__RAMAL_CLIENT": client},
        )
        return said(rung)

    async def await_silence(self, channel: ChannelId) -> Outcome:
        return await self._continue(channel, "ramal-out-machine", "s")

    async def to_fallback(self, channel: ChannelId) -> Outcome:
        return await self._continue(channel, "ramal-fallback", "s")

    async def _continue(self, channel: ChannelId, context: str, extension: str) -> Outcome:
        self._whereabouts.sent_on(channel)
        return said(await self._for(channel).channels.continue_in_dialplan(channel, context, extension))

    async def record_message(self, channel: ChannelId, command: RecordMessage, file: str) -> Outcome:
        return said(
            await self._for(channel).channels.record(
                channel,
                file,
                max_duration_s=int(command.max_s),
                max_silence_s=int(command.silence_s),
                beep=command.beep,
                terminate_on="#" if command.terminator == "#" else "none",
                if_exists="overwrite",
            )
        )

    async def renew(self, channel: ChannelId, seconds: int) -> Outcome:
        return said(
            await self._for(channel).channels.set_variable(channel, "TIMEOUT(absolute)", str(seconds))
        )


def said(result: ari.Ok[Any] | ari.Failure) -> Outcome:
    """ARI's answer in the words of the port."""
    match result:
        case ari.Ok():
            return Outcome.DONE
        case ari.Gone():
            return Outcome.GONE
        case ari.Conflict() | ari.Refused():
            log.info("pbx.refused", answer=str(result))
            return Outcome.REFUSED
        case ari.Unavailable(in_doubt=in_doubt):
            log.warning("pbx.no_answer", answer=str(result))
            return Outcome.UNKNOWN if in_doubt else Outcome.REFUSED
