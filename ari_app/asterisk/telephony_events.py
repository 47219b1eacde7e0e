"""What ARI says, as telephone events: which call a channel belongs to, and whose phone it is.

A caller's channel is told from an operator's leg by its name: the channel of operator 1005's phone is
`PJSIP/1005-…`. Which call a leg belongs to stands in the variable RAMAL_CALL that it inherited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import structlog

from ari_app.asterisk.ari.events import (
    AnyEvent,
    ChannelCreated,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHold,
    ChannelStateChange,
    ChannelUnhold,
    ChannelUserevent,
    ContactStatusChange,
    PeerStatusChange,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisStart,
)
from ari_app.asterisk.ari.models import Channel
from ari_app.asterisk.presented import presented
from ari_app.asterisk.seats import Seats
from ari_app.model.ids import CallId, ChannelId, OperatorId, PlaybackId
from ari_app.model.telephony import (
    CallEntered,
    CallReferred,
    CallReturned,
    ChannelAnswered,
    ChannelDigit,
    ChannelEnded,
    EarReady,
    LegJoined,
    LegPulled,
    MessageEnded,
    OperatorDialled,
    OperatorHeld,
    OperatorLegAnswered,
    OperatorLegEnded,
    OperatorLegRinging,
    OutsideLeg,
    PhoneReachable,
    PlaybackEnded,
    TelephonyEvent,
)

log = structlog.get_logger()

CALL_EVENTS = (
    "StasisStart",
    "StasisEnd",
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
    "ContactStatusChange",
    "PeerStatusChange",
    "ChannelUserevent",
)
"""All we listen to; every other event would only cost time on both sides."""

_ENDPOINT = re.compile(r"^PJSIP/(.+)-[0-9a-f]{8}$")


class EventReader:
    """Reads the events of both applications; knows the operators, whose phones are told by name."""

    def __init__(self) -> None:
        self.operators: set[str] = set()
        self.seats = Seats()

    def read(self, item: AnyEvent) -> tuple[TelephonyEvent, ...]:  # noqa: PLR0911 - an arm each
        """What an event means to the calls; nothing for most."""
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
            case ChannelUserevent(eventname="RamalConfirmed", channel=channel) if channel is not None:
                operator, call = self.operator_of(channel.name), call_of(channel)
                if operator is None or call is None:
                    return ()
                return (OperatorLegAnswered(call, operator, ChannelId(channel.id), confirmed=True),)
            case ContactStatusChange() | PeerStatusChange():
                return self._phone(item.endpoint.resource, item)
            case _:
                return ()

    def operator_of(self, name: str) -> OperatorId | None:
        """Whose phone a channel is, from its name; None for callers and trunks."""
        phone = endpoint_of(name)
        return self.seats.operator_at(OperatorId(phone)) if phone in self.operators else None

    def _entered(  # noqa: PLR0911 - an arm each
        self, channel: Channel, args: Sequence[str]
    ) -> tuple[TelephonyEvent, ...]:
        call, id_ = call_of(channel), ChannelId(channel.id)
        match call, list(args):
            case (_, ["snoop", watch, *_]):
                return (EarReady(CallId(watch), id_),)
            case (None, _):
                log.warning("pbx.channel_without_call", channel=channel.id)
                return ()
            case (known, ["entered" | "internal" | "outgoing" as how, called, *_]):
                direction = "inbound" if how == "entered" else how
                by = endpoint_of(channel.name)
                number, name = presented(channel.caller.number), presented(channel.caller.name)
                who = self.operator_of(channel.name)
                return (
                    CallEntered(
                        known,
                        id_,
                        number,
                        name,
                        called,
                        direction,
                        endpoint=by,
                        operator=who,
                    ),
                )
            case (known, ["outbound", attempt, *verdict]):
                number, name = presented(channel.caller.number), presented(channel.caller.name)
                said, cause = (*verdict, "", "")[:2]
                return (CallEntered(known, id_, number, name, attempt, "outbound", said, cause),)
            case (known, ["pulled", *_]):
                return (LegPulled(known, id_),)
            case (known, ["leg", *_]):
                return (LegJoined(known, id_),)
            case (known, ["referred", *rest]):
                return (CallReferred(known, id_, rest[0] if rest else ""),)
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
        if operator is None and call == channel.id and channel.state == "Up":
            return (ChannelAnswered(ChannelId(channel.id)),)
        if call is None:
            return ()
        if operator is None and channel.state in {"Ringing", "Up"}:
            return (OutsideLeg(call, ChannelId(channel.id), channel.state == "Up"),)
        if operator is None:
            return ()
        if channel.state == "Ringing":
            return (OperatorLegRinging(call, operator, ChannelId(channel.id)),)
        if channel.state == "Up" and channel.channelvars.get("RAMAL_ASKS") != "1":  # else a key follows
            return (OperatorLegAnswered(call, operator, ChannelId(channel.id)),)
        return ()

    def _destroyed(self, channel: Channel, cause: int) -> tuple[TelephonyEvent, ...]:
        id_, operator = ChannelId(channel.id), self.operator_of(channel.name)
        ended = ChannelEnded(id_, cause, call=call_of(channel))
        if operator is None:
            return (ended,)
        return (ended, OperatorLegEnded(ended.call, operator, id_, cause))

    def _phone(self, name: str, item: ContactStatusChange | PeerStatusChange) -> tuple[TelephonyEvent, ...]:
        operator = self.seats.operator_at(OperatorId(name)) if name in self.operators else None
        if operator is None:
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
        return (PhoneReachable(operator, reachable),)


def endpoint_of(name: str) -> str:
    """The endpoint of a channel, from its name; empty for other kinds of channels."""
    match = _ENDPOINT.match(name)
    return match.group(1) if match else ""


def call_of(channel: Channel) -> CallId | None:
    """The call a channel belongs to; None: none of ours."""
    call = channel.channelvars.get("RAMAL_CALL", "")
    return CallId(call) if call else None
