"""The telephone as the calls use it, on one Asterisk: ARI events in, the operations of `ports.Telephony` out.

A caller's channel is told from an operator's leg by its name: the channel of operator 1005's phone is
`PJSIP/1005-…`. Which call a leg belongs to stands in the variable RAMAL_CALL that it inherited.

Two applications share the work. Callers enter `calls` and are seen there while they are in Stasis. `watch` is
subscribed to the endpoints of trunks and phones and tells of legs in the dialplan: who rings, answers, ends.
One application for both would get every event of a caller twice, digits included (seen on Asterisk 22.10).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog

from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.events import (
    AnyEvent,
    ChannelCreated,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHold,
    ChannelStateChange,
    ChannelUnhold,
    ContactStatusChange,
    EndpointStateChange,
    PeerStatusChange,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisStart,
)
from ari_app.asterisk.ari.models import Channel
from ari_app.asterisk.ari.news import Connected, Disconnected, News, Replaced, Unauthorized
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.ari.operations.channels import HangupReason
from ari_app.model.commands import RecordMessage, Sound
from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId, PlaybackId
from ari_app.model.telephony import (
    CallEntered,
    CallReturned,
    ChannelDigit,
    ChannelEnded,
    MessageEnded,
    OperatorDialled,
    OperatorHeld,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    PbxConnected,
    PbxLost,
    PhoneReachable,
    PlaybackEnded,
    TelephonyEvent,
)
from ari_app.ports import LiveChannel, LivePbx, Outcome

log = structlog.get_logger()

CALL_EVENTS = (
    "StasisStart",
    "ChannelDtmfReceived",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
)
WATCH_EVENTS = (
    "ChannelCreated",
    "ChannelStateChange",
    "ChannelDestroyed",
    "ChannelHold",
    "ChannelUnhold",
    "EndpointStateChange",
    "ContactStatusChange",
    "PeerStatusChange",
)
"""All we listen to; every other event would only cost time on both sides."""

_ENDPOINT = re.compile(r"^PJSIP/(.+)-[0-9a-f]{8}$")
_HANGUP: dict[int, HangupReason] = {
    1: "unallocated", 16: "normal", 17: "busy", 21: "rejected", 34: "congestion", 41: "failure",
}  # fmt: skip


class ReplacedError(Exception):
    """Another process is the application now; this one has to stop."""


class AriTelephony:
    """`ports.Telephony` over two connections; `listen` turns their streams into telephone events."""

    def __init__(
        self,
        calls: Connection[AnyEvent],
        watch: Connection[AnyEvent],
        *,
        sounds: str,
        trunks: Sequence[str],
    ) -> None:
        """`sounds` is the folder of prompts as Asterisk sees it; `trunks` are endpoints callers come by."""
        self._calls = calls
        self._watch = watch
        self._sounds = sounds
        self._trunk = next(iter(trunks), "carrier")
        self._operators: set[str] = set()
        self._unwatched: set[str] = set()
        """Operators whose phones the PBX did not know when we connected; see `reachable`."""
        self._up: set[Connection[AnyEvent]] = set()
        watch.plan_subscriptions(*(f"endpoint:PJSIP/{trunk}" for trunk in trunks))

    @property
    def connected(self) -> bool:
        """Whether we see the PBX: both event streams flow."""
        return len(self._up) == 2

    async def listen(self, on_event: Callable[[TelephonyEvent], None]) -> None:
        """Keep both streams up and hand on their events until cancelled.

        Raises `ReplacedError` when another process took over our name: we must not touch its calls.
        """
        async with asyncio.TaskGroup() as group:
            for connection in (self._calls, self._watch):
                group.create_task(connection.run())
                group.create_task(self._pump(connection, on_event))

    async def _pump(
        self, connection: Connection[AnyEvent], on_event: Callable[[TelephonyEvent], None]
    ) -> None:
        async for item in connection:
            if isinstance(item, Replaced):
                raise ReplacedError(f"another process took the application name {item.app}")
            try:
                for event in self._read(item, connection):
                    on_event(event)
            except Exception:  # one event that we cannot bear must not end all calls
                log.exception("pbx.event_fault", kind=type(item).__name__)

    # -- events ----------------------------------------------------------------------------------------------

    def _read(  # noqa: C901, PLR0911 - an arm each
        self, item: AnyEvent | News, connection: Connection[AnyEvent]
    ) -> tuple[TelephonyEvent, ...]:
        match item:
            case StasisStart(channel=channel, args=args):
                return self._entered(channel, args)
            case ChannelDtmfReceived(channel=channel, digit=digit):
                return (ChannelDigit(ChannelId(channel.id), digit),)
            case PlaybackFinished(playback=playback):
                return (PlaybackEnded(PlaybackId(playback.id), playback.state == "failed"),)
            case ChannelCreated(channel=channel):
                return self._created(channel)
            case ChannelStateChange(channel=channel):
                return self._changed(channel)
            case ChannelDestroyed(channel=channel, cause=cause):
                return self._destroyed(channel, cause)
            case ChannelHold(channel=channel) | ChannelUnhold(channel=channel):
                operator, call = self.operator_of(channel.name), call_of(channel)
                held = isinstance(item, ChannelHold)
                return (OperatorHeld(call, operator, held),) if operator and call else ()
            case RecordingFinished(recording=recording):
                return (MessageEnded(recording.name, float(recording.duration or 0), failed=False),)
            case RecordingFailed(recording=recording):
                return (MessageEnded(recording.name, 0.0, failed=True),)
            case EndpointStateChange() | ContactStatusChange() | PeerStatusChange():
                return self._phone(item.endpoint.resource, item)
            case Connected(problems=problems):
                log.info("pbx.connected", app=connection.settings.app, problems=problems)
                self._up.add(connection)
                if connection is self._watch:
                    failed = {problem.partition(": ")[0] for problem in problems}
                    self._unwatched = {who for who in self._operators if _phone_source(who) in failed}
                return (PbxConnected(),) if self.connected else ()
            case Disconnected(reason=reason):
                log.warning("pbx.lost", app=connection.settings.app, reason=reason)
                was_connected = self.connected
                self._up.discard(connection)
                return (PbxLost(),) if was_connected else ()
            case Unauthorized(url=url, status=status):
                log.error("pbx.unauthorized", url=url, status=status, hint="wrong ARI user or password")
            case _:
                pass
        return ()

    def operator_of(self, name: str) -> OperatorId | None:
        """Whose phone a channel is, from its name; None for callers and trunks."""
        match = _ENDPOINT.match(name)
        return OperatorId(match.group(1)) if match and match.group(1) in self._operators else None

    def _entered(self, channel: Channel, args: Sequence[str]) -> tuple[TelephonyEvent, ...]:
        call, id_ = call_of(channel), ChannelId(channel.id)
        match call, list(args):
            case (None, _):
                log.warning("pbx.channel_without_call", channel=channel.id)
                return ()
            case (known, ["entered" | "internal" as how, called, *_]):
                direction = "inbound" if how == "entered" else "internal"
                caller = channel.caller
                return (CallEntered(known, id_, caller.number, caller.name, called, direction),)
            case (known, ["outbound", attempt, *_]):
                caller = channel.caller
                return (CallEntered(known, id_, caller.number, caller.name, attempt, "outbound"),)
            case (known, ["dialled", status, cause, target, *_]):
                return (CallReturned(known, id_, status, int(cause) if cause.isdigit() else 0, target),)
            case _:
                log.warning("pbx.unknown_entry", channel=channel.id, args=args)
                return ()

    def _created(self, channel: Channel) -> tuple[TelephonyEvent, ...]:
        """A phone taken up is in state Ring; one that we ring is Down. Codes (`*13`) are no calls."""
        operator = self.operator_of(channel.name)
        if operator is None or channel.state != "Ring" or channel.dialplan.exten.startswith("*"):
            return ()
        return (OperatorDialled(operator, ChannelId(channel.id)),)

    def _changed(self, channel: Channel) -> tuple[TelephonyEvent, ...]:
        operator, call = self.operator_of(channel.name), call_of(channel)
        if operator is None or call is None:
            return ()
        if channel.state == "Ringing":
            return (OperatorLegRinging(call, operator, ChannelId(channel.id)),)
        if channel.state == "Up":
            return (OperatorLegAnswered(call, operator, ChannelId(channel.id)),)
        return ()

    def _destroyed(self, channel: Channel, cause: int) -> tuple[TelephonyEvent, ...]:
        id_, operator = ChannelId(channel.id), self.operator_of(channel.name)
        ended = ChannelEnded(id_, cause)
        if operator is None:
            return (ended,)
        return (ended, OperatorLegEnded(call_of(channel), operator, id_, cause))

    def _phone(
        self, name: str, item: EndpointStateChange | ContactStatusChange | PeerStatusChange
    ) -> tuple[TelephonyEvent, ...]:
        if name not in self._operators:
            return ()
        match item:
            case PeerStatusChange(peer=peer):
                reachable = peer.peer_status == "Reachable"
            case ContactStatusChange(contact_info=contact) if contact.contact_status in {
                "Reachable",
                "NonQualified",
            }:
                reachable = True
            case _ if item.endpoint.state in {"online", "offline"}:
                reachable = item.endpoint.state == "online"
            case _:
                return ()
        return (PhoneReachable(OperatorId(name), reachable),)

    # -- operations ------------------------------------------------------------------------------------------

    def _for(self, channel: str) -> Operations:
        return self._calls.shard(channel)

    async def answer(self, channel: ChannelId) -> Outcome:
        return said(await self._for(channel).channels.answer(channel))

    async def play(self, channel: ChannelId, playback: PlaybackId, sounds: Sequence[Sound]) -> Outcome:
        media = [f"sound:{self._sounds}/{sound.language}/{sound.prompt}" for sound in sounds]
        return said(await self._for(channel).channels.play(channel, media, playback))

    async def play_message(self, channel: ChannelId, playback: PlaybackId, file: str) -> Outcome:
        return said(await self._for(channel).channels.play(channel, [f"recording:{file}"], playback))

    async def stop_playback(self, channel: ChannelId, playback: PlaybackId) -> Outcome:
        return said(await self._for(channel).playbacks.stop(playback))

    async def start_music(self, channel: ChannelId, music: str) -> Outcome:
        return said(await self._for(channel).channels.start_moh(channel, music))

    async def stop_music(self, channel: ChannelId) -> Outcome:
        return said(await self._for(channel).channels.stop_moh(channel))

    async def hang_up(self, channel: ChannelId, cause: int) -> Outcome:
        return said(await self._for(channel).channels.hangup(channel, _HANGUP.get(cause, "normal")))

    async def offer(
        self, channel: ChannelId, operator: OperatorId, *, ring_s: float, max_talk_s: float, record: bool
    ) -> Outcome:
        extension = f"{operator}*{int(ring_s)}*{'r' if record else 'n'}*{int(max_talk_s)}"
        return await self._continue(channel, "ramal-offer", extension)

    async def transfer(
        self, channel: ChannelId, target: str, *, ring_s: float, max_talk_s: float, outside: bool
    ) -> Outcome:
        extension = f"{'t' if outside else 'e'}*{target}*{int(ring_s)}*n*{int(max_talk_s)}"
        return await self._continue(channel, "ramal-transfer", extension)

    async def dial(
        self, channel: ChannelId, number: str, *, call: CallId, client: ClientId, shows: str, ring_s: float
    ) -> Outcome:
        dialled = await self._for(channel).legs.originate(
            channel,
            f"PJSIP/{number}@{self._trunk}",
            context="ramal-out",
            extension=channel,
            caller_id=shows,
            timeout_s=int(ring_s),
            variables={"__RAMAL_CALL": call, "__RAMAL_CLIENT": client},
        )
        return said(dialled)

    async def to_fallback(self, channel: ChannelId) -> Outcome:
        return await self._continue(channel, "ramal-fallback", "s")

    async def _continue(self, channel: ChannelId, context: str, extension: str) -> Outcome:
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

    async def exists(self, channel: ChannelId) -> bool | None:
        match await self._for(channel).channels.get(channel):
            case ari.Ok():
                return True
            case ari.Gone():
                return False
            case _:
                return None

    async def live(self) -> LivePbx | None:
        operations = self._calls.shard("")
        info, channels = await asyncio.gather(operations.asterisk.info(), operations.channels.list())
        if not isinstance(info, ari.Ok) or not isinstance(channels, ari.Ok):
            return None
        started = datetime.fromisoformat(_iso(info.value.status.startup_time)).timestamp()
        return LivePbx(started, tuple(self._live(channel) for channel in channels.value))

    def _live(self, channel: Channel) -> LiveChannel:
        return LiveChannel(
            channel=ChannelId(channel.id),
            call=call_of(channel),
            operator=self.operator_of(channel.name),
            up=channel.state == "Up",
            in_stasis=channel.dialplan.app_name == "Stasis",
            context=channel.dialplan.context,
            caller=channel.caller.number,
            called=channel.dialplan.exten,
        )

    async def reachable(self, operator: OperatorId) -> bool | None:
        """Whether the phone is there. A PBX that lost its phones refused to tell of them when we connected;
        once they are provisioned again, this takes the subscription up.
        """
        if operator in self._unwatched and await self.watch([operator]) is Outcome.DONE:
            self._unwatched.discard(operator)
        match await self._calls.shard(operator).endpoints.get(operator):
            case ari.Ok(value=endpoint):
                return endpoint.state == "online"
            case ari.Gone():
                return False
            case _:
                return None

    async def watch(self, operators: Sequence[OperatorId]) -> Outcome:
        """Subscribe to these operators' phones, now and on every later connect."""
        self._operators.update(operators)
        results = [await self._watch.subscribe(_phone_source(operator)) for operator in operators]
        return next((said(result) for result in results if not isinstance(result, ari.Ok)), Outcome.DONE)

    def watch_later(self, operators: Sequence[OperatorId]) -> None:
        """The same before the first connect."""
        self._operators.update(operators)
        self._watch.plan_subscriptions(*map(_phone_source, operators))


def _phone_source(operator: str) -> str:
    """The event source of an operator's phone."""
    return f"endpoint:PJSIP/{operator}"


def call_of(channel: Channel) -> CallId | None:
    """The call a channel belongs to; None: none of ours."""
    call = channel.channelvars.get("RAMAL_CALL", "")
    return CallId(call) if call else None


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


def _iso(text: str) -> str:
    """Asterisk writes `+0000`, which Python 3.11 reads, and sometimes `Z`."""
    return text.replace("Z", "+00:00")
