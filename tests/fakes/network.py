"""A telephone network whose subscribers answer, ring out, are busy or machines, in the loop's own time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ari_app.model.commands import Sound
from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId, PlaybackId
from ari_app.model.telephony import (
    CallEntered,
    CallReturned,
    ChannelAnswered,
    ChannelEnded,
    OperatorLegAnswered,
)
from ari_app.ports import LiveChannel, LivePbx, Outcome
from tests.fakes.telephone import FakeTelephone, Line

AMD_S = 1.2
SILENCE_MS = 800


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What happens when a number is called; a person stays for `patience_s` unless somebody talks."""

    does: Literal["answer", "machine", "fax", "busy", "ring", "drop", "unknown", "congested", "refused"] = (
        "answer"
    )
    after_s: float = 5.0
    patience_s: float = 3600.0


CAUSES = {"busy": 17, "unknown": 1, "congested": 34}


class Network(FakeTelephone):
    """Dials subscribers; operators pick up after `pick_up_s` and talk for `talk_s`."""

    def __init__(self, subscriber: Callable[[str], Subscriber]) -> None:
        super().__init__()
        self.subscriber = subscriber
        self.dialled: list[tuple[float, ChannelId, str]] = []
        self.ringing: dict[ChannelId, str] = {}
        self.played: dict[CallId, list[tuple[float, tuple[str, ...]]]] = {}
        self.answers: dict[ChannelId, float] = {}
        self.pick_up_s: float | None = 0.4
        self.talk_s = 20.0

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def dial(
        self, channel: ChannelId, number: str, *, call: CallId, client: ClientId, shows: str, ring_s: float,
        trunk: str = "", listen: bool = False,
    ) -> Outcome:  # fmt: skip
        await asyncio.sleep(0.001)
        if any(known == channel for _, known, _ in self.dialled):
            self.broken.append(f"{channel} was dialled twice")
        self.dialled.append((self.now(), channel, number))
        if ring_s < 15.0:
            self.broken.append(f"{channel} rings for {ring_s} s only")
        who = self.subscriber(number)
        if who.does == "refused":
            return Outcome.REFUSED
        self.ringing[channel] = number
        loop = asyncio.get_running_loop()
        if who.does in {"answer", "machine", "fax", "drop"} and who.after_s < ring_s:
            loop.call_later(who.after_s, self._answers, channel, who, listen)
        elif who.does in CAUSES:
            loop.call_later(min(1.0, who.after_s), self._over, channel, CAUSES[who.does])
        else:
            loop.call_later(ring_s, self._over, channel, 19)
        await asyncio.sleep(0.001)
        return Outcome.DONE

    def _over(self, channel: ChannelId, cause: int) -> None:
        if self.ringing.pop(channel, None) is not None:
            self._tell(ChannelEnded(channel, cause))

    def _answers(self, channel: ChannelId, who: Subscriber, listen: bool) -> None:
        if self.ringing.pop(channel, None) is None:
            return
        self.lines[channel] = Line(CallId(channel), channel, in_stasis=False)
        self.answers[channel] = self.now()
        self._tell(ChannelAnswered(channel))
        loop = asyncio.get_running_loop()
        loop.call_later(AMD_S if listen else 0.0, self._enters, channel, who, listen)
        loop.call_later(0.2 if who.does == "drop" else who.patience_s, self._hangs_up, channel)

    def _enters(self, channel: ChannelId, who: Subscriber, listen: bool) -> None:
        line = self.lines.get(channel)
        if line is None:
            return
        if self._listener is None:
            self._into_fallback(line)
            asyncio.get_running_loop().call_later(3.0, self._hangs_up, channel)
            return
        line.in_stasis = True
        verdict = {"machine": "MACHINE", "fax": "FAX"}.get(who.does, "HUMAN") if listen else ""
        cause = f"HUMAN-{SILENCE_MS}-{SILENCE_MS}" if verdict == "HUMAN" else ""
        self._tell(CallEntered(line.call, channel, "", "", channel, "outbound", verdict, cause))

    def _hangs_up(self, channel: ChannelId) -> None:
        line = self.lines.get(channel)
        if line is not None and (line.leg is None or not line.leg.up):
            self._end(line, 16)

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
        outcome = await super().offer(
            channel,
            operator,
            ring_s=ring_s,
            max_talk_s=max_talk_s,
            record=record,
            say=say,
            ask=ask,
            auto=auto,
        )
        if outcome is Outcome.DONE and self.pick_up_s is not None:
            asyncio.get_running_loop().call_later(self.pick_up_s, self._picks_up, channel, operator)
        return outcome

    def _picks_up(self, channel: ChannelId, operator: OperatorId) -> None:
        line = self.lines.get(channel)
        if line is not None and line.leg is not None and line.leg.operator == operator and not line.leg.up:
            line.leg.up = True
            self._tell(OperatorLegAnswered(line.call, operator, line.leg.channel))
            asyncio.get_running_loop().call_later(self.talk_s, self._operator_done, channel, operator)

    def _operator_done(self, channel: ChannelId, operator: OperatorId) -> None:
        line = self.lines.get(channel)
        if line is not None and line.leg is not None and line.leg.operator == operator and line.leg.up:
            self._leg_ends(line, 16)
            self._back(line, "ANSWER", 16)

    async def play(self, channel: ChannelId, playback: PlaybackId, sounds: Sequence[Sound]) -> Outcome:
        outcome = await super().play(channel, playback, sounds)
        if outcome is Outcome.DONE:
            words = tuple(sound.prompt for sound in sounds)
            self.played.setdefault(CallId(channel), []).append((self.now(), words))
        return outcome

    async def await_silence(self, channel: ChannelId) -> Outcome:
        outcome = await self._if_there(channel)
        if outcome is Outcome.DONE:
            line = self.lines[channel]
            line.in_stasis = False
            asyncio.get_running_loop().call_later(6.0, self._listens, channel)
        return outcome

    def _listens(self, channel: ChannelId) -> None:
        line = self.lines.get(channel)
        if line is not None:
            line.in_stasis = True
            self._tell(CallReturned(line.call, channel, "LISTENS", 0, "machine"))

    async def hang_up(self, channel: ChannelId, cause: int) -> Outcome:
        if channel in self.ringing:
            self._over(channel, cause)
            return Outcome.DONE
        return await super().hang_up(channel, cause)

    async def exists(self, channel: ChannelId) -> bool | None:
        await asyncio.sleep(0.001)
        return channel in self.ringing or channel in self.lines

    async def live(self) -> LivePbx | None:
        found = await super().live()
        assert found is not None
        rings = tuple(
            LiveChannel(channel, CallId(channel), None, False, False, "ramal-out", "", "")
            for channel in self.ringing
        )
        return LivePbx(found.started_at, (*found.channels, *rings))

    def restart(self) -> None:
        super().restart()
        self.ringing.clear()
