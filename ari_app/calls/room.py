"""What is known of a talk in an ARI bridge: who is in it, who is consulted aside, who hears music."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import CallId, ChannelId, OfferId, OperatorId, QueueId

Kind = Literal["operator", "outside", "supervisor"]
Role = Literal["consult", "conference", "talk", "barge"]


class Party(msgspec.Struct):
    """One besides the caller; `away` is the operator while the caller is on hold."""

    channel: ChannelId
    kind: Kind
    who: str
    role: Role
    state: Literal["ringing", "talking", "consulting", "away"]
    asked_at: float
    offer: OfferId | None = None
    queue: QueueId = QueueId("")
    since: float | None = None
    """When the talk with this one began."""
    muted: bool = False
    place: str = ""
    """The state that a phone which is rung once more had before; see `rejoining`."""
    dropped: str = ""
    """Why we hung up ourselves."""

    def operator(self) -> OperatorId:
        return OperatorId(self.who)


class Room(msgspec.Struct):
    """Changed by the call's session alone, and stored with it."""

    call: CallId
    parties: list[Party] = []
    host: ChannelId | None = None
    """The channel of the operator whose talk this is; None: two others talk on."""
    held: bool = False
    music: bool = False
    side_music: bool = False
    tone: bool = False
    side_open: bool = False
    arrived: bool = False
    """Whether the caller is in the bridge."""
    count: int = 0
    """Legs rung so far: their ids are never used twice."""

    @property
    def main(self) -> str:
        """The bridge that the caller is in."""
        return f"talk~{self.call}"

    @property
    def side(self) -> str:
        """The bridge in which the operator consults."""
        return f"side~{self.call}"

    def party(self, channel: ChannelId) -> Party | None:
        return next((party for party in self.parties if party.channel == channel), None)

    def host_party(self) -> Party | None:
        return self.party(self.host) if self.host is not None else None

    def consulted(self) -> Party | None:
        """Who is rung or talked with aside; one at a time."""
        return next((party for party in self.parties if party.role == "consult"), None)

    def new_leg(self) -> ChannelId:
        self.count += 1
        return ChannelId(f"{self.call}.l{self.count}")
