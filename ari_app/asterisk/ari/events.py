"""Events of a Stasis application, decoded in one pass by their `type`.

`decode` never raises on what Asterisk sends: an event this module does not know, or a known one in an
unexpected shape, comes back as `UnknownEvent`, so that the stream goes on.
Source: rest-api/api-docs/events.json of Asterisk 22.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, field

from ari_app.asterisk.ari.models import (
    Bridge,
    Channel,
    ContactInfo,
    DeviceState,
    Endpoint,
    LiveRecording,
    Peer,
    Playback,
    TextMessage,
)


class Event(Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What every event carries; `timestamp` is ISO 8601 by the PBX's clock."""

    application: str = ""
    timestamp: str = ""
    asterisk_id: str = ""


class StasisStart(Event, frozen=True):
    """A channel entered the application, with the arguments of `Stasis(app,args...)`."""

    channel: Channel
    args: list[str] = field(default_factory=list)
    replace_channel: Channel | None = None


class StasisEnd(Event, frozen=True):
    """A channel left the application: hung up, moved, or continued in the dialplan."""

    channel: Channel


class ChannelCreated(Event, frozen=True):
    """A channel came into being."""

    channel: Channel


class ChannelDestroyed(Event, frozen=True):
    """A channel is gone; `cause` is Q.850 (16 normal, 17 busy, 19 no answer, 21 rejected, ...)."""

    channel: Channel
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None


class ChannelStateChange(Event, frozen=True):
    """A channel changed state: Ringing, Up, ..."""

    channel: Channel


class ChannelDtmfReceived(Event, frozen=True):
    """A digit was pressed, by RFC 4733 or SIP INFO alike."""

    channel: Channel
    digit: str
    duration_ms: int = 0


class ChannelHangupRequest(Event, frozen=True):
    """Someone asked for the channel to end; ChannelDestroyed follows."""

    channel: Channel
    cause: int | None = None
    soft: bool | None = None


class ChannelHold(Event, frozen=True):
    """The phone put the call on hold."""

    channel: Channel
    musicclass: str = ""


class ChannelUnhold(Event, frozen=True):
    """The phone took the call back from hold."""

    channel: Channel


class ChannelTalkingStarted(Event, frozen=True):
    """Speech began (needs TALK_DETECT on the channel)."""

    channel: Channel


class ChannelTalkingFinished(Event, frozen=True):
    """Speech ended after `duration` ms."""

    channel: Channel
    duration: int = 0


class ChannelToneDetected(Event, frozen=True):
    """A tone was heard (needs TONE_DETECT on the channel)."""

    channel: Channel


class ChannelConnectedLine(Event, frozen=True):
    """The name or number of the other party changed."""

    channel: Channel


class ChannelCallerId(Event, frozen=True):
    """The caller's presentation changed."""

    channel: Channel
    caller_presentation: int = 0
    caller_presentation_txt: str = ""


class ChannelVarset(Event, frozen=True):
    """A variable was set; usually filtered out, half of all events are these."""

    variable: str
    value: str = ""
    channel: Channel | None = None


class ChannelDialplan(Event, frozen=True):
    """A channel began a dialplan application; usually filtered out."""

    channel: Channel
    dialplan_app: str = ""
    dialplan_app_data: str = ""


class ChannelUserevent(Event, frozen=True):
    """An event of the application's own, from the dialplan's UserEvent or ARI."""

    eventname: str = ""
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: dict[str, Any] = field(default_factory=dict)


class ChannelEnteredBridge(Event, frozen=True):
    """A channel joined a bridge."""

    bridge: Bridge
    channel: Channel | None = None


class ChannelLeftBridge(Event, frozen=True):
    """A channel left a bridge."""

    bridge: Bridge
    channel: Channel


class BridgeCreated(Event, frozen=True):
    """A bridge came into being."""

    bridge: Bridge


class BridgeDestroyed(Event, frozen=True):
    """A bridge is gone."""

    bridge: Bridge


class BridgeMerged(Event, frozen=True):
    """The channels of `bridge_from` went over to `bridge`."""

    bridge: Bridge
    bridge_from: Bridge


class BridgeBlindTransfer(Event, frozen=True):
    """A phone sent its party to another extension."""

    channel: Channel
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None
    transferee: Channel | None = None
    replace_channel: Channel | None = None


class BridgeAttendedTransfer(Event, frozen=True):
    """A phone joined two of its calls."""

    transferer_first_leg: Channel
    transferer_second_leg: Channel
    result: str = ""
    destination_type: str = ""
    is_external: bool = False
    transferee: Channel | None = None
    transfer_target: Channel | None = None


class PlaybackStarted(Event, frozen=True):
    """A playback began."""

    playback: Playback


class PlaybackContinuing(Event, frozen=True):
    """A playback of several media went on to the next."""

    playback: Playback


class PlaybackFinished(Event, frozen=True):
    """A playback ended; `playback.state` is `done` or `failed`."""

    playback: Playback


class RecordingStarted(Event, frozen=True):
    """A recording began."""

    recording: LiveRecording


class RecordingFinished(Event, frozen=True):
    """A recording ended; also when the disk was full: compare its duration with what was expected."""

    recording: LiveRecording


class RecordingFailed(Event, frozen=True):
    """A recording could not be made; `recording.cause` tells why."""

    recording: LiveRecording


class Dial(Event, frozen=True):
    """Progress of a dial: `dialstatus` is empty, RINGING, PROGRESS, ANSWER, BUSY, NOANSWER, CANCEL, ..."""

    peer: Channel
    dialstatus: str = ""
    caller: Channel | None = None
    dialstring: str = ""
    forward: str = ""


class EndpointStateChange(Event, frozen=True):
    """A phone or trunk came online or went offline."""

    endpoint: Endpoint


class ContactStatusChange(Event, frozen=True):
    """A phone's registered address became reachable, unreachable or was removed."""

    endpoint: Endpoint
    contact_info: ContactInfo = ContactInfo()


class PeerStatusChange(Event, frozen=True):
    """State of a peer changed, as its channel driver tells it."""

    endpoint: Endpoint
    peer: Peer = Peer()


class DeviceStateChanged(Event, frozen=True):
    """A device's state changed."""

    device_state: DeviceState


class TextMessageReceived(Event, frozen=True):
    """A text message came for a subscribed endpoint."""

    message: TextMessage
    endpoint: Endpoint | None = None


class ApplicationReplaced(Event, frozen=True):
    """Another socket took this application's name: this one gets nothing any more."""


class ApplicationMoveFailed(Event, frozen=True):
    """A channel could not be moved to the application asked for."""

    channel: Channel
    destination: str = ""
    args: list[str] = field(default_factory=list)


class UnknownEvent(Struct, frozen=True):
    """An event with no struct here; `raw` is its JSON."""

    type: str
    raw: str


KnownEvent: TypeAlias = (
    StasisStart
    | StasisEnd
    | ChannelCreated
    | ChannelDestroyed
    | ChannelStateChange
    | ChannelDtmfReceived
    | ChannelHangupRequest
    | ChannelHold
    | ChannelUnhold
    | ChannelTalkingStarted
    | ChannelTalkingFinished
    | ChannelToneDetected
    | ChannelConnectedLine
    | ChannelCallerId
    | ChannelVarset
    | ChannelDialplan
    | ChannelUserevent
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeBlindTransfer
    | BridgeAttendedTransfer
    | PlaybackStarted
    | PlaybackContinuing
    | PlaybackFinished
    | RecordingStarted
    | RecordingFinished
    | RecordingFailed
    | Dial
    | EndpointStateChange
    | ContactStatusChange
    | PeerStatusChange
    | DeviceStateChanged
    | TextMessageReceived
    | ApplicationReplaced
    | ApplicationMoveFailed
)
AnyEvent: TypeAlias = KnownEvent | UnknownEvent


class _Head(Struct):
    type: str = ""


_decode_known = msgspec.json.Decoder(KnownEvent).decode
_decode_head = msgspec.json.Decoder(_Head).decode


def decode(raw: str) -> AnyEvent:
    """Turns one text frame into its event; about 3 µs for a StasisStart."""
    try:
        event: KnownEvent = _decode_known(raw)
    except msgspec.DecodeError:
        return UnknownEvent(type_of(raw), raw)
    return event


def type_of(raw: str) -> str:
    """The event's `type`; empty where the frame is not a JSON object or has none."""
    try:
        return _decode_head(raw).type
    except msgspec.DecodeError:
        return ""
