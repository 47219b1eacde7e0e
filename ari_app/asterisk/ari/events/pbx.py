"""Events about phones, devices, messages and the application itself."""

from __future__ import annotations

from msgspec import field

from ari_app.asterisk.ari.events.event import Event
from ari_app.asterisk.ari.models import Channel, ContactInfo, DeviceState, Endpoint, Peer, TextMessage


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
