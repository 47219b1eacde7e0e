"""The telephone as the calls use it, on one Asterisk: ARI events in, the operations of `ports.Telephony` out.

Two applications share the work. Callers enter `calls` and are seen there while they are in Stasis. `watch` is
subscribed to the endpoints of phones and of trunks that we dial out by, and tells of legs in the dialplan:
who rings, answers, ends. The end of callers who came in is found out without one, see `whereabouts`.
One application for both would get every event of a caller twice, digits included (seen on Asterisk 22.10).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from ari_app.asterisk.ami import AmiOperations
from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.events import (
    AnyEvent,
    ChannelDestroyed,
    ChannelStateChange,
    StasisEnd,
    StasisStart,
)
from ari_app.asterisk.ari.models import Channel
from ari_app.asterisk.ari.news import Connected, Disconnected, News, Replaced, Unauthorized
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.telephony_bridges import BridgeOperations
from ari_app.asterisk.telephony_channels import ChannelOperations, said
from ari_app.asterisk.telephony_events import EventReader, call_of, endpoint_of
from ari_app.asterisk.whereabouts import Whereabouts
from ari_app.model.ids import ChannelId, OperatorId
from ari_app.model.telephony import ChannelEnded, PbxConnected, PbxLost, TelephonyEvent
from ari_app.ports import LiveChannel, LivePbx, Outcome

log = structlog.get_logger()


CONFIRM = "ramal-confirm"
"""The dialplan's context in which a phone that answered is asked for a key: until then it only rings."""


class ReplacedError(Exception):
    """Another process is the application now; this one has to stop."""


class AriTelephony(ChannelOperations, BridgeOperations):
    """`ports.Telephony` over two connections; `listen` turns their streams into telephone events."""

    def __init__(
        self,
        calls: Connection[AnyEvent],
        watch: Connection[AnyEvent],
        ami: AmiOperations,
        *,
        sounds: str,
        trunks: Sequence[str],
        now: Callable[[], float],
    ) -> None:
        """`sounds` is the folder of prompts as Asterisk sees it; `trunks` are the endpoints to dial out by,
        the first where no other is asked for; `now` is the time of records.
        """
        super().__init__()
        self._now = now
        self._calls = calls
        self._watch = watch
        self._ami = ami
        self._app = calls.settings.app
        self._sounds = sounds
        self._trunk = next(iter(trunks), "carrier")
        self._trunks = frozenset({self._trunk, *trunks})
        self._reader = EventReader()
        self._whereabouts = Whereabouts(self.exists, self._caller_ended)
        self._on_event: Callable[[TelephonyEvent], None] = lambda _event: None
        self._seats = self._reader.seats
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
        self._on_event = on_event
        async with asyncio.TaskGroup() as group:
            replaced: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            for connection in (self._calls, self._watch):
                connection.deliver_to(partial(self._hear, connection, replaced))
                group.create_task(connection.run())
            raise ReplacedError(
                f"another application connected to the PBX as {await replaced} and serves its calls now; "
                "stop one of the two, or give RAMAL_APP another name"
            )

    def _hear(
        self,
        connection: Connection[AnyEvent],
        replaced: asyncio.Future[str],
        item: AnyEvent | News,
    ) -> None:
        if isinstance(item, Replaced):
            if not replaced.done():
                replaced.set_result(item.app)
            return
        try:
            for event in self._read(item, connection):
                self._on_event(event)
        except Exception:  # one event that we cannot bear must not end all calls
            log.exception("pbx.event_fault", kind=type(item).__name__)

    # -- events ----------------------------------------------------------------------------------------------

    def _read(self, item: AnyEvent | News, connection: Connection[AnyEvent]) -> tuple[TelephonyEvent, ...]:
        match item:
            case Connected(problems=problems):
                log.info("pbx.connected", app=connection.settings.app, problems=problems)
                self._up.add(connection)
                if connection is self._watch:
                    failed = {problem.partition(": ")[0] for problem in problems}
                    self._unwatched = {who for who in self._reader.operators if _phone_source(who) in failed}
                return (PbxConnected(),) if self.connected else ()
            case Disconnected(reason=reason):
                log.warning("pbx.lost", app=connection.settings.app, reason=reason)
                was_connected = self.connected
                self._up.discard(connection)
                self._whereabouts.clear()
                return (PbxLost(),) if was_connected else ()
            case Unauthorized(url=url, status=status):
                log.error("pbx.unauthorized", url=url, status=status, hint="wrong ARI user or password")
            case Replaced():
                pass  # seen before
            case _:
                self._follow(item)
                return self._reader.read(item)
        return ()

    def _follow(self, item: AnyEvent) -> None:
        """Keep in mind where callers are whose trunk is not subscribed."""
        match item:
            case StasisStart(channel=channel) if self._is_unseen(channel.name):
                self._whereabouts.here(ChannelId(channel.id), call_of(channel))
            case StasisEnd(channel=channel):
                self._whereabouts.left(ChannelId(channel.id))
            case ChannelStateChange(channel=channel):
                self._whereabouts.leg_lives(call_of(channel))
            case ChannelDestroyed(channel=channel):
                self._whereabouts.leg_ended(call_of(channel))
            case _:
                pass

    def _is_unseen(self, name: str) -> bool:
        """Whether no subscription tells of this channel outside Stasis."""
        endpoint = endpoint_of(name)
        return endpoint not in self._trunks and endpoint not in self._reader.operators

    def _caller_ended(self, channel: ChannelId, cause: int) -> None:
        self._on_event(ChannelEnded(channel, cause))

    # -- operations ------------------------------------------------------------------------------------------

    def _for(self, channel: str) -> Operations:
        return self._calls.shard(channel)

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
        info, pong, channels, bridges = await asyncio.gather(
            operations.asterisk.info(),
            operations.asterisk.ping(),
            operations.channels.list(),
            operations.bridges.list(),
        )
        if not (isinstance(info, ari.Ok) and isinstance(channels, ari.Ok) and isinstance(bridges, ari.Ok)):
            return None
        there = pong.value.timestamp if isinstance(pong, ari.Ok) else ""
        started = began(info.value.status.startup_time, there, self._now())
        self._find_callers(channels.value)
        names = tuple(bridge.id for bridge in bridges.value)
        return LivePbx(started, tuple(self._live(channel) for channel in channels.value), names)

    def _find_callers(self, channels: Sequence[Channel]) -> None:
        """Take in callers whom no event told of; where one did, it may be newer than this list."""
        legs = Counter(call_of(channel) for channel in channels)
        for channel in channels:
            id_, call = ChannelId(channel.id), call_of(channel)
            if call is None or not self._is_unseen(channel.name) or self._whereabouts.knows(id_):
                continue
            if self._in_stasis(channel):
                self._whereabouts.here(id_, call)
            else:
                self._whereabouts.away(id_, call, alone=legs[call] == 1)

    def _in_stasis(self, channel: Channel) -> bool:
        """In our application, that is: others may run on the same PBX."""
        dialplan = channel.dialplan
        return (
            dialplan.app_name == "Stasis" and dialplan.app_data.partition(",")[0] == self._calls.settings.app
        )

    def _live(self, channel: Channel) -> LiveChannel:
        return LiveChannel(
            channel=ChannelId(channel.id),
            call=call_of(channel),
            operator=self._reader.operator_of(channel.name),
            up=channel.state == "Up" and channel.dialplan.context != CONFIRM,
            in_stasis=self._in_stasis(channel),
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
        match await self._calls.shard(operator).endpoints.get(self._seats.phone_of(operator)):
            case ari.Ok(value=endpoint):
                return endpoint.state == "online"
            case ari.Gone():
                return False
            case _:
                return None

    def seat(self, operator: OperatorId, phone: OperatorId | None) -> None:
        self._seats.sit(operator, phone)

    def operator_at(self, phone: OperatorId) -> OperatorId | None:
        return self._seats.operator_at(phone)

    async def watch(self, operators: Sequence[OperatorId]) -> Outcome:
        """Subscribe to these operators' phones, now and on every later connect."""
        self._reader.operators.update(operators)
        results = [await self._watch.subscribe(_phone_source(operator)) for operator in operators]
        return next((said(result) for result in results if not isinstance(result, ari.Ok)), Outcome.DONE)

    def watch_later(self, operators: Sequence[OperatorId]) -> None:
        """The same before the first connect."""
        self._reader.operators.update(operators)
        self._watch.plan_subscriptions(*map(_phone_source, operators))


def _phone_source(operator: str) -> str:
    """The event source of an operator's phone."""
    return f"endpoint:PJSIP/{operator}"


def began(startup_time: str, there: str, here: float) -> float:
    """When the PBX was started, by our clock; `there` is what its own says now (empty: not known).

    Its clock need not be ours: one that is an hour ahead must not make it look younger than its calls.
    """
    started = _epoch(startup_time)
    return started + here - _epoch(there) if there else started


def _epoch(text: str) -> float:
    """Of a time as Asterisk writes it: `…+0000`, sometimes `…Z`."""
    return datetime.fromisoformat(text).timestamp()
