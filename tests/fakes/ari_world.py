"""An Asterisk of dictionaries: channels, bridges, playbacks and applications, and what ARI does to them.

What it answers was measured on Asterisk 22.10.1; `tests/contract` holds it to that. It plays no sound and
knows no dialplan but: a channel outside Stasis sits at `after`, with CONTRACT_STATUS telling how it came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Send = Callable[[Json], None]
NOW = "2026-01-01T00:00:00.000+0000"


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """An answer other than 2xx."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Leg:
    """One channel."""

    id: str
    name: str
    state: str = "Up"
    app: str | None = None
    context: str = "contract"
    exten: str = "in"
    caller: Json = field(default_factory=lambda: {"name": "Ana", "number": "11987654321"})
    variables: dict[str, str] = field(default_factory=dict)
    playing: list[str] = field(default_factory=list)

    def json(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": "",
            "caller": self.caller,
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": self.context,
                "exten": self.exten,
                "priority": 1,
                "app_name": "Stasis" if self.app else "Wait",
                "app_data": "",
            },
            "creationtime": NOW,
            "language": "en",
            "channelvars": {k: v for k, v in self.variables.items() if k.startswith("RAMAL_")},
        }


@dataclass
class Room:
    """One bridge."""

    id: str
    kind: str = "mixing"
    name: str = ""
    members: list[str] = field(default_factory=list)

    def json(self) -> Json:
        return {
            "id": self.id,
            "technology": "simple_bridge",
            "bridge_type": self.kind,
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": list(self.members),
            "creationtime": NOW,
        }


@dataclass
class App:
    """A Stasis application; its subscriptions and filter outlive its socket."""

    name: str
    send: Send | None = None
    endpoints: list[str] = field(default_factory=list)
    allowed: list[Json] = field(default_factory=list)
    dropped: list[Json] = field(default_factory=list)


class World:
    """All state of the fake, and the verbs that change it and tell the applications."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.rooms: dict[str, Room] = {}
        self.playbacks: dict[str, Json] = {}
        self.recordings: dict[str, Json] = {}
        self.stored: list[str] = []
        self.apps: dict[str, App] = {}
        self.endpoints: dict[str, Json] = {}
        self.config: dict[tuple[str, str], dict[str, str]] = {}
        self.devices: dict[str, str] = {}
        self.globals: dict[str, str] = {}
        self.requests: list[tuple[str, str, Json]] = []
        self.count = 0

    # Telling

    def tell(self, app_name: str | None, kind: str, **fields: Any) -> None:
        app = self.apps.get(app_name or "")
        if app is None or app.send is None:
            return
        allowed = {item["type"] for item in app.allowed}
        if (allowed and kind not in allowed) or kind in {item["type"] for item in app.dropped}:
            return
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        app.send({"type": kind, "application": app.name, "timestamp": stamp, **fields})

    # Channels

    def leg(self, channel_id: str) -> Leg:
        leg = self.legs.get(channel_id)
        if leg is None:
            raise Refusal(404, "Channel not found")
        return leg

    def in_stasis(self, channel_id: str) -> Leg:
        leg = self.leg(channel_id)
        if leg.app is None:
            raise Refusal(409, "Channel not in Stasis application")
        return leg

    def new_leg(self, channel_id: str, name: str = "", **fields: Any) -> Leg:
        if channel_id in self.legs:
            raise Refusal(409, "Channel with given unique ID already exists")
        self.count += 1
        leg = Leg(channel_id, name or f"Local/far@contract-{self.count:08x};1", **fields)
        self.legs[channel_id] = leg
        return leg

    def enter(self, leg: Leg, app_name: str, *args: str) -> None:
        """`Stasis(app,args)`: with no such application the dialplan goes on at once."""
        app = self.apps.get(app_name)
        if app is None or app.send is None:
            self.go_on(leg, "FAILED")
            return
        leg.app = app_name
        self.tell(app_name, "StasisStart", channel=leg.json(), args=list(args))

    def leave(self, leg: Leg) -> None:
        self.remove_from_rooms(leg)
        for playback_id in list(leg.playing):
            self.finish(playback_id)
        app, leg.app = leg.app, None
        self.tell(app, "StasisEnd", channel=leg.json())

    def go_on(self, leg: Leg, status: str, context: str = "contract", exten: str = "after") -> None:
        if leg.app is not None:
            self.leave(leg)
        leg.context, leg.exten = context, exten
        leg.variables |= {"STASISSTATUS": status, "CONTRACT_STATUS": status}

    def end(self, leg: Leg, cause: int, *, by_far: bool) -> None:
        """A channel ends; StasisEnd is the last an application hears of it."""
        if by_far or leg.app is not None:
            self.tell(leg.app, "ChannelHangupRequest", channel=leg.json(), cause=cause)
        if leg.app is not None:
            self.leave(leg)
        del self.legs[leg.id]
        resource = leg.name.rpartition("-")[0]
        for app in self.apps.values():
            if resource in app.endpoints:
                self.tell(app.name, "ChannelDestroyed", channel=leg.json(), cause=cause, cause_txt="")

    # Media

    def play(self, target: str, owner: str | None, media: str, playback_id: str) -> Json:
        first = media.split(",", maxsplit=1)[0]
        playback = {
            "id": playback_id,
            "media_uri": first,
            "target_uri": target,
            "language": "en",
            "state": "queued",
            "owner": owner,
        }
        self.playbacks[playback_id] = playback
        public = {k: v for k, v in playback.items() if k != "owner"}
        if "no-such" in first:
            self.finish(playback_id, "failed")
            return public
        playback["state"] = "playing"
        self.tell(owner, "PlaybackStarted", playback={**public, "state": "playing"})
        return public

    def finish(self, playback_id: str, state: str = "done") -> None:
        """A playback ends; `FakeAri` calls it for short sounds, a test for its own."""
        playback = self.playbacks.pop(playback_id, None)
        if playback is None:
            raise Refusal(404, "Playback not found")
        kind, target = playback["target_uri"].split(":", 1)
        if kind == "channel" and target in self.legs and playback_id in self.legs[target].playing:
            self.legs[target].playing.remove(playback_id)
        owner = playback.pop("owner")
        self.tell(owner, "PlaybackFinished", playback={**playback, "state": state})

    # Bridges

    def room(self, bridge_id: str) -> Room:
        room = self.rooms.get(bridge_id)
        if room is None:
            raise Refusal(404, "Bridge not found")
        return room

    def join(self, room: Room, leg: Leg) -> None:
        self.remove_from_rooms(leg)
        room.members.append(leg.id)
        self.tell(leg.app, "ChannelEnteredBridge", bridge=room.json(), channel=leg.json())

    def part(self, room: Room, leg: Leg) -> None:
        room.members.remove(leg.id)
        self.tell(leg.app, "ChannelLeftBridge", bridge=room.json(), channel=leg.json())

    def remove_from_rooms(self, leg: Leg) -> None:
        for room in self.rooms.values():
            if leg.id in room.members:
                self.part(room, leg)
