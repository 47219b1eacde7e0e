"""The objects Asterisk describes in replies and events, as frozen structs.

Only ids are required: a field this Asterisk does not send keeps its default, an unknown one is ignored.
Source: rest-api/api-docs/*.json of Asterisk 22.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class CallerID(Struct, frozen=True, gc=False):
    """A party's name and number as presented; empty where unknown. Never trusted: a caller chooses it."""

    name: str = ""
    number: str = ""


class Dialplan(Struct, frozen=True, gc=False):
    """Where a channel is (or, in Stasis, was) in the dialplan."""

    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


class Channel(Struct, frozen=True):
    """One leg. `state` is Down, Rsrvd, OffHook, Dialing, Ring, Ringing, Up, Busy, ...

    `channelvars` holds the variables named in ari.conf's `channelvars`; `protocol_id` is the SIP Call-ID.
    """

    id: str
    name: str = ""
    state: str = ""
    protocol_id: str = ""
    caller: CallerID = CallerID()
    connected: CallerID = CallerID()
    accountcode: str = ""
    dialplan: Dialplan = Dialplan()
    creationtime: str = ""
    language: str = ""
    channelvars: dict[str, str] = field(default_factory=dict)
    caller_rdnis: str = ""


class Bridge(Struct, frozen=True):
    """A mixing or holding bridge and the ids of the channels in it."""

    id: str
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: list[str] = field(default_factory=list)
    creationtime: str = ""


class Playback(Struct, frozen=True, gc=False):
    """A playback of one or more media; `target_uri` is `channel:<id>` or `bridge:<id>`."""

    id: str
    media_uri: str = ""
    next_media_uri: str = ""
    target_uri: str = ""
    language: str = ""
    state: str = ""


class LiveRecording(Struct, frozen=True, gc=False):
    """A recording in progress. A full disk also ends in state `done`: compare `duration` (seconds)."""

    name: str
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str = ""


class StoredRecording(Struct, frozen=True, gc=False):
    """A finished recording on the PBX's disk."""

    name: str
    format: str = ""


class Endpoint(Struct, frozen=True):
    """A phone or trunk; `state` is online, offline or unknown."""

    technology: str
    resource: str
    state: str = ""
    channel_ids: list[str] = field(default_factory=list)


class ContactInfo(Struct, frozen=True, gc=False):
    """A phone's registered address and whether it answers the PBX's OPTIONS."""

    uri: str = ""
    contact_status: str = ""
    aor: str = ""
    roundtrip_usec: str = ""


class Peer(Struct, frozen=True, gc=False):
    """State of a peer as the channel driver reports it."""

    peer_status: str = ""
    cause: str = ""
    address: str = ""
    port: str = ""
    time: str = ""


class DeviceState(Struct, frozen=True, gc=False):
    """State of a device: NOT_INUSE, INUSE, BUSY, UNAVAILABLE, RINGING, ONHOLD, ..."""

    name: str
    state: str = ""


class TextMessage(Struct, frozen=True):
    """A SIP MESSAGE (or other out-of-call text)."""

    sender: str = field(name="from", default="")
    to: str = ""
    body: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


class Application(Struct, frozen=True):
    """A Stasis application and what it is subscribed to."""

    name: str
    channel_ids: list[str] = field(default_factory=list)
    bridge_ids: list[str] = field(default_factory=list)
    endpoint_ids: list[str] = field(default_factory=list)
    device_names: list[str] = field(default_factory=list)
    events_allowed: list[dict[str, Any]] = field(default_factory=list)
    events_disallowed: list[dict[str, Any]] = field(default_factory=list)


class SystemInfo(Struct, frozen=True, gc=False):
    """Version and identity of the Asterisk asked."""

    version: str = ""
    entity_id: str = ""


class StatusInfo(Struct, frozen=True, gc=False):
    """When this Asterisk started and last reloaded, ISO 8601."""

    startup_time: str = ""
    last_reload_time: str = ""


class AsteriskInfo(Struct, frozen=True):
    """What `GET /asterisk/info` tells that a call centre needs."""

    system: SystemInfo = SystemInfo()
    status: StatusInfo = StatusInfo()


class Pong(Struct, frozen=True, gc=False):
    """The answer to a ping: what the time is on the PBX, ISO 8601."""

    timestamp: str = ""


class Module(Struct, frozen=True, gc=False):
    """A module of Asterisk; only `status == "Running"` is usable."""

    name: str
    status: str = ""
    description: str = ""


class Variable(Struct, frozen=True, gc=False):
    """The value of a channel, bridge or global variable."""

    value: str = ""


class ConfigTuple(Struct, frozen=True, gc=False):
    """One attribute of an object of the PBX's dynamic configuration (sorcery)."""

    attribute: str
    value: str = ""
